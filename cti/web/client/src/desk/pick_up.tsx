import { computed, effect, signal } from "@preact/signals";
import type { JSX } from "preact";

import type { WaitingView } from "../gen/messages";
import { t } from "../i18n/language";
import { agents, call, me, order, socketState, waiting } from "../session";
import { queueName } from "../ui/codes";
import { phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Elapsed, Vip } from "../ui/parts";
import { answer } from "./actions";

const MOST = 6;

/** Who waits in my queues, in the order in which they will be served. A supervisor without queues sees all. */
const mine = computed<readonly WaitingView[]>(() => {
  const own = new Set([...(me.value?.queues ?? []), ...(me.value?.absent_from ?? [])]);
  return Object.values(waiting.value)
    .filter((each) => own.size === 0 || own.has(each.queue))
    .sort((left, right) => right.priority - left.priority || left.queued_at - right.queued_at);
});

/** Whom I asked for, until they ring. */
const wanted = signal("");

// To pick somebody up is to answer: it takes no second click.
effect(() => {
  if (wanted.value === "" || call.value?.phase !== "offered") return;
  const theirs = call.value.interaction_id === wanted.value;
  wanted.value = "";
  if (theirs) void answer();
});

async function pickUp(interactionId: string): Promise<void> {
  wanted.value = interactionId;
  const done = await order({ cmd: "call.pick_up", interaction_id: interactionId });
  if (!done && wanted.value === interactionId) wanted.value = "";
}

export function PickUpList(): JSX.Element {
  const all = mine.value;
  return (
    <section class="card pick-up" data-testid="pick-up-list">
      <h2>
        <Icon name="clock" /> {t("waiting.title")} <span class="count num">{all.length}</span>
      </h2>
      {all.length === 0 && <p class="meta">{t("waiting.none")}</p>}
      <ul class="rows">
        {all.slice(0, MOST).map((each) => (
          <Row key={each.interaction_id} caller={each} />
        ))}
      </ul>
      {all.length > MOST && <p class="meta">{t("waiting.more", { n: all.length - MOST })}</p>}
    </section>
  );
}

function Row({ caller }: { caller: WaitingView }): JSX.Element {
  const rung = caller.offered_to;
  const able = me.value !== null && me.value.state !== "logged_out" && socketState.value === "open" && rung === "";
  const facts = rung === "" ? queueName(caller.queue) : t("waiting.ringing", { name: agents.value[rung]?.name ?? rung });
  return (
    <li class="row-line" data-testid="waiting-caller" data-interaction={caller.interaction_id} data-queue={caller.queue}>
      <span class="target-name">
        <span class="row-line">
          <b class="ellipsis num">{caller.customer_name || caller.caller_name || phoneNumber(caller.number) || t("call.hidden_number")}</b>
          <Vip level={caller.vip} />
        </span>
        <span class="meta ellipsis">
          {facts}
          {caller.medium === "callback" && ` · ${t("waiting.callback")}`}
        </span>
      </span>
      <span class="meta cell-timer">
        <Elapsed since={caller.queued_at} />
      </span>
      <button
        type="button"
        class="button small"
        data-testid="pick-up"
        disabled={!able}
        onClick={() => void pickUp(caller.interaction_id)}
      >
        {t("waiting.pick_up")}
      </button>
    </li>
  );
}
