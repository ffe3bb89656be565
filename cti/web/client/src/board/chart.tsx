import type { JSX } from "preact";

import type { IntervalView } from "../gen/messages";
import { t } from "../i18n/language";
import { now } from "../net/clock";
import { intervals } from "../session";
import { clockTime, percent } from "../ui/format";
import { Icon } from "../ui/icons";
import { lastQuarters } from "./figures";

const COUNT = 24;
const WIDTH = 340;
const HEIGHT = 132;
const LEFT = 22;
const BOTTOM = 16;
const TOP = 6;
const STEP = (WIDTH - LEFT) / COUNT;
const ROOM = HEIGHT - TOP - BOTTOM;

/** Six hours in quarters: answered and abandoned stacked on the offered calls, and the service level as a line. */
export function Chart(): JSX.Element {
  const quarter = Math.floor(now.value / 900) * 900;
  const shown = lastQuarters(Object.values(intervals.value), quarter, COUNT);
  const most = niceCeiling(Math.max(4, ...shown.map((each) => Math.max(each.offered, each.answered + each.abandoned))));
  const y = (count: number): number => TOP + ROOM * (1 - count / most);
  return (
    <section class="card chart" data-testid="chart">
      <h2>
        <Icon name="board" /> {t("chart.title")}
        <span class="legend">
          <span class="key answered">{t("chart.answered")}</span>
          <span class="key abandoned">{t("chart.abandoned")}</span>
          <span class="key level">{t("chart.level")}</span>
        </span>
      </h2>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("chart.title")}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line class="grid" x1={LEFT} x2={WIDTH} y1={y(most * share)} y2={y(most * share)} />
            <text class="axis" x={LEFT - 4} y={y(most * share) + 3} text-anchor="end">
              {most * share}
            </text>
          </g>
        ))}
        {shown.map((each, index) => (
          <Bar key={each.start} each={each} x={LEFT + index * STEP} y={y} />
        ))}
        <polyline class="level" points={levelPoints(shown)} />
        {shown.map((each, index) =>
          each.start % 3600 === 0 && index < COUNT - 2 ? (
            <text key={each.start} class="axis" x={LEFT + index * STEP} y={HEIGHT - 3}>
              {clockTime(each.start)}
            </text>
          ) : null,
        )}
      </svg>
    </section>
  );
}

function Bar({ each, x, y }: { each: IntervalView; x: number; y: (count: number) => number }): JSX.Element {
  const level = decided(each) === 0 ? "–" : percent(each.within_target / decided(each));
  const label = `${clockTime(each.start)}  ${t("chart.offered")} ${each.offered}, ${t("chart.answered")} ${each.answered}, ${t("chart.abandoned")} ${each.abandoned}, ${t("chart.level")} ${level}`;
  const top = y(each.answered + each.abandoned);
  const middle = y(each.answered);
  return (
    <g>
      <title>{label}</title>
      <rect class="hit" x={x} y={TOP} width={STEP} height={ROOM} />
      <rect class="offered" x={x + 1.5} y={y(each.offered)} width={STEP - 3} height={y(0) - y(each.offered)} />
      <rect class="answered" x={x + 1.5} y={middle} width={STEP - 3} height={y(0) - middle} />
      <rect class="abandoned" x={x + 1.5} y={top} width={STEP - 3} height={middle - top} />
    </g>
  );
}

/** Whoever still waits neither was answered in time nor was not. */
function decided(each: IntervalView): number {
  return each.answered + each.abandoned;
}

/** Quarters in which nothing was decided have no service level: the line goes over them. */
function levelPoints(shown: readonly IntervalView[]): string {
  return shown
    .map((each, index) => ({ each, x: LEFT + (index + 0.5) * STEP }))
    .filter(({ each }) => decided(each) > 0)
    .map(({ each, x }) => `${x.toFixed(1)},${(TOP + ROOM * (1 - each.within_target / decided(each))).toFixed(1)}`)
    .join(" ");
}

function niceCeiling(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 4, 6, 8, 10]) if (value <= step * magnitude) return step * magnitude;
  return value;
}
