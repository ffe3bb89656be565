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
    // The first frame callback runs before the frame with the pop is painted, the second one after it.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        popAt = Date.now() / 1000;
        send({ cmd: "pop.shown", interaction_id, offer_id, at: popAt }).catch(() => undefined);
      }),
    );
  });
}
