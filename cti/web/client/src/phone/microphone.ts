import { signal } from "@preact/signals";

export type MicrophoneState = "off" | "asking" | "ready" | "denied" | "missing" | "insecure" | "failed";

export const microphoneState = signal<MicrophoneState>("off");

const WANTED: MediaStreamConstraints = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

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
    open = await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    microphoneState.value = reasonOf(error);
    return false;
  }
  open.getAudioTracks()[0]?.addEventListener("ended", onUnplugged);
  microphoneState.value = "ready";
  return true;
}

export function closeMicrophone(): void {
  for (const track of open?.getTracks() ?? []) track.stop();
  open = null;
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
  microphoneState.value = "missing";
  void openMicrophone();
}

function reasonOf(error: unknown): MicrophoneState {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "failed";
}
