import { computed, effect, signal, untracked } from "@preact/signals";

import type { GateStep } from "../gen/messages";
import { call, me, send, socketState } from "../session";
import { CommandFailed } from "../net/connection";
import { deviceChanges } from "./devices";
import { microphoneState } from "./microphone";
import { type Softphone, phoneState } from "./softphone";
import { tab } from "./tab";

/** What stands between this page and its next call, in the order in which things have to be mended. */
export type Trouble = "socket" | "microphone" | "elsewhere" | "registration" | "sound" | "no_answer" | "not_heard" | "checking";

const fine: ReadonlySet<string> = new Set(["ready", "asking", "off"]);

const works = computed(() => me.value !== null && me.value.phone === "web" && me.value.state !== "logged_out");
const mine = computed(() => me.value?.station === null || me.value?.station?.tab === tab);

/** Why no call can come to this page, null when there is nothing in the way; during a call nothing is looked for. */
export const phoneTrouble = computed<Trouble | null>(() => {
  if (!works.value) return null;
  if (phoneState.value === "elsewhere" || !mine.value) return "elsewhere";
  if (!fine.has(microphoneState.value)) return "microphone";
  if (phoneState.value === "refused" || phoneState.value === "unreachable") return "registration";
  const station = me.value?.station ?? null;
  if (station === null || station.gate === "passed") return null;
  if (phoneState.value === "talking" || phoneState.value === "ringing") return null;
  if (station.gate === "failed" && station.step !== "") return station.step;
  return "checking";
});

const AGAIN_MS = 10_000;
/** For a failure whose cause is gone already; the server may hear of a registration a moment after us. */
const SOON_MS = 400;
const mended: ReadonlySet<string> = new Set(["microphone", "registration"]);
const REPLY_MS = 9_000;
const attempt = signal(0);
let running = false;

/** Have the phone checked anew: somebody pressed the button, or a device is another one. */
export function checkAgain(): void {
  attempt.value += 1;
}

/**
 * Has the phone checked whenever all is there that it needs and the server does not know that it works: at sign-in,
 * after another registration, after another device. Never during a call.
 */
export function followReadiness(softphone: Softphone): void {
  const idle = computed(() => call.value === null || call.value.phase === "wrap_up");
  const able = computed(
    () => works.value && mine.value && idle.value && socketState.value === "open" && me.value?.station !== null,
  );
  const gate = computed(() => me.value?.station?.gate ?? "unchecked");
  let lastAttempt = 0;
  effect(() => {
    void deviceChanges.value;
    untracked(() => {
      if (gate.value !== "unchecked") checkAgain();
    });
  });
  effect(() => {
    if (!able.value) return undefined;
    if (!fine.has(microphoneState.value)) {
      if (me.value?.station?.step !== "microphone") report("microphone");
      return undefined;
    }
    const asked = attempt.value !== lastAttempt;
    if (microphoneState.value !== "ready" || phoneState.value !== "registered") return undefined;
    if ((gate.value === "passed" || gate.value === "checking") && !asked) return undefined;
    if (gate.value === "unchecked" || asked) {
      lastAttempt = attempt.value;
      untracked(() => void check(softphone));
    }
    const step = me.value?.station?.step ?? "";
    const timer = setTimeout(checkAgain, mended.has(step) ? SOON_MS : AGAIN_MS);
    return () => clearTimeout(timer);
  });
}

async function check(softphone: Softphone): Promise<void> {
  if (running) return;
  running = true;
  try {
    const heard = softphone.nextCheck(REPLY_MS);
    await send({ cmd: "phone.check", tab });
    const step = await heard;
    await send({ cmd: "phone.checked", tab, step });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    console.warn("the phone could not be checked:", error.problem.code, error.problem.state);
  } finally {
    running = false;
  }
}

function report(step: GateStep): void {
  send({ cmd: "phone.checked", tab, step }).catch(() => undefined); // the server is away, and says so itself
}
