import type { MinuteView } from "../gen/messages";

const MINUTE_S = 60;
const MINUTES = 60;

/** The last hour minute by minute, with nothing where the server has nothing. */
export function lastMinutes(minutes: readonly MinuteView[], nowAt: number): readonly MinuteView[] {
  const known = new Map(minutes.map((each) => [each.start, each]));
  const last = Math.floor(nowAt / MINUTE_S) * MINUTE_S;
  return Array.from({ length: MINUTES }, (_, place) => {
    const start = last - (MINUTES - 1 - place) * MINUTE_S;
    return known.get(start) ?? { start, waiting: {}, states: {} };
  });
}

/** In one queue, or in all ("") together. */
export function waitingIn(minute: MinuteView, queue: string): number {
  if (queue !== "") return minute.waiting[queue] ?? 0;
  return Object.values(minute.waiting).reduce((sum, count) => sum + count, 0);
}

export interface Band {
  readonly bottom: number;
  readonly top: number;
}

/** For each minute the counts of these states, one on top of the other. */
export function bands(minutes: readonly MinuteView[], states: readonly string[]): readonly (readonly Band[])[] {
  return minutes.map((minute) => {
    let bottom = 0;
    return states.map((state) => {
      const band = { bottom, top: bottom + (minute.states[state] ?? 0) };
      bottom = band.top;
      return band;
    });
  });
}

/** The end of an axis: the next number that its half is whole of. */
export function niceCeiling(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 4, 6, 8, 10]) if (value <= step * magnitude) return step * magnitude;
  return value;
}
