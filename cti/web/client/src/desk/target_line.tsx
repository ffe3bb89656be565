import type { JSX } from "preact";

import { localised, t, word } from "../i18n/language";
import { phoneNumber } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { toneOf } from "../ui/states";
import type { Target } from "./targets";

/** One line of the list: who or what it is, and whether anybody is there. */
export function TargetLine({ target }: { target: Target }): JSX.Element {
  switch (target.kind) {
    case "agent": {
      const { agent } = target;
      const { tone, icon } = toneOf(agent.state, agent.reason);
      const presence = agent.reachable ? word("state", agent.state) : t("target.no_phone");
      return (
        <Line tone={agent.reachable ? tone : "out"} icon={icon} name={agent.name} facts={`${presence} · ${agent.extension}`} />
      );
    }
    case "group":
      return (
        <Line
          tone={target.ready > 0 ? "ready" : "out"}
          icon="people"
          name={target.key}
          facts={t("target.group", { ready: target.ready, members: target.members })}
        />
      );
    case "queue": {
      const { queue } = target;
      return (
        <Line
          tone={queue.ready > 0 ? "ready" : "out"}
          icon="clock"
          name={localised(queue.label, queue.name)}
          facts={t("target.queue", { waiting: queue.waiting, ready: queue.ready })}
        />
      );
    }
    case "number":
      return <Line tone="out" icon="phone" name={phoneNumber(target.key)} facts={t("target.number")} />;
  }
}

function Line({ tone, icon, name, facts }: { tone: string; icon: IconName; name: string; facts: string }): JSX.Element {
  return (
    <>
      <span class={`dot tone-${tone}`}>
        <Icon name={icon} size={12} />
      </span>
      <span class="target-name">
        <span class="ellipsis">{name}</span>
        <span class="meta num ellipsis">{facts}</span>
      </span>
    </>
  );
}
