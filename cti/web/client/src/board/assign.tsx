import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { AgentView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { order, queueList, socketState } from "../session";
import { readSkills, writeSkills } from "./skills";

/** Which queues and skills an agent has: counts as soon as it is saved. */
export function Assign({ agent }: { agent: AgentView }): JSX.Element {
  const configured = [...agent.queues, ...agent.absent_from];
  const chosen = useSignal<readonly string[]>(configured);
  const skills = useSignal(writeSkills(agent.skills));
  const read = readSkills(skills.value);
  const otherSkills = read !== null && writeSkills(read) !== writeSkills(agent.skills);
  const changed = otherSkills || [...chosen.value].sort().join() !== [...configured].sort().join();
  const save = (event: Event): void => {
    event.preventDefault();
    if (read !== null) {
      void order({ cmd: "agent.assign", agent_id: agent.agent_id, queues: chosen.value, skills: read });
    }
  };
  return (
    <details class="panel-part" data-testid="assign">
      <summary>{t("assign.title")}</summary>
      <form class="assign" onSubmit={save}>
        <fieldset>
          <legend class="meta">{t("agent.queues")}</legend>
          {queueList.value.map((queue) => (
            <label key={queue.name}>
              <input
                type="checkbox"
                data-testid="assign-queue"
                data-queue={queue.name}
                checked={chosen.value.includes(queue.name)}
                onChange={(event) => {
                  const rest = chosen.value.filter((name) => name !== queue.name);
                  chosen.value = event.currentTarget.checked ? [...rest, queue.name] : rest;
                }}
              />{" "}
              {localised(queue.label, queue.name)}
              {agent.absent_from.includes(queue.name) && <span class="meta"> {t("assign.absent")}</span>}
            </label>
          ))}
        </fieldset>
        <label>
          <span class="meta">{t("assign.skills")}</span>
          <input
            data-testid="assign-skills"
            value={skills.value}
            placeholder="zh 5, en 3"
            aria-invalid={read === null}
            onInput={(event) => (skills.value = event.currentTarget.value)}
          />
        </label>
        {read === null && <p class="late" role="alert">{t("assign.wrong")}</p>}
        <button type="submit" class="button" data-testid="assign-save" disabled={read === null || !changed || socketState.value !== "open"}>
          {t("assign.save")}
        </button>
      </form>
    </details>
  );
}
