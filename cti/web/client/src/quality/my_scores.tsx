import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { ScoreView } from "../gen/messages";
import { localised } from "../i18n/language";
import { queueName } from "../ui/codes";
import { dayAndTime } from "../ui/format";
import { Icon } from "../ui/icons";
import { Empty, Failure, Skeleton } from "../ui/parts";
import { showToast } from "../ui/toasts";
import { acknowledge, scores } from "./net";
import { moveFocus } from "./results";
import { Review } from "./review";
import { ScoreCard, ScoreChip } from "./score_card";
import { q } from "./words";

/** An agent reads what was made of their conversations, listens to them, and says that it was read. */
export function MyScores(): JSX.Element {
  const found = useSignal<readonly ScoreView[] | null>(null);
  const next = useSignal<number | null>(null);
  const failed = useSignal(false);
  const chosen = useSignal<number | null>(null);
  const load = async (before?: number): Promise<void> => {
    failed.value = false;
    try {
      const page = await scores(before);
      found.value = before === undefined ? page.items : [...(found.value ?? []), ...page.items];
      next.value = page.next_before;
    } catch {
      failed.value = true;
    }
  };
  useEffect(() => void load(), []);
  const score = found.value?.find((each) => each.score_id === chosen.value);
  const put = (changed: ScoreView): void => {
    found.value = (found.value ?? []).map((each) => (each.score_id === changed.score_id ? changed : each));
  };
  return (
    <main class="quality" data-testid="scores-page">
      <aside class="card quality-list">
        <header class="panel-head">
          <h2>{q("mine.title")}</h2>
        </header>
        <div class="quality-results">
          {failed.value && <Failure text={q("mine.failed")} retry={() => void load()} />}
          {found.value === null && !failed.value && <Skeleton rows={6} />}
          {found.value?.length === 0 && <Empty icon="star" text={q("mine.none")} hint={q("mine.none_hint")} />}
          <ul class="rows results" onKeyDown={moveFocus}>
            {(found.value ?? []).map((each) => (
              <li key={each.score_id}>
                <Row score={each} chosen={each.score_id === chosen.value} onChoose={() => (chosen.value = each.score_id)} />
              </li>
            ))}
          </ul>
          {next.value !== null && (
            <button type="button" class="button small" onClick={() => void load(next.value ?? undefined)}>
              {q("search.more")}
            </button>
          )}
        </div>
      </aside>
      <section class="card quality-review">
        {score === undefined ? (
          <Empty icon="star" text={q("mine.choose")} />
        ) : (
          <Review key={score.interaction_id} interactionId={score.interaction_id}>
            {() => (
              <section class="quality-section">
                <ScoreCard score={score} />
                {score.acknowledged_at === null && <Acknowledge key={score.score_id} score={score} onDone={put} />}
              </section>
            )}
          </Review>
        )}
      </section>
    </main>
  );
}

function Row(props: { score: ScoreView; chosen: boolean; onChoose: () => void }): JSX.Element {
  const { score } = props;
  return (
    <button
      type="button"
      class="result"
      data-testid="my-score"
      data-score={score.score_id}
      aria-current={props.chosen}
      onClick={props.onChoose}
    >
      <span class="grow">
        <span class="row-line">
          <b class="grow ellipsis">{localised(score.card.label, score.card.code)}</b>
          {score.acknowledged_at === null && <span class="chip">{q("mine.new")}</span>}
          {score.percent !== null && <ScoreChip percent={score.percent} />}
        </span>
        <span class="meta num">
          {score.called_at !== null && q("mine.call", { at: dayAndTime(score.called_at) })} · {queueName(score.queue)} ·{" "}
          {score.scorer_name}
        </span>
      </span>
    </button>
  );
}

function Acknowledge({ score, onDone }: { score: ScoreView; onDone: (score: ScoreView) => void }): JSX.Element {
  const reply = useSignal("");
  const busy = useSignal(false);
  const send = async (): Promise<void> => {
    busy.value = true;
    try {
      onDone(await acknowledge(score.score_id, reply.value.trim()));
    } catch {
      showToast("error", q("mine.acknowledge_failed"));
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="score-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label class="field">
        <span>{q("mine.reply")}</span>
        <textarea
          rows={2}
          maxLength={2000}
          data-testid="reply"
          value={reply.value}
          onInput={(event) => (reply.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button strong" data-testid="acknowledge" disabled={busy.value}>
        <Icon name="check" /> {q("mine.acknowledge")}
      </button>
    </form>
  );
}
