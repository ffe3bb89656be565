import { computed, effect, signal } from "@preact/signals";

import { openMicrophone } from "../phone/microphone";
import { softphone, takePhoneHere } from "../phone/control";
import { phoneTrouble } from "../phone/readiness";
import { phoneState } from "../phone/softphone";
import { t } from "../i18n/language";
import { call, me, order, socketState } from "../session";
import { showToast } from "../ui/toasts";
import { tried } from "./call_control";
import { finishForm } from "./form";

export type PrimaryAction = "sign-in" | "ready" | "answer" | "hang-up" | "finish";

export interface Primary {
  readonly action: PrimaryAction;
  readonly enabled: boolean;
}

/** The reason with which the agent is not ready after this call, as the server keeps it; "" for none. */
export const afterThisCall = computed(() => {
  const pending = me.value?.pending ?? "";
  return pending.startsWith("not_ready:") ? pending.slice("not_ready:".length) : "";
});

export async function notReady(reason: string): Promise<void> {
  await order({ cmd: "agent.not_ready", reason });
}

export async function stayReady(): Promise<void> {
  await order({ cmd: "agent.ready" });
}

/** The phone that the agent will sign in with. */
export const chosenPhone = signal<"web" | "desk">("web");

/** The ringing whose hard phone did not do as told: somebody has to lift the handset. */
const handset = signal<string | null>(null);
const ringing = computed(() => (call.value === null ? "" : `${call.value.interaction_id} ${call.value.offer_id}`));

const usesHardPhone = computed(() => me.value?.phone === "desk");

/** While the phone is being checked, which takes a moment, the agent need not wait to say it. */
const MAY_BE_READY: ReadonlySet<string | null> = new Set([null, "checking"]);
export const readyWhenChecked = signal(false);

effect(() => {
  if (!readyWhenChecked.value || phoneTrouble.value === "checking") return;
  readyWhenChecked.value = false;
  if (phoneTrouble.value === null && me.value?.state === "not_ready") void order({ cmd: "agent.ready" });
});

/** The one primary button. The call counts before the state: they arrive together, but the call is what one acts on. */
export const primary = computed<Primary>(() => {
  const online = socketState.value === "open";
  const mayAnswer = usesHardPhone.value ? online && handset.value !== ringing.value : phoneState.value !== "elsewhere";
  switch (call.value?.phase) {
    case "offered":
      return { action: "answer", enabled: mayAnswer };
    case "dialling":
    case "connected":
    case "held":
      return { action: "hang-up", enabled: online || phoneState.value === "talking" };
    case "wrap_up":
      return { action: "finish", enabled: online };
    case undefined:
      break;
  }
  switch (me.value?.state) {
    case "not_ready":
    case "wrap_up":
      return { action: "ready", enabled: online && MAY_BE_READY.has(phoneTrouble.value) };
    case "ready":
      return { action: "answer", enabled: phoneState.value === "ringing" };
    case "offered":
      return { action: "answer", enabled: mayAnswer };
    case "busy":
      return { action: "hang-up", enabled: phoneState.value === "talking" };
    default:
      return { action: "sign-in", enabled: online };
  }
});

export function doPrimary(): void {
  const { action, enabled } = primary.value;
  if (!enabled) return;
  switch (action) {
    case "sign-in":
      void signIn();
      break;
    case "ready":
      if (phoneTrouble.value === "checking") readyWhenChecked.value = true;
      else void order({ cmd: "agent.ready" });
      break;
    case "answer":
      void answer();
      break;
    case "hang-up":
      void hangUp();
      break;
    case "finish":
      void finishForm();
      break;
  }
}

/** The page's own phone answers by itself; a hard phone is told to, and if it does not, its handset is lifted. */
export async function answer(): Promise<void> {
  const current = call.value;
  if (!usesHardPhone.value || current === null) {
    softphone.answer();
    return;
  }
  const asked = ringing.value;
  const sentence = await tried({ cmd: "call.answer", interaction_id: current.interaction_id });
  if (sentence === "") return;
  const stillRings = ringing.value === asked && call.value?.phase === "offered";
  if (stillRings) handset.value = asked;
  showToast("error", stillRings ? t("call.lift_handset") : sentence);
}

async function signIn(): Promise<void> {
  if (chosenPhone.value === "web") void openMicrophone();
  // For the day when this tab is in the background and somebody calls; browsers ask only once.
  if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
  const done = await order({ cmd: "agent.sign_in", phone: chosenPhone.value });
  if (done && chosenPhone.value === "web") takePhoneHere();
}

/** The server hangs up, so that the caller goes on to the survey; without the server the phone itself does. */
export async function hangUp(): Promise<void> {
  const current = call.value;
  if (current === null || socketState.value !== "open") {
    softphone.hangUp();
    return;
  }
  const cmd = current.phase === "offered" ? "call.decline" : "call.hang_up";
  await order({ cmd, interaction_id: current.interaction_id });
}

export const inCall = computed(() => call.value?.phase === "connected" || call.value?.phase === "held");
