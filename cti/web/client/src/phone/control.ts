import { computed, effect, signal, untracked } from "@preact/signals";

import { problemText } from "../i18n/problems";
import { CommandFailed } from "../net/connection";
import { asked } from "../route";
import { call, isSupervisor, me, session, snapshots, supervision, system } from "../session";
import { showToast } from "../ui/toasts";
import { followDevices } from "./devices";
import { closeMicrophone, openMicrophone } from "./microphone";
import { followOwnership, type Ownership, seizePhone } from "./ownership";
import { followCall } from "./reattach";
import { followReadiness } from "./readiness";
import { phoneState, Softphone } from "./softphone";

/** When the supervisor asked to listen; the server's call to our own phone follows within seconds. */
const askedToSupervise = signal(0);
const SUPERVISION_WINDOW_MS = 15_000;

export const softphone = new Softphone({
  answerAtOnce: ({ autoAnswer }) => autoAnswer || supervises(),
  maybeSilent: () => supervises(),
});

function supervises(): boolean {
  return supervision.value !== null || Date.now() - askedToSupervise.value < SUPERVISION_WINDOW_MS;
}

/** Call before the command, while the click still counts as the user's wish to open the microphone. */
export async function prepareToSupervise(): Promise<void> {
  await openMicrophone();
  askedToSupervise.value = Date.now();
}

export function forgetSupervision(): void {
  askedToSupervise.value = 0;
}

/** An agent's web phone is on from sign-in to sign-out, a supervisor's always: listening rings it. Never on the wall. */
export const webPhoneWanted = computed(() => {
  if (session.value === null || session.value === undefined || asked.value === "wall") return false;
  const signedIn = me.value !== null && me.value.state !== "logged_out";
  if (signedIn) return me.value?.phone === "web";
  return isSupervisor.value;
});

let ownership: Ownership | null = null;
let startedAtSnapshot = 0;
let awayAtStart = "";

function startPhone(): void {
  startedAtSnapshot = snapshots.peek();
  awayAtStart = (system.peek()?.away ?? []).join();
  void softphone.start();
}

/** With fresh credentials: the server makes a new secret for each asking. */
export function restartPhone(): void {
  if (softphone.hasCall || ownership === null) return;
  softphone.stop();
  startPhone();
}

/** On purpose: the tab that has the phone loses it, and a call that it has comes here. */
export function takePhoneHere(): void {
  seizePhone().catch((error: unknown) => {
    if (!(error instanceof CommandFailed)) throw error;
    showToast("error", problemText(error.problem));
  });
}

/** Starts and stops the phone with the session; called once. */
export function followPhone(): void {
  followDevices();
  followReadiness(softphone);
  followCall(softphone);
  effect(() => {
    const wanted = webPhoneWanted.value;
    // A session that ran out must not cut a conversation: the phone goes off when the call is over.
    const inCall = phoneState.value === "talking";
    untracked(() => {
      if (wanted) turnOn();
      else if (!inCall) turnOff();
    });
  });
  effect(() => {
    // The offer is over without a ring: a wish to answer must not meet the next caller.
    if (call.value?.phase !== "offered") softphone.forgetWish();
  });
  effect(() => {
    // A daemon that was started again has new secrets. Without that, a refusal means that the account is used in
    // another browser: fetching a secret by itself would take the phone away from there, again and again.
    if (phoneState.value === "refused" && snapshots.value > startedAtSnapshot) untracked(restartPhone);
  });
  effect(() => {
    // One of several telephone systems went away, or is back: the server says with which one to register now.
    const away = (system.value?.away ?? []).join();
    if (phoneState.value === "unreachable" && away !== awayAtStart) untracked(restartPhone);
  });
  addEventListener("beforeunload", (event) => {
    if (softphone.hasCall) event.preventDefault(); // leaving the page would cut the audio
  });
}

function turnOn(): void {
  ownership ??= followOwnership({
    owned: () => {
      startPhone();
      if (!isSupervisor.value) void openMicrophone();
    },
    elsewhere: () => {
      softphone.stop("elsewhere");
      closeMicrophone();
    },
  });
}

function turnOff(): void {
  if (ownership === null) return;
  ownership.release();
  ownership = null;
  softphone.stop();
  closeMicrophone();
}
