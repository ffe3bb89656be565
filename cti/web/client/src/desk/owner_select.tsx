import type { JSX } from "preact";

import { t } from "../i18n/language";
import { agents, queueList, session } from "../session";
import { queueName } from "../ui/codes";

export interface Owner {
  readonly kind: "agent" | "queue" | "group";
  readonly key: string;
}

const text = (owner: Owner): string => `${owner.kind}:${owner.key}`;

function parse(value: string): Owner {
  const at = value.indexOf(":");
  return { kind: value.slice(0, at) as Owner["kind"], key: value.slice(at + 1) };
}

interface Props {
  owner: Owner;
  testId: string;
  label: string;
  onChoose: (owner: Owner) => void;
}

/** Me first, then colleagues, queues and, as far as one knows of them, groups. */
export function OwnerSelect({ owner, testId, label, onChoose }: Props): JSX.Element {
  const mine = session.value?.agent_id ?? "";
  const people = Object.values(agents.value).filter((agent) => agent.agent_id !== mine);
  people.sort((left, right) => left.name.localeCompare(right.name));
  const groups = [...new Set(people.flatMap((agent) => agent.groups))].sort();
  return (
    <select
      data-testid={testId}
      aria-label={label}
      value={text(owner.key === "" ? { kind: "agent", key: mine } : owner)}
      onChange={(event) => onChoose(parse(event.currentTarget.value))}
    >
      <option value={`agent:${mine}`}>{t("owner.me")}</option>
      <optgroup label={t("owner.agents")}>
        {people.map((agent) => (
          <option key={agent.agent_id} value={`agent:${agent.agent_id}`}>
            {agent.name}
          </option>
        ))}
      </optgroup>
      <optgroup label={t("owner.queues")}>
        {queueList.value.map((queue) => (
          <option key={queue.name} value={`queue:${queue.name}`}>
            {queueName(queue.name)}
          </option>
        ))}
      </optgroup>
      {groups.length > 0 && (
        <optgroup label={t("owner.groups")}>
          {groups.map((group) => (
            <option key={group} value={`group:${group}`}>
              {group}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}
