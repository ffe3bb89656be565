import { effect } from "@preact/signals";

import { call, send } from "../session";

/** When the last screen-pop was painted: this machine's clock, unix seconds. */
export let popAt: number | null = null;

let reported = "";

/** Tells the server when an offer's screen-pop was painted; called once. */
export function followPops(): void {
  effect(() => {
    const current = call.value;
    if (current?.phase !== "offered" || current.offer_id === reported) return;
    reported = current.offer_id;
    const { interaction_id, offer_id } = current;
    afterPaint(() => {
      popAt = Date.now() / 1000;
      send({ cmd: "pop.shown", interaction_id, offer_id, at: popAt }).catch(() => undefined);
    });
  });
}

/**
 * A frame's callbacks run just before it is painted, so a task that they queue runs just after it. A page that nobody
 * sees is not painted: it is as far as it will come.
 */
function afterPaint(act: () => void): void {
  if (document.visibilityState === "hidden") {
    act();
    return;
  }
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      act();
    };
    channel.port2.postMessage(null);
  });
}
