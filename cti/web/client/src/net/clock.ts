import { signal } from "@preact/signals";

const SAMPLES = 32;

/**
 * Measures how far this machine's clock is ahead of the server's, from messages that carry the server's send time.
 *
 * local - sent = offset + time on the way, and time on the way is never negative: the smallest recent sample is the best.
 */
export class ServerClock {
  #samples: number[] = [];

  /** `sentAt` and `receivedAt` in unix seconds, the first of the server's clock, the second of ours. */
  observe(sentAt: number, receivedAt: number): void {
    this.#samples.push(receivedAt - sentAt);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** After a reconnect the server may be another one. */
  reset(): void {
    this.#samples = [];
  }

  get offset(): number {
    return this.#samples.length === 0 ? 0 : Math.min(...this.#samples);
  }

  /** The server's time now, unix seconds. */
  now(localNow: number = Date.now() / 1000): number {
    return localNow - this.offset;
  }
}

export const clock = new ServerClock();

/** The server's time, whole seconds, for timers; changes once a second. */
export const now = signal(Math.floor(Date.now() / 1000));

export function startTicking(): () => void {
  const tick = (): void => {
    now.value = Math.floor(clock.now());
  };
  tick();
  const timer = setInterval(tick, 200);
  return () => clearInterval(timer);
}
