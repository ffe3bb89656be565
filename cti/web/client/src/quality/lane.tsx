import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { SilenceView } from "../gen/messages";
import { theme } from "../ui/theme";
import type { Side } from "./playback";

const FULL = 1000;

export interface LaneProps {
  side: Side;
  peaks: readonly number[];
  silences: readonly SilenceView[];
  duration_s: number;
  muted: boolean;
}

/** One side of the conversation: a bar for each bucket, as loud as it was, in the colour that the stylesheet gives. */
export function Lane({ side, peaks, silences, duration_s, muted }: LaneProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chosenTheme = theme.value;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const draw = (): void => drawPeaks(element, peaks, silences, duration_s);
    const resized = new ResizeObserver(draw);
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", draw);
    };
  }, [peaks, silences, duration_s, chosenTheme, muted]);
  return <canvas ref={canvas} class={`lane ${side}${muted ? " muted" : ""}`} data-testid="lane" data-side={side} />;
}

function drawPeaks(
  canvas: HTMLCanvasElement,
  peaks: readonly number[],
  silences: readonly SilenceView[],
  duration_s: number,
): void {
  const scale = devicePixelRatio;
  const width = Math.max(1, Math.round(canvas.clientWidth * scale));
  const height = Math.max(1, Math.round(canvas.clientHeight * scale));
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const style = getComputedStyle(canvas);
  pen.fillStyle = style.outlineColor;
  for (const each of silences) {
    const begin = (each.begin_s / duration_s) * width;
    pen.fillRect(begin, 0, (each.end_s / duration_s) * width - begin, height);
  }
  pen.fillStyle = style.color;
  const step = width / Math.max(1, peaks.length);
  peaks.forEach((peak, at) => {
    // Voices on the telephone are far below full scale: the square root lets them be seen.
    const bar = Math.max(scale, Math.sqrt(peak / FULL) * height);
    pen.fillRect(at * step, (height - bar) / 2, Math.max(step * 0.8, scale * 0.5), bar);
  });
}
