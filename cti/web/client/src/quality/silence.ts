import type { SilenceView } from "../gen/messages";

/** So much of a silence is played at each end, so that no word is cut and the jump is heard as a short breath. */
export const KEPT_S = 0.3;

/** Where to go on from `at` when silence is skipped; null when somebody speaks, or the silence is over anyway. */
export function afterSilence(at: number, silences: readonly SilenceView[]): number | null {
  const here = silences.find((each) => each.begin_s + KEPT_S <= at && at < each.end_s - KEPT_S);
  return here === undefined ? null : here.end_s - KEPT_S;
}

/** How long the recording is when every silence is skipped. */
export function withoutSilence(duration_s: number, silences: readonly SilenceView[]): number {
  return silences.reduce((rest, each) => rest - Math.max(0, each.end_s - each.begin_s - 2 * KEPT_S), duration_s);
}
