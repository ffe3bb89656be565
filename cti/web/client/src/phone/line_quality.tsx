import { effect, signal, untracked } from "@preact/signals";
import type { JSX } from "preact";

import { t } from "../i18n/language";
import { softphone } from "./control";
import { estimatedMos, verdict } from "./quality";
import { type Media, phoneState } from "./softphone";

const EVERY_MS = 2_000;

/** The estimated opinion of the last two seconds of the call, null between calls. */
const mos = signal<number | null>(null);

effect(() => {
  if (phoneState.value !== "talking") return undefined;
  let before: Media | null = null;
  const timer = setInterval(() => void softphone.media().then(judge), EVERY_MS);
  const judge = (now: Media | null): void => {
    if (now !== null && before !== null) {
      const lost = Math.max(0, now.lost - before.lost);
      const all = lost + now.received - before.received;
      mos.value = estimatedMos({ loss: all > 0 ? lost / all : 1, jitterS: now.jitterS, rttS: now.rttS });
    }
    before = now;
  };
  return () => {
    clearInterval(timer);
    untracked(() => (mos.value = null));
  };
});

/** How well the two sides of the call hear each other, in a word and a number. */
export function LineQuality(): JSX.Element | null {
  if (mos.value === null) return null;
  const word = verdict(mos.value);
  const health = { good: "good", fair: "wait", bad: "bad" }[word];
  return (
    <span class={`status-item ${health}`} data-testid="line-quality" data-verdict={word} title={t(`line.${word}_hint`)}>
      <span class={`status-dot ${health}`} aria-hidden="true" />
      {t(`line.${word}`)} <span class="num">{mos.value.toFixed(1)}</span>
    </span>
  );
}
