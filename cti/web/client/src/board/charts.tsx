import type { JSX } from "preact";

import type { IntervalView, MinuteView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { now } from "../net/clock";
import { intervals, minutes } from "../session";
import { clockTime, percent } from "../ui/format";
import { toneOf } from "../ui/states";
import { lastQuarters } from "./figures";
import { bands, lastMinutes, niceCeiling, waitingIn } from "./series";
import { showBehind } from "./side";

const COUNT = 24;
const WIDTH = 340;
const HEIGHT = 132;
const LEFT = 22;
const BOTTOM = 16;
const TOP = 6;
const STEP = (WIDTH - LEFT) / COUNT;
const ROOM = HEIGHT - TOP - BOTTOM;
const QUARTER_S = 900;

const height = (share: number): number => TOP + ROOM * (1 - share);

function Frame({ most, label, children }: { most: number; label: string; children: JSX.Element[] | JSX.Element }): JSX.Element {
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={label}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line class="grid" x1={LEFT} x2={WIDTH} y1={height(share)} y2={height(share)} />
          <text class="axis" x={LEFT - 4} y={height(share) + 3} text-anchor="end">
            {most * share}
          </text>
        </g>
      ))}
      {children}
    </svg>
  );
}

/** Six hours in quarters: answered and abandoned stacked on the offered calls, and the service level as a line. */
export function Quarters({ queue }: { queue: string }): JSX.Element {
  const quarter = Math.floor(now.value / QUARTER_S) * QUARTER_S;
  const shown = lastQuarters(Object.values(intervals.value), quarter, COUNT, queue);
  const most = niceCeiling(Math.max(4, ...shown.map((each) => Math.max(each.offered, each.answered + each.abandoned))));
  const y = (count: number): number => height(count / most);
  return (
    <>
      <Frame most={most} label={t("chart.title")}>
        <g>
          {shown.map((each, index) => (
            <Bar key={each.start} each={each} x={LEFT + index * STEP} y={y} />
          ))}
        </g>
        <polyline class="level" points={levelPoints(shown)} />
        <g>
          {shown.map((each, index) =>
            each.start % 3600 === 0 && index < COUNT - 2 ? (
              <text key={each.start} class="axis" x={LEFT + index * STEP} y={HEIGHT - 3}>
                {clockTime(each.start)}
              </text>
            ) : null,
          )}
        </g>
      </Frame>
      <p class="legend">
        <span class="key answered">{t("chart.answered")}</span>
        <span class="key abandoned">{t("chart.abandoned")}</span>
        <span class="key level">{t("chart.level")}</span>
      </p>
    </>
  );
}

function Bar({ each, x, y }: { each: IntervalView; x: number; y: (count: number) => number }): JSX.Element {
  const decided = each.answered + each.abandoned;
  const level = decided === 0 ? "–" : percent(each.within_target / decided);
  const { offered, answered, abandoned } = each;
  const label = t("chart.bar", { time: clockTime(each.start), offered, answered, abandoned, level });
  const open = (): void => showBehind({ what: "offered", queue: each.queue, since: each.start, until: each.start + QUARTER_S });
  const top = y(each.answered + each.abandoned);
  const middle = y(each.answered);
  return (
    <g
      class="bar"
      role="button"
      tabIndex={each.offered > 0 ? 0 : -1}
      aria-label={label}
      data-testid="bar"
      data-start={each.start}
      data-offered={each.offered}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open();
      }}
    >
      <title>{label}</title>
      <rect class="hit" x={x} y={TOP} width={STEP} height={ROOM} />
      <rect class="offered" x={x + 1.5} y={y(each.offered)} width={STEP - 3} height={y(0) - y(each.offered)} />
      <rect class="answered" x={x + 1.5} y={middle} width={STEP - 3} height={y(0) - middle} />
      <rect class="abandoned" x={x + 1.5} y={top} width={STEP - 3} height={middle - top} />
    </g>
  );
}

/** Quarters in which nothing was decided have no service level: the line goes over them. */
function levelPoints(shown: readonly IntervalView[]): string {
  return shown
    .map((each, index) => ({ each, x: LEFT + (index + 0.5) * STEP, decided: each.answered + each.abandoned }))
    .filter(({ decided }) => decided > 0)
    .map(({ each, x, decided }) => `${x.toFixed(1)},${height(each.within_target / decided).toFixed(1)}`)
    .join(" ");
}

const minuteX = (place: number): number => LEFT + (place / 59) * (WIDTH - LEFT);

function MinuteAxis({ shown }: { shown: readonly MinuteView[] }): JSX.Element {
  return (
    <g>
      {shown.map((each, place) =>
        each.start % 900 === 0 && place < 54 ? (
          <text key={each.start} class="axis" x={minuteX(place)} y={HEIGHT - 3}>
            {clockTime(each.start)}
          </text>
        ) : null,
      )}
    </g>
  );
}

function MinuteHits({ shown, label }: { shown: readonly MinuteView[]; label: (each: MinuteView) => string }): JSX.Element {
  const width = (WIDTH - LEFT) / 59;
  return (
    <g>
      {shown.map((each, place) => (
        <rect key={each.start} class="hit" x={minuteX(place) - width / 2} y={TOP} width={width} height={ROOM}>
          <title>{label(each)}</title>
        </rect>
      ))}
    </g>
  );
}

/** The most who waited at once, in each minute of the last hour. */
export function Waiting({ queue }: { queue: string }): JSX.Element {
  const shown = lastMinutes(Object.values(minutes.value), now.value);
  const counts = shown.map((each) => waitingIn(each, queue));
  const most = niceCeiling(Math.max(4, ...counts));
  const points = counts.map((count, place) => `${minuteX(place).toFixed(1)},${height(count / most).toFixed(1)}`);
  return (
    <>
      <Frame most={most} label={t("chart.waiting")}>
        <polygon class="waiting-area" points={[`${LEFT},${height(0)}`, ...points, `${WIDTH},${height(0)}`].join(" ")} />
        <polyline class="waiting-line" points={points.join(" ")} />
        <MinuteAxis shown={shown} />
        <MinuteHits shown={shown} label={(each) => t("chart.minute_waiting", { time: clockTime(each.start), n: waitingIn(each, queue) })} />
      </Frame>
      <p class="legend">{Object.keys(minutes.value).length < 3 && t("chart.collecting")}</p>
    </>
  );
}

const STATES = ["busy", "offered", "wrap_up", "ready", "not_ready"] as const;

/** How many agents were in which state, in each minute of the last hour. */
export function States(): JSX.Element {
  const shown = lastMinutes(Object.values(minutes.value), now.value);
  const stacks = bands(shown, STATES);
  const most = niceCeiling(Math.max(4, ...stacks.map((stack) => Math.max(...stack.map((band) => band.top)))));
  const words = (each: MinuteView): string =>
    STATES.filter((state) => (each.states[state] ?? 0) > 0)
      .map((state) => `${word("state", state)} ${each.states[state] ?? 0}`)
      .join(", ");
  return (
    <>
      <Frame most={most} label={t("chart.states")}>
        <g>
          {STATES.map((state, level) => (
            <polygon
              key={state}
              class={`band tone-${toneOf(state, "").tone}`}
              points={[
                ...stacks.map((stack, place) => `${minuteX(place).toFixed(1)},${height((stack[level]?.top ?? 0) / most).toFixed(1)}`),
                ...stacks
                  .map((stack, place) => `${minuteX(place).toFixed(1)},${height((stack[level]?.bottom ?? 0) / most).toFixed(1)}`)
                  .reverse(),
              ].join(" ")}
            />
          ))}
        </g>
        <MinuteAxis shown={shown} />
        <MinuteHits shown={shown} label={(each) => t("chart.minute_states", { time: clockTime(each.start), states: words(each) })} />
      </Frame>
      <p class="legend">
        {STATES.map((state) => (
          <span key={state} class={`key band-key tone-${toneOf(state, "").tone}`}>
            {word("state", state)}
          </span>
        ))}
      </p>
    </>
  );
}
