import { effect, signal, untracked } from "@preact/signals";
import type { JSX } from "preact";

import type { CallView } from "../gen/messages";
import { t } from "../i18n/language";
import { CommandFailed } from "../net/connection";
import { call, send } from "../session";
import { softphone } from "./control";
import { lineText } from "./line_text";
import { type Figures, figuresOf, LineReport, type Sample } from "./line_report";
import { verdict } from "./quality";
import { type Media, phoneState } from "./softphone";

const EVERY_MS = 2_000;

/** The last two seconds of the call, null between calls and while nothing is to come. */
const line = signal<Figures | null>(null);

const report = new LineReport((interaction_id, figures) => {
  send({ cmd: "phone.quality", interaction_id, ...figures }).catch((error: unknown) => {
    if (!(error instanceof CommandFailed)) throw error; // it is wrapped up already, or the link is away: a figure less
  });
});

/** Whether somebody is to be heard: nothing comes from a customer who is on hold, in a flow, or waits for a consultation. */
function audible(view: CallView | null): view is CallView {
  return view?.phase === "connected" && view.flow === "" && view.parties.every((party) => party.state !== "ringing");
}

function between(before: Media, now: Media, seconds: number): Sample {
  const lost = Math.max(0, now.lost - before.lost);
  const received = Math.max(0, now.received - before.received);
  return { lost, received, jitterS: now.jitterS, rttS: now.rttS, seconds };
}

effect(() => {
  if (phoneState.value !== "talking") return undefined;
  let before: { media: Media; at: number } | null = null;
  const judge = (media: Media | null): void => {
    const at = performance.now();
    const view = call.peek();
    if (media !== null && before !== null && audible(view)) {
      const sample = between(before.media, media, (at - before.at) / 1000);
      line.value = figuresOf([sample]);
      report.add(view.interaction_id, sample);
    } else {
      line.value = null;
    }
    before = media !== null && audible(view) ? { media, at } : null;
  };
  const measure = (): void => void softphone.media().then((media) => (phoneState.peek() === "talking" ? judge(media) : undefined));
  measure();
  const timer = setInterval(measure, EVERY_MS);
  return () => {
    clearInterval(timer);
    untracked(() => {
      line.value = null;
      report.end();
    });
  };
});

/** How well the two sides of the call hear each other, in a word and a number; all figures when one points at it. */
export function LineQuality(): JSX.Element | null {
  if (line.value === null) return null;
  const word = verdict(line.value.mos);
  const health = { good: "good", fair: "wait", bad: "bad" }[word];
  const title = `${t(`line.${word}_hint`)}\n${lineText(line.value)}`;
  return (
    <span class={`status-item ${health}`} data-testid="line-quality" data-verdict={word} title={title}>
      <span class={`status-dot ${health}`} aria-hidden="true" />
      {t(`line.${word}`)} <span class="num">{line.value.mos.toFixed(1)}</span>
    </span>
  );
}

/** The same with all its figures. */
export function LineFigures(): JSX.Element | null {
  if (line.value === null) return null;
  return (
    <p class="meta num" data-testid="line-figures">
      {t(`line.${verdict(line.value.mos)}`)}: {lineText(line.value)}
    </p>
  );
}
