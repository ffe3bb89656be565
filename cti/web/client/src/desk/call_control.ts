import { computed, effect, signal } from "@preact/signals";

import type { NewCommand } from "../gen/messages";
import { problemText } from "../i18n/problems";
import { CommandFailed } from "../net/connection";
import { softphone } from "../phone/control";
import { muted as mutedHere } from "../phone/softphone";
import { call, codes, me, order, send, socketState } from "../session";
import { showToast } from "../ui/toasts";
import { type Act, possible } from "./possible";

/** What lies over the call's facts; one at a time. */
export type Sheet = "transfer" | "consult" | "keypad" | "flows";

export const sheet = signal<Sheet | null>(null);

const NEEDED: Readonly<Record<Sheet, Act>> = { transfer: "transfer", consult: "consult", keypad: "digits", flows: "flow" };

export const may = computed<ReadonlySet<Act>>(() => {
  const signedIn = me.value !== null && me.value.state !== "logged_out";
  const flows = codes.value?.flows ?? [];
  const acts = [...possible(call.value)];
  return new Set(acts.filter((act) => (act !== "dial" || signedIn) && (act !== "flow" || flows.length > 0)));
});

/** Above 0 when the dial field shall have the focus. */
export const dialWanted = signal(0);

/** Nobody hears the agent, whoever saw to it: this page, or the server. */
export const unheard = computed(() => call.value?.muted === true || mutedHere.value);

/** The call that the commands are about, "" for none. */
const talkId = computed(() => call.value?.interaction_id ?? "");

/** A sheet that the call no longer allows goes; called once. */
export function followSheets(): void {
  effect(() => {
    void talkId.value;
    sheet.value = null;
  });
  effect(() => {
    if (sheet.value !== null && !may.value.has(NEEDED[sheet.value])) sheet.value = null;
  });
}

/** "" when it was done, else the sentence to show beside what was typed. */
export async function tried(command: NewCommand): Promise<string> {
  try {
    await send(command);
    return "";
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return problemText(error.problem);
  }
}

const underWay = signal<ReadonlySet<Act>>(new Set());

/** The orders that name nothing but the call; a second click while the first is under way does nothing. */
const PLAIN = {
  hold: "call.hold",
  resume: "call.resume",
  swap: "call.swap",
  complete: "call.complete",
  cancel: "call.cancel_consult",
  conference: "call.conference",
  leave: "call.leave",
  fetch: "call.from_flow",
  "pause-recording": "recording.pause",
  "resume-recording": "recording.resume",
  "start-recording": "recording.start",
} as const;

function isPlain(act: Act): act is keyof typeof PLAIN {
  return act in PLAIN;
}

const SHEETS: Partial<Record<Act, Sheet>> = { transfer: "transfer", consult: "consult", digits: "keypad", flow: "flows" };

/** Does it, or opens what leads to it. Nothing that is not possible now. */
export function perform(act: Act): void {
  if (!may.value.has(act)) return;
  const opened = SHEETS[act];
  if (opened !== undefined) sheet.value = sheet.value === opened ? null : opened;
  else if (isPlain(act)) void once(act, PLAIN[act]);
  else if (act === "mute") void toggleMute();
  else if (act === "dial") dialWanted.value += 1;
}

async function once(act: Act, cmd: (typeof PLAIN)[keyof typeof PLAIN]): Promise<void> {
  const current = call.value;
  if (current === null || underWay.value.has(act)) return;
  underWay.value = new Set([...underWay.value, act]);
  await order({ cmd, interaction_id: current.interaction_id });
  underWay.value = new Set([...underWay.value].filter((each) => each !== act));
}

export function dropParty(partyId: string): void {
  void order({ cmd: "call.drop", interaction_id: talkId.value, party_id: partyId });
}

/**
 * In the page's own phone at once, so that not one more word gets out; and at the server, which remembers it when the
 * page is loaded again and mutes hard phones. A refusal counts only when the agent is heard, or not, against their wish.
 */
async function toggleMute(): Promise<void> {
  const on = !unheard.value;
  const before = mutedHere.value;
  muteHere(on);
  if (socketState.value !== "open") return;
  const sentence = await tried({ cmd: "call.mute", interaction_id: talkId.value, on });
  if (sentence === "" || unheard.value === on) return;
  muteHere(before);
  showToast("error", sentence);
}

function muteHere(on: boolean): void {
  if (mutedHere.value !== on) softphone.toggleMute();
}

export async function sendDigits(digits: string): Promise<string> {
  return await tried({ cmd: "call.digits", interaction_id: talkId.value, digits });
}
