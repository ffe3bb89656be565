import { estimatedMos } from "./quality";

/** Some seconds of a call's media path; packets that came, and that did not. `rttS` 0: not known yet. */
export interface Sample {
  readonly received: number;
  readonly lost: number;
  readonly jitterS: number;
  readonly rttS: number;
  readonly seconds: number;
}

/** As the server takes it (`phone.quality`): `loss` is a share of packets, `rtt_ms` 0 when it is not known. */
export interface Figures {
  readonly mos: number;
  readonly loss: number;
  readonly jitter_ms: number;
  readonly rtt_ms: number;
  readonly seconds: number;
}

const EVERY_S = 30;
const MOST_MS = 60_000;

/** Loss over all packets, the others as means over the time; null for no samples. */
export function figuresOf(samples: readonly Sample[]): Figures | null {
  const sum = (of: (sample: Sample) => number): number => samples.reduce((total, sample) => total + of(sample), 0);
  const seconds = sum((sample) => sample.seconds);
  if (seconds <= 0) return null;
  const lost = sum((sample) => sample.lost);
  const all = lost + sum((sample) => sample.received);
  const loss = all > 0 ? lost / all : 1;
  const jitterS = sum((sample) => sample.jitterS * sample.seconds) / seconds;
  const known = sum((sample) => (sample.rttS > 0 ? sample.seconds : 0));
  const rttS = known > 0 ? sum((sample) => sample.rttS * sample.seconds) / known : 0;
  const ms = (time: number): number => Math.min(MOST_MS, Math.max(0, 1000 * time));
  return { mos: estimatedMos({ loss, jitterS, rttS }), loss, jitter_ms: ms(jitterS), rtt_ms: ms(rttS), seconds };
}

/** Gathers what was measured of calls, and tells it every half minute, at the end, and when another call begins. */
export class LineReport {
  #interaction = "";
  #samples: Sample[] = [];

  constructor(private readonly tell: (interaction: string, figures: Figures) => void) {}

  add(interaction: string, sample: Sample): void {
    if (interaction !== this.#interaction) this.end();
    this.#interaction = interaction;
    this.#samples.push(sample);
    if (this.#samples.reduce((total, each) => total + each.seconds, 0) >= EVERY_S) this.end();
  }

  end(): void {
    const figures = figuresOf(this.#samples);
    this.#samples = [];
    if (figures !== null) this.tell(this.#interaction, figures);
  }
}
