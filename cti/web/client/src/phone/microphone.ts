import { signal } from "@preact/signals";

export type MicrophoneState = "off" | "asking" | "ready" | "denied" | "missing" | "insecure" | "failed";

import { t } from "../i18n/language";
import { showToast } from "../ui/toasts";
import { deviceChanges, inUse, lookForDevices } from "./devices";

export const microphoneState = signal<MicrophoneState>("off");

const PROCESSING = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** What is open, for who shows how loud it is. */
export const microphone = signal<MediaStream | null>(null);

let open: MediaStream | null = null;

/**
 * Opens the microphone, or says in `microphoneState` why not. It stays open while the phone is in use, so that answering
 * does not wait for the device, and so that an unplugged headset is noticed before the next call.
 */
export async function openMicrophone(): Promise<boolean> {
  if (microphoneState.value === "ready" || microphoneState.value === "asking") return open !== null;
  if (navigator.mediaDevices === undefined) {
    microphoneState.value = "insecure"; // browsers give no microphone to plain http from another machine
    return false;
  }
  microphoneState.value = "asking";
  try {
    open = await getMicrophone();
  } catch (error) {
    microphoneState.value = reasonOf(error);
    return false;
  }
  open.getAudioTracks()[0]?.addEventListener("ended", onUnplugged);
  microphone.value = open;
  microphoneState.value = "ready";
  void lookForDevices(); // only now are they told by name
  return true;
}

/** The one that was chosen, if it is plugged in; whatever there is otherwise. */
async function getMicrophone(): Promise<MediaStream> {
  await lookForDevices();
  const deviceId = inUse("microphone");
  if (deviceId !== "") {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { ...PROCESSING, deviceId: { exact: deviceId } } });
    } catch (error) {
      if (reasonOf(error) === "denied") throw error;
      showToast("warning", t("device.gone", { what: t("device.microphone") }));
    }
  }
  return navigator.mediaDevices.getUserMedia({ audio: PROCESSING });
}

/** Another one was chosen: opens that. A call goes on with the one that it has, unless `Softphone.useMicrophone` follows. */
export async function reopenMicrophone(): Promise<void> {
  if (open === null) return;
  closeMicrophone();
  await openMicrophone();
}

export function closeMicrophone(): void {
  for (const track of open?.getTracks() ?? []) track.stop();
  open = null;
  microphone.value = null;
  microphoneState.value = "off";
}

/** A stream for one call, to be stopped by `endStream` with the call. Null when the microphone is not open. */
export function streamForCall(): MediaStream | null {
  return open?.clone() ?? null;
}

/** Silence, for a supervisor without a microphone who only listens. */
export function silentStream(): MediaStream {
  const context = new AudioContext();
  const stream = context.createMediaStreamDestination().stream;
  stream.getAudioTracks()[0]?.addEventListener("ended", () => void context.close());
  return stream;
}

export function endStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function onUnplugged(): void {
  open = null;
  microphone.value = null;
  microphoneState.value = "missing";
  deviceChanges.value += 1;
  showToast("warning", t("device.gone", { what: t("device.microphone") }));
  void openMicrophone();
}

function reasonOf(error: unknown): MicrophoneState {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "failed";
}
