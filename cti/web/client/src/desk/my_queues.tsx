import type { JSX } from "preact";

import { t } from "../i18n/language";
import { me, order, socketState } from "../session";
import { queueName } from "../ui/codes";
import { Icon } from "../ui/icons";

/** The agent's own queues, each to be left for a while and joined again. */
export function MyQueues(): JSX.Element | null {
  const mine = me.value;
  const own = [...(mine?.queues ?? []), ...(mine?.absent_from ?? [])].sort();
  if (mine === null || own.length === 0) return null;
  return (
    <section class="my-queues" aria-label={t("agent.queues")} data-testid="my-queues">
      {own.map((queue) => {
        const present = mine.queues.includes(queue);
        return (
          <button
            key={queue}
            type="button"
            role="switch"
            class={`chip${present ? " present" : ""}`}
            data-testid="my-queue"
            data-queue={queue}
            aria-checked={present}
            title={t(present ? "queue.leave" : "queue.join", { queue: queueName(queue) })}
            disabled={socketState.value !== "open"}
            onClick={() => void order({ cmd: present ? "queue.leave" : "queue.join", queue })}
          >
            <Icon name={present ? "check" : "pause"} size={12} /> {queueName(queue)}
          </button>
        );
      })}
    </section>
  );
}
