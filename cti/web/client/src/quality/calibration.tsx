import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { CalibrationView, DifferenceView, ScoreView } from "../gen/messages";
import { localised } from "../i18n/language";
import { percent } from "../ui/format";
import { calibration } from "./net";
import { answerText, percentText } from "./score_card";
import { q } from "./words";

/** Where two have scored the same: their answers side by side. Nothing is shown before there are two. */
export function Calibration(props: { interactionId: string; scores: readonly ScoreView[] }): JSX.Element | null {
  const found = useSignal<readonly CalibrationView[]>([]);
  const finished = props.scores.filter((score) => score.finished_at !== null);
  const versions = finished.map((score) => `${score.score_id}:${score.saved_at}`).join(" ");
  useEffect(() => {
    if (finished.length < 2) return;
    calibration(props.interactionId).then(
      (answer) => (found.value = answer.items),
      () => (found.value = []),
    );
  }, [props.interactionId, versions]);
  if (found.value.length === 0) return null;
  return (
    <>
      {found.value.map((pair) => (
        <Pair key={`${pair.first.score_id} ${pair.second.score_id}`} pair={pair} />
      ))}
    </>
  );
}

function Pair({ pair }: { pair: CalibrationView }): JSX.Element {
  return (
    <section class="quality-section" data-testid="calibration" data-agreement={pair.agreement}>
      <h2>
        {q("calibration.title")}
        <span class="chip">{q("calibration.agreement", { share: percent(pair.agreement) })}</span>
      </h2>
      <table class="calibration">
        <thead>
          <tr>
            <th scope="col">{q("calibration.question")}</th>
            <Scorer score={pair.first} />
            <Scorer score={pair.second} />
            <th scope="col">{q("calibration.difference")}</th>
          </tr>
        </thead>
        <tbody>
          {pair.differences.map((one) => (
            <tr key={one.question.code} class={one.by === 0 ? "" : "differs"}>
              <th scope="row">{localised(one.question.label, one.question.code)}</th>
              <td class="num">{answerText(one.question, one.first)}</td>
              <td class="num">{answerText(one.question, one.second)}</td>
              <td class="num">{differenceText(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Scorer({ score }: { score: ScoreView }): JSX.Element {
  return (
    <th scope="col">
      {score.scorer_name} <span class="num">{score.percent === null ? "" : percentText(score.percent)}</span>
    </th>
  );
}

function differenceText(one: DifferenceView): string {
  if (one.by === null) return q("calibration.skipped");
  if (one.by === 0) return q("calibration.same");
  return one.by > 0 ? `+${one.by}` : `−${-one.by}`;
}
