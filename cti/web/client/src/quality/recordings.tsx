import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { FoundRecordingView, RecordingReview, ScorecardView, ScoreView } from "../gen/messages";
import { problemText } from "../i18n/problems";
import { RequestFailed } from "../net/rest";
import { duration } from "../ui/format";
import { Icon } from "../ui/icons";
import { Empty, Failure, Skeleton } from "../ui/parts";
import { Calibration } from "./calibration";
import { scorecards, searchRecordings } from "./net";
import { Results } from "./results";
import { Review } from "./review";
import { ScoreCard } from "./score_card";
import { Scoring } from "./score_form";
import { firstWish, queryOf, SearchForm } from "./search_form";
import { q } from "./words";

const PAGE = 50;

interface Found {
  readonly items: readonly FoundRecordingView[];
  readonly next: string | null;
  readonly count: number;
  readonly total_s: number;
}

/** A supervisor finds a recording on the left, and listens, comments and scores on the right. */
export function Recordings(): JSX.Element {
  const wish = useSignal(firstWish());
  const found = useSignal<Found | null>(null);
  const failed = useSignal("");
  const chosen = useSignal("");
  const cards = useSignal<readonly ScorecardView[] | null>(null);
  const asked = useRef(0);

  const search = async (before: Found | null): Promise<void> => {
    const ticket = ++asked.current;
    failed.value = "";
    if (before === null) found.value = null;
    try {
      const page = await searchRecordings({ ...queryOf(wish.value), cursor: before?.next ?? "", limit: PAGE });
      if (ticket !== asked.current) return; // an answer to an older question
      found.value = {
        items: [...(before?.items ?? []), ...page.items],
        next: page.next,
        count: page.count ?? before?.count ?? 0,
        total_s: page.total_s ?? before?.total_s ?? 0,
      };
    } catch (error) {
      if (ticket !== asked.current) return;
      const refused = error instanceof RequestFailed && error.status === 422;
      failed.value = refused ? problemText(error.problem) : q("search.failed");
    }
  };
  useEffect(() => {
    void search(null);
    scorecards().then(
      (answer) => (cards.value = answer.items),
      () => (cards.value = []),
    );
  }, []);

  return (
    <main class="quality" data-testid="recordings-page">
      <aside class="card quality-list">
        <SearchForm wish={wish} onSearch={() => void search(null)} />
        <div class="quality-results" aria-busy={found.value === null}>
          {failed.value !== "" && <Failure text={failed.value} retry={() => void search(null)} />}
          {found.value === null && failed.value === "" && <Skeleton rows={8} />}
          {found.value !== null && <List found={found.value} chosen={chosen.value} onChoose={(id) => (chosen.value = id)} />}
          {found.value !== null && found.value.next !== null && (
            <button type="button" class="button small" data-testid="more-results" onClick={() => void search(found.value)}>
              {q("search.more")}
            </button>
          )}
        </div>
      </aside>
      <section class="card quality-review">
        {chosen.value === "" ? (
          <Empty icon="ear" text={q("review.choose")} hint={q("review.choose_hint")} />
        ) : (
          <Review
            key={chosen.value}
            interactionId={chosen.value}
            onChange={(review) => found.value !== null && (found.value = brought(found.value, review))}
          >
            {(review, onScore) => <Judged review={review} cards={cards.value} onScore={onScore} />}
          </Review>
        )}
      </section>
    </main>
  );
}

function List({ found, ...rest }: { found: Found; chosen: string; onChoose: (id: string) => void }): JSX.Element {
  if (found.items.length === 0) return <Empty icon="search" text={q("search.none")} hint={q("search.none_hint")} />;
  return (
    <>
      <p class="meta num results-total" data-testid="results-total" role="status">
        {q("search.total", { count: found.count, total: duration(found.total_s) })}
      </p>
      <Results items={found.items} {...rest} />
    </>
  );
}

/** The list shows at once what was said and judged on the right. */
function brought(found: Found, review: RecordingReview): Found {
  const finished = review.scores.filter((score) => score.percent !== null);
  const sum = finished.reduce((total, score) => total + (score.percent ?? 0), 0);
  const items = found.items.map((item) =>
    item.interaction_id !== review.recording.interaction_id
      ? item
      : {
          ...item,
          comments: review.comments.length,
          score: finished.length === 0 ? null : sum / finished.length,
          unacknowledged: finished.filter((score) => score.acknowledged_at === null).length,
        },
  );
  return { ...found, items };
}

interface JudgedProps {
  review: RecordingReview;
  cards: readonly ScorecardView[] | null;
  onScore: (score: ScoreView) => void;
}

function Judged({ review, cards, onScore }: JudgedProps): JSX.Element {
  const finished = review.scores.filter((score) => score.finished_at !== null);
  return (
    <>
      <section class="quality-section" data-testid="scores">
        <h2>
          <Icon name="star" /> {q("score.title")} <span class="count num">{finished.length}</span>
        </h2>
        {finished.length === 0 && <p class="meta">{q("score.none")}</p>}
        {finished.map((score) => (
          <ScoreCard key={score.score_id} score={score} />
        ))}
      </section>
      <Calibration interactionId={review.recording.interaction_id} scores={review.scores} />
      <section class="quality-section">
        <h2>
          <Icon name="pen" /> {q("score.mine")}
        </h2>
        {cards === null ? <Skeleton rows={3} /> : <Scoring review={review} cards={cards} onSaved={onScore} />}
      </section>
    </>
  );
}
