import type { JSX } from "preact";

import type { WaitingView } from "../gen/messages";
import { t } from "../i18n/language";
import { now } from "../net/clock";
import { agents, queues, waiting } from "../session";
import { queueName } from "../ui/codes";
import { clockTime, phoneNumber, spoken } from "../ui/format";
import { Icon } from "../ui/icons";
import { Elapsed, Empty, Vip } from "../ui/parts";
import { CallerMenu } from "./caller_menu";
import { inOrder } from "./figures";
import { explained } from "./why";

export function WaitingList(): JSX.Element {
  const callers = inOrder(Object.values(waiting.value));
  return (
    <section class="card waiting-list" data-testid="waiting">
      <h2>
        <Icon name="clock" /> {t("board.waiting")} <span class="count num">{callers.length}</span>
      </h2>
      {callers.length === 0 && <Empty icon="check" text={t("board.nobody_waits")} />}
      <ol class="rows">
        {callers.map((caller, index) => (
          <WaitingRow key={caller.interaction_id} caller={caller} position={index + 1} />
        ))}
      </ol>
    </section>
  );
}

function WaitingRow({ caller, position }: { caller: WaitingView; position: number }): JSX.Element {
  const name = caller.customer_name || caller.caller_name;
  const target = queues.value[caller.queue]?.target_s ?? Infinity;
  const late = now.value - caller.queued_at > target;
  return (
    <li data-testid="waiting-row" data-interaction={caller.interaction_id}>
      <span class="position num">{caller.position ?? position}</span>
      <button
        type="button"
        class="grow row-open"
        data-testid="explain"
        title={t("explain.open", { name: name || phoneNumber(caller.number) })}
        onClick={() => (explained.value = caller.interaction_id)}
      >
        <div class="row-line">
          <b class="ellipsis">{name || phoneNumber(caller.number)}</b>
          <Vip level={caller.vip} />
          {caller.medium === "callback" && (
            <span class="chip" data-testid="callback">
              <Icon name="phone" size={12} /> {t("callback.badge")}
            </span>
          )}
          <span class="grow" />
          <b class={late ? "late" : ""}>
            <Elapsed since={caller.queued_at} />
          </b>
        </div>
        <p class="meta num">
          {name === "" ? "" : `${phoneNumber(caller.number)} · `}
          {queueName(caller.queue)} · {whyNotYet(caller)}
          {caller.wait_s !== null && ` · ${t("explain.estimate", { time: spoken(caller.wait_s) })}`}
        </p>
      </button>
      <CallerMenu caller={caller} />
    </li>
  );
}

/** The reason in words why nobody has this caller yet. */
function whyNotYet(caller: WaitingView): string {
  if (caller.offered_to !== "") {
    return t("why.ringing", { name: agents.value[caller.offered_to]?.name ?? caller.offered_to });
  }
  if (caller.not_before !== null) return t("callback.not_before", { time: clockTime(caller.not_before) });
  const queue = queues.value[caller.queue];
  if (queue === undefined || queue.ready > 0) return t("why.distributing");
  return queue.signed_in === 0 ? t("why.nobody") : t("why.none_ready", { signedIn: queue.signed_in });
}
