import { computed, signal } from "@preact/signals";

import { t } from "../i18n/language";
import { showToast } from "../ui/toasts";

/** What sounds and what listens; each is chosen once per browser. "" is what the computer takes by itself. */
export type Purpose = "microphone" | "speaker" | "ringer";

const KEY = "laidian.devices";
const KINDS: Readonly<Record<Purpose, MediaDeviceKind>> = {
  microphone: "audioinput",
  speaker: "audiooutput",
  ringer: "audiooutput",
};

export const chosen = signal<Readonly<Record<Purpose, string>>>(remembered());
export const devices = signal<readonly MediaDeviceInfo[]>([]);
/** Counts how often what we use has become another device: the phone is checked anew. */
export const deviceChanges = signal(0);

/** Safari and older browsers play everything where the computer plays it. */
export const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

export function ofPurpose(purpose: Purpose): readonly MediaDeviceInfo[] {
  // "default" and "communications" are Chromium's names for others of the list.
  return devices.value.filter(
    ({ kind, deviceId }) => kind === KINDS[purpose] && deviceId !== "" && deviceId !== "default" && deviceId !== "communications",
  );
}

/** The device to use now: what was chosen as long as it is plugged in, "" otherwise. */
export function inUse(purpose: Purpose): string {
  const wanted = chosen.value[purpose];
  return devices.value.some(({ kind, deviceId }) => kind === KINDS[purpose] && deviceId === wanted) ? wanted : "";
}

export const speaker = computed(() => inUse("speaker"));
export const ringer = computed(() => inUse("ringer"));

export function choose(purpose: Purpose, deviceId: string): void {
  chosen.value = { ...chosen.value, [purpose]: deviceId };
  localStorage.setItem(KEY, JSON.stringify(chosen.value));
  if (purpose !== "ringer") deviceChanges.value += 1;
}

/** Called when the microphone was opened, which is when names are told, and when something was plugged in or out. */
export async function lookForDevices(): Promise<void> {
  if (navigator.mediaDevices === undefined) return;
  const before = { microphone: inUse("microphone"), speaker: inUse("speaker"), ringer: inUse("ringer") };
  devices.value = await navigator.mediaDevices.enumerateDevices();
  for (const purpose of ["microphone", "speaker", "ringer"] as const) {
    if (before[purpose] !== "" && inUse(purpose) === "") {
      showToast("warning", t("device.gone", { what: t(`device.${purpose}`) }));
      if (purpose !== "ringer") deviceChanges.value += 1;
    }
  }
}

export function followDevices(): void {
  navigator.mediaDevices?.addEventListener("devicechange", () => void lookForDevices());
}

/** Plays `element` on a device; one that is gone meanwhile is left for the computer's own choice. */
export function playOn(element: HTMLMediaElement, deviceId: string): void {
  if (!canChooseSpeaker) return;
  element.setSinkId(deviceId).catch(() => {
    if (deviceId !== "") void element.setSinkId("").catch(() => undefined);
  });
}

function remembered(): Record<Purpose, string> {
  const none = { microphone: "", speaker: "", ringer: "" };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof kept !== "object" || kept === null) return none;
    const text = (name: string): string => {
      const value = (kept as Record<string, unknown>)[name];
      return typeof value === "string" ? value : "";
    };
    return { microphone: text("microphone"), speaker: text("speaker"), ringer: text("ringer") };
  } catch {
    return none;
  }
}
