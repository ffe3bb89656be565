import { computed, effect } from "@preact/signals";

import { CommandFailed } from "../net/connection";
import { call, me, send, socketState } from "../session";
import { microphoneState } from "./microphone";
import { phoneState, type Softphone } from "./softphone";
import { tab } from "./tab";

/** After a call of this page has ended the server says so in a moment; a page that had none needs not wait. */
const MOMENT_MS = 700;
const AGAIN_MS = 3_000;

/** Asks for the audio of a call that goes on while this page, whose phone it is, has none: it was just opened. */
export function followCall(softphone: Softphone): void {
  const without = computed(() => {
    const talking = call.value?.phase === "connected" || call.value?.phase === "held";
    const able = socketState.value === "open" && phoneState.value === "registered";
    const heard = microphoneState.value === "ready";
    const mine = me.value?.phone === "web" && me.value.station?.tab === tab && call.value?.asked_by === "";
    return talking && able && heard && mine ? (call.value?.interaction_id ?? "") : "";
  });
  effect(() => {
    const interaction_id = without.value;
    if (interaction_id === "") return undefined;
    const ask = (): void => {
      timer = setTimeout(ask, AGAIN_MS);
      send({ cmd: "call.reattach", interaction_id, tab }).catch((error: unknown) => {
        if (!(error instanceof CommandFailed)) throw error; // it may be over, or be taken over: the next snapshot says so
      });
    };
    let timer = setTimeout(ask, softphone.calls === 0 ? 0 : MOMENT_MS);
    return () => clearTimeout(timer);
  });
}
