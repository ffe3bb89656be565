import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Behind, BehindView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { get } from "../net/rest";
import { agents } from "../session";
import { dispositionText, queueName } from "../ui/codes";
import { clockTime, duration, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Empty, Failure, Skeleton } from "../ui/parts";
import { InteractionDetail } from "./interaction_detail";
import { Sheet } from "./sheet";
import type { Number_ } from "./side";

const PAGE = 50;

interface Found {
  readonly items: readonly BehindView[];
  readonly count: number;
  readonly next: string | null;
}

/** The calls behind a number: as many as it says, and each with all that is known of it. */
export function BehindPage({ number, onClose }: { number: Number_; onClose: () => void }): JSX.Element {
  const found = useSignal<Found | null>(null);
  const failed = useSignal(false);
  const chosen = useSignal("");
  const asked = useRef(0);
  const load = async (before: Found | null): Promise<void> => {
    const ticket = ++asked.current;
    failed.value = false;
    try {
      const page = await get<Behind>("/board/behind", { ...number, cursor: before?.next ?? undefined, limit: PAGE });
      if (ticket !== asked.current) return;
      found.value = { ...page, items: [...(before?.items ?? []), ...page.items] };
    } catch {
      failed.value = ticket === asked.current;
    }
  };
  useEffect(() => void load(null), []);
  return (
    <Sheet icon="search" title={titleOf(number)} testId="behind" onClose={onClose}>
      {chosen.value !== "" ? (
        <>
          <button type="button" class="button small" data-testid="behind-back" onClick={() => (chosen.value = "")}>
            {t("behind.back")}
          </button>
          <InteractionDetail interactionId={chosen.value} />
        </>
      ) : (
        <>
          {failed.value && <Failure text={t("behind.failed")} retry={() => void load(found.value)} />}
          {found.value === null && !failed.value && <Skeleton rows={8} />}
          {found.value !== null && <List found={found.value} onChoose={(id) => (chosen.value = id)} onMore={() => void load(found.value)} />}
        </>
      )}
    </Sheet>
  );
}

function titleOf(number: Number_): string {
  const agent = number.agent ?? "";
  const parts = [
    t(`behind.${number.what}`),
    ...(number.queue ? [queueName(number.queue)] : []),
    ...(agent === "" ? [] : [agents.value[agent]?.name ?? agent]),
    ...(number.since === undefined ? [] : [`${clockTime(number.since)}–${clockTime(number.until ?? number.since)}`]),
  ];
  return parts.join(" · ");
}

function List(props: { found: Found; onChoose: (id: string) => void; onMore: () => void }): JSX.Element {
  const { items, count, next } = props.found;
  if (count === 0) return <Empty icon="search" text={t("behind.none")} />;
  return (
    <>
      <p class="meta num" role="status" data-testid="behind-count" data-count={count}>
        {t("behind.count", { n: count })}
      </p>
      <ul class="rows">
        {items.map((item) => (
          <li key={`${item.interaction_id} ${item.at} ${item.queue}`} data-testid="behind-row" data-interaction={item.interaction_id}>
            <button type="button" class="row-open wide" onClick={() => props.onChoose(item.interaction_id)}>
              <Row item={item} />
            </button>
          </li>
        ))}
      </ul>
      {next !== null && (
        <button type="button" class="button small" data-testid="behind-more" onClick={props.onMore}>
          {t("behind.more")}
        </button>
      )}
    </>
  );
}

const WAITS: Readonly<Record<string, "behind.answered" | "behind.abandoned" | "behind.overflowed">> = {
  answered: "behind.answered",
  abandoned: "behind.abandoned",
  overflowed: "behind.overflowed",
};

function Row({ item }: { item: BehindView }): JSX.Element {
  const wait = WAITS[item.outcome];
  const talk = wait === undefined && item.agent_id !== "" && !["", "voicemail", "callback_requested", "failed"].includes(item.outcome);
  const how = wait !== undefined ? t(wait) : item.outcome === "" ? t("behind.waiting") : talk ? "" : word("outcome", item.outcome);
  const time = item.lasted_s === null ? "" : t(talk ? "behind.talked" : "behind.waited", { time: duration(item.lasted_s) });
  return (
    <>
      <span class="row-line">
        <span class="num">{clockTime(item.at)}</span>
        <b class="ellipsis grow">{item.customer_name || phoneNumber(item.customer_number)}</b>
        {item.has_recording && <Icon name="ear" size={12} />}
        <span class={`chip${item.outcome === "abandoned" ? " late" : ""}`}>{how || queueName(item.queue)}</span>
      </span>
      <span class="meta num ellipsis">
        {[queueName(item.queue), time, item.agent_name, dispositionText(item.disposition)].filter(Boolean).join(" · ")}
      </span>
    </>
  );
}
