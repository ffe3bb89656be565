import { signal } from "@preact/signals";

import type { SilenceView } from "../gen/messages";
import { afterSilence } from "./silence";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;
export type Side = "customer" | "ours";

/** What the user chose stays for the next recording. */
export const speed = signal<number>(1);
export const skipsSilence = signal(false);

/**
 * One recording being heard. The element plays; its two channels go through a gain each, and both are heard in both
 * ears, because headsets often have only one.
 *
 * The audio graph is made at the first play: before a click browsers do not let it run.
 */
export class Playback {
  readonly position = signal(0);
  readonly playing = signal(false);
  readonly broken = signal(false);
  readonly muted = signal<Readonly<Record<Side, boolean>>>({ customer: false, ours: false });
  silences: readonly SilenceView[] = [];

  private element: HTMLAudioElement | null = null;
  private context: AudioContext | null = null;
  private gains: Readonly<Record<Side, GainNode>> | null = null;

  /** Follows an element until the function that is returned is called. */
  follow(element: HTMLAudioElement): () => void {
    this.element = element;
    const heard = new AbortController();
    const on = (name: string, listen: () => void): void =>
      element.addEventListener(name, listen, { signal: heard.signal });
    on("play", () => this.started());
    on("pause", () => (this.playing.value = false));
    on("ended", () => (this.playing.value = false));
    on("timeupdate", () => this.tick());
    on("seeked", () => this.tick());
    on("error", () => (this.broken.value = true));
    return () => {
      heard.abort();
      element.pause();
      this.element = null;
      this.playing.value = false;
      void this.context?.close();
      this.context = null;
      this.gains = null;
    };
  }

  async toggle(): Promise<void> {
    const element = this.element;
    if (element === null) return;
    if (!element.paused) {
      element.pause();
      return;
    }
    this.broken.value = false;
    this.route(element);
    await this.context?.resume();
    this.setSpeed(speed.value);
    await element.play().catch(() => (this.broken.value = true));
  }

  seek(at: number): void {
    if (this.element === null) return;
    this.element.currentTime = Math.max(0, at);
    this.position.value = this.element.currentTime;
  }

  setSpeed(chosen: number): void {
    speed.value = chosen;
    if (this.element === null) return;
    this.element.defaultPlaybackRate = chosen;
    this.element.playbackRate = chosen;
  }

  mute(side: Side, muted: boolean): void {
    this.muted.value = { ...this.muted.value, [side]: muted };
    if (this.gains !== null) this.gains[side].gain.value = muted ? 0 : 1;
  }

  private started(): void {
    this.playing.value = true;
    const frame = (): void => {
      if (!this.playing.peek()) return;
      this.tick();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  private tick(): void {
    const element = this.element;
    if (element === null) return;
    const onward = skipsSilence.value && !element.paused ? afterSilence(element.currentTime, this.silences) : null;
    if (onward !== null && !element.seeking) element.currentTime = onward;
    this.position.value = element.currentTime;
  }

  private route(element: HTMLAudioElement): void {
    if (this.context !== null) return;
    const context = new AudioContext();
    const splitter = context.createChannelSplitter(2);
    context.createMediaElementSource(element).connect(splitter);
    const gain = (channel: number, side: Side): GainNode => {
      const node = new GainNode(context, { gain: this.muted.value[side] ? 0 : 1 });
      splitter.connect(node, channel);
      node.connect(context.destination);
      return node;
    };
    this.gains = { customer: gain(0, "customer"), ours: gain(1, "ours") };
    this.context = context;
  }
}
