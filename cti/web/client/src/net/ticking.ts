/** Calls `tick` about twice a second, also while the page is in the background. Returns what ends it. */
export function ticking(tick: () => void): () => void {
  try {
    const worker = new Worker(new URL("./ticker.ts", import.meta.url), { type: "module" });
    worker.onmessage = tick;
    return () => worker.terminate();
  } catch {
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }
}
