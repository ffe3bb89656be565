/** What a call's media path did over a while: shares (0..1) of packets, and seconds. */
export interface Path {
  readonly loss: number;
  readonly jitterS: number;
  readonly rttS: number;
}

/** Packets of 20 ms, and as much again in the codec. */
const PACKETS_S = 0.04;
/** A jitter buffer holds about twice the jitter. */
const BUFFERED = 2;

/**
 * The mean opinion score (1 to 4.5) that a listener would give, estimated. R is the E-model of ITU-T G.107 as reduced for
 * G.711 by Cole and Rosenbluth ("Voice over IP performance monitoring", ACM CCR 31(2), 2001, section 5): 94.2 less what
 * delay and random loss impair; R to MOS is G.107, Annex B.
 */
export function estimatedMos({ loss, jitterS, rttS }: Path): number {
  const delayMs = 1000 * (rttS / 2 + BUFFERED * jitterS + PACKETS_S);
  const delay = 0.024 * delayMs + (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0);
  const lost = 30 * Math.log(1 + 15 * Math.min(1, Math.max(0, loss)));
  const r = 94.2 - delay - lost;
  if (r <= 0) return 1;
  return Math.min(4.5, Math.max(1, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r)));
}

/** From 4.0 people are satisfied, from 3.6 some are not, below that many are not (G.107, Annex B, table B.1). */
export function verdict(mos: number): "good" | "fair" | "bad" {
  if (mos >= 4) return "good";
  return mos >= 3.6 ? "fair" : "bad";
}
