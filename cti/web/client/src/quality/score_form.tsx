import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { QuestionView, RecordingReview, ScorecardView, ScoreView } from "../gen/messages";
import { localised } from "../i18n/language";
import { problemText } from "../i18n/problems";
import { RequestFailed } from "../net/rest";
import { session } from "../session";
import { Empty } from "../ui/parts";
import { showToast } from "../ui/toasts";
import { saveScore } from "./net";
import { q } from "./words";

type Answers = Readonly<Record<string, number | null>>;

/** Those for the recording's queue first, then those for all, then the others. */
export function inOrderOfUse(cards: readonly ScorecardView[], queue: string): readonly ScorecardView[] {
  const rank = (card: ScorecardView): number => (card.queues.includes(queue) ? 0 : card.queues.length === 0 ? 1 : 2);
  return [...cards].sort((left, right) => rank(left) - rank(right));
}

export interface ScoringProps {
  review: RecordingReview;
  cards: readonly ScorecardView[];
  onSaved: (score: ScoreView) => void;
}

/** Chooses whom and by which card; the form below begins with what this scorer saved before. */
export function Scoring({ review, cards, onSaved }: ScoringProps): JSX.Element {
  const me = session.value?.agent_id ?? "";
  const others = review.agents.filter((agent) => agent.agent_id !== me);
  const ordered = inOrderOfUse(cards, review.recording.queue);
  const agentId = useSignal(others[0]?.agent_id ?? "");
  const code = useSignal(ordered[0]?.code ?? "");
  const card = ordered.find((each) => each.code === code.value);
  if (card === undefined) return <Empty icon="note" text={q("score.no_cards")} hint={q("score.no_cards_hint")} />;
  if (others.length === 0) return <p class="meta">{q("score.own")}</p>;
  const before = review.scores.find(
    (score) => score.scorer === me && score.agent_id === agentId.value && score.card.code === card.code,
  );
  return (
    <div class="scoring">
      <div class="scoring-choice">
        <label class="field grow">
          <span>{q("score.card")}</span>
          <select data-testid="score-card" value={code.value} onChange={(event) => (code.value = event.currentTarget.value)}>
            {ordered.map((each) => (
              <option key={each.code} value={each.code}>
                {localised(each.label, each.code)}
              </option>
            ))}
          </select>
        </label>
        {others.length > 1 && (
          <label class="field grow">
            <span>{q("score.agent")}</span>
            <select
              data-testid="score-agent"
              value={agentId.value}
              onChange={(event) => (agentId.value = event.currentTarget.value)}
            >
              {others.map((each) => (
                <option key={each.agent_id} value={each.agent_id}>
                  {each.name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {before !== undefined && before.acknowledged_at !== null ? (
        <p class="meta">{q("score.locked")}</p>
      ) : (
        <ScoreForm
          key={`${card.code} ${agentId.value}`}
          interactionId={review.recording.interaction_id}
          card={card}
          agentId={agentId.value}
          before={before}
          onSaved={onSaved}
        />
      )}
    </div>
  );
}

interface FormProps {
  interactionId: string;
  card: ScorecardView;
  agentId: string;
  before: ScoreView | undefined;
  onSaved: (score: ScoreView) => void;
}

function ScoreForm({ interactionId, card, agentId, before, onSaved }: FormProps): JSX.Element {
  const answers = useSignal<Answers>(known(card, before));
  const comment = useSignal(before?.comment ?? "");
  const wrong = useSignal("");
  const busy = useSignal(false);
  const done = Object.keys(answers.value).length;
  const all = card.questions.length;
  const save = async (finished: boolean): Promise<void> => {
    busy.value = true;
    wrong.value = "";
    try {
      const body = { scorecard: card.code, agent_id: agentId, answers: answers.value, comment: comment.value, finished };
      onSaved(await saveScore(interactionId, body));
      showToast("info", q(finished ? "score.saved" : "score.drafted"));
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      wrong.value = error.problem.field;
      showToast("error", `${q("score.failed")}: ${problemText(error.problem)}`);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="score-form"
      data-testid="score-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save(true);
      }}
    >
      {card.questions.map((question) => (
        <Question
          key={question.code}
          question={question}
          value={answers.value[question.code]}
          wrong={wrong.value === `answers.${question.code}`}
          onAnswer={(value) => (answers.value = { ...answers.value, [question.code]: value })}
        />
      ))}
      <label class="field">
        <span>{q("score.comment")}</span>
        <textarea
          rows={2}
          maxLength={2000}
          data-testid="score-comment"
          value={comment.value}
          onInput={(event) => (comment.value = event.currentTarget.value)}
        />
      </label>
      <div class="row-line">
        <span class="meta grow num">{q("score.answered", { done, all })}</span>
        {(before === undefined || before.finished_at === null) && (
          <button type="button" class="button" data-testid="score-draft" disabled={busy.value} onClick={() => void save(false)}>
            {q("score.draft")}
          </button>
        )}
        <button type="submit" class="button strong" data-testid="score-finish" disabled={busy.value || done < all}>
          {q("score.finish")}
        </button>
      </div>
    </form>
  );
}

/** Answers that were saved before, as far as the card still has the questions. */
function known(card: ScorecardView, before: ScoreView | undefined): Answers {
  const saved = before?.answers ?? {};
  return Object.fromEntries(
    card.questions.flatMap(({ code }) => {
      const value = saved[code];
      return value === undefined ? [] : [[code, value] as const];
    }),
  );
}

interface QuestionProps {
  question: QuestionView;
  value: number | null | undefined;
  wrong: boolean;
  onAnswer: (value: number | null) => void;
}

function Question({ question, value, wrong, onAnswer }: QuestionProps): JSX.Element {
  const points: readonly (number | null)[] = question.kind === "yes_no" ? [1, 0] : [0, 1, 2, 3, 4, 5];
  const choices = question.may_skip ? [...points, null] : points;
  const words = (choice: number | null): string => {
    if (choice === null) return q("score.skip");
    if (question.kind === "yes_no") return q(choice === 1 ? "score.yes" : "score.no");
    return String(choice);
  };
  return (
    <fieldset class={`question${wrong ? " wrong" : ""}`} data-testid="question" data-question={question.code}>
      <legend>
        {localised(question.label, question.code)}
        <span class="meta num"> · {q("score.weight", { weight: question.weight })}</span>
        {question.auto_fail && <span class="chip auto-fail">{q("score.auto_fail")}</span>}
      </legend>
      <div class="choices">
        {choices.map((choice) => (
          <label key={String(choice)} class="choice">
            <input
              type="radio"
              name={question.code}
              data-testid="answer"
              data-value={String(choice)}
              checked={value === choice}
              onChange={() => onAnswer(choice)}
            />
            <span>{words(choice)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
