import type { JSX } from "preact";

import type { QuestionView, ScoreView } from "../gen/messages";
import { language, localised } from "../i18n/language";
import { dayAndTime } from "../ui/format";
import { q } from "./words";

/** 86.7 -> "86.7 %", by the user's locale. */
export function percentText(value: number): string {
  const words = new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 1 });
  return words.format(value / 100);
}

export function answerText(question: QuestionView, value: number | null | undefined): string {
  if (value === undefined) return "–";
  if (value === null) return q("score.skip");
  if (question.kind === "yes_no") return q(value === 1 ? "score.yes" : "score.no");
  return `${value} / ${question.most}`;
}

export const toneOfScore = (percent: number): string =>
  percent >= 80 ? "tone-ready" : percent >= 60 ? "tone-offered" : "tone-alarm";

export function ScoreChip({ percent }: { percent: number }): JSX.Element {
  return <span class={`score-chip num ${toneOfScore(percent)}`}>{percentText(percent)}</span>;
}

/** A finished score, to be read. */
export function ScoreCard({ score }: { score: ScoreView }): JSX.Element {
  const failed = score.card.questions.filter((question) => score.failed.includes(question.code));
  return (
    <article class="score-card" data-testid="score" data-score={score.score_id} data-percent={score.percent ?? ""}>
      <header class="row-line">
        {score.percent !== null && <ScoreChip percent={score.percent} />}
        <b class="grow">
          {localised(score.card.label, score.card.code)} · {score.agent_name}
        </b>
        <span class="meta">{q("score.by", { scorer: score.scorer_name, at: dayAndTime(score.saved_at) })}</span>
      </header>
      {failed.length > 0 && (
        <p class="failure small">
          {q("score.failed_by", { questions: failed.map((each) => localised(each.label, each.code)).join(", ") })}
        </p>
      )}
      <dl class="answers">
        {score.card.questions.map((question) => (
          <div key={question.code}>
            <dt>{localised(question.label, question.code)}</dt>
            <dd class="num">{answerText(question, score.answers[question.code])}</dd>
          </div>
        ))}
      </dl>
      {score.comment !== "" && <p class="score-comment">{score.comment}</p>}
      <p class="meta" data-testid="score-acknowledged" data-done={score.acknowledged_at !== null}>
        {score.acknowledged_at === null
          ? q("score.open")
          : q("score.acknowledged", { at: dayAndTime(score.acknowledged_at) })}
      </p>
      {score.reply !== "" && (
        <p class="score-reply" data-testid="score-reply">
          <b>{q("score.reply")}</b> {score.reply}
        </p>
      )}
    </article>
  );
}
