import type { JSX } from "preact";

import type { FoundRecordingView } from "../gen/messages";
import { dispositionText, queueName } from "../ui/codes";
import { dayAndTime, duration, initials, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Avatar } from "../ui/parts";
import { ScoreChip } from "./score_card";
import { q } from "./words";

export interface ResultsProps {
  items: readonly FoundRecordingView[];
  chosen: string;
  onChoose: (interactionId: string) => void;
}

/** Arrow keys move between the rows, Enter opens one. */
export function Results({ items, chosen, onChoose }: ResultsProps): JSX.Element {
  return (
    <ul class="rows results" onKeyDown={moveFocus}>
      {items.map((item) => (
        <li key={item.interaction_id}>
          <button
            type="button"
            class="result"
            data-testid="result"
            data-interaction={item.interaction_id}
            aria-current={item.interaction_id === chosen}
            onClick={() => onChoose(item.interaction_id)}
          >
            <Row item={item} />
          </button>
        </li>
      ))}
    </ul>
  );
}

export function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  rows[rows.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  event.preventDefault();
}

function Row({ item }: { item: FoundRecordingView }): JSX.Element {
  const facts = [
    queueName(item.queue),
    item.agent_name,
    item.disposition === "" ? "" : dispositionText(item.disposition),
  ];
  return (
    <>
      <Avatar text={initials(item.customer_name)} size={32} />
      <span class="grow">
        <span class="row-line">
          <b class="grow ellipsis">{item.customer_name || phoneNumber(item.customer_number) || q("row.unknown")}</b>
          {item.score !== null && <ScoreChip percent={item.score} />}
          <span class="meta num">{duration(item.duration_s)}</span>
        </span>
        <span class="row-line">
          <span class="meta num grow ellipsis">{facts.filter((each) => each !== "").join(" · ")}</span>
          {item.comments > 0 && (
            <span class="meta num" title={q("row.comments", { count: item.comments })}>
              <Icon name="note" size={12} /> {item.comments}
            </span>
          )}
          {item.unacknowledged > 0 && (
            <span class="meta" title={q("row.unacknowledged")}>
              <Icon name="mail" size={12} />
            </span>
          )}
          <span class="meta num">{dayAndTime(item.started_at)}</span>
        </span>
      </span>
    </>
  );
}
