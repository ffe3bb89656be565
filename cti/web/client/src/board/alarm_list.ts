import { computed, effect, signal } from "@preact/signals";

import type { AlarmKind, AlarmView } from "../gen/messages";
import { t } from "../i18n/language";
import { alarms } from "../session";
import { queueName } from "../ui/codes";
import { duration, percent } from "../ui/format";

const RANK = { alarm: 0, warn: 1 } as const;

/** Those that go on: what nobody has seen yet first, then the worse, then the newer. */
export function inUrgency(all: readonly AlarmView[]): readonly AlarmView[] {
  return [...all].sort(
    (left, right) =>
      Number(left.acknowledged_by !== "") - Number(right.acknowledged_by !== "") ||
      RANK[left.level] - RANK[right.level] ||
      right.since - left.since,
  );
}

export const active = computed(() => inUrgency(Object.values(alarms.value)));
export const unseen = computed(() => active.value.filter((each) => each.acknowledged_by === ""));

export function alarmsOf(queue: string): readonly AlarmView[] {
  return active.value.filter((each) => each.queue === queue);
}

const COUNTS: readonly AlarmKind[] = ["waiting", "toll", "overload"];
const SHARES: readonly AlarmKind[] = ["service_level", "abandoned"];
const MEGABYTES: readonly AlarmKind[] = ["recording_disk", "database"];

/** Whose alarm it is: a queue's, or the whole house's. */
export const ofWhat = (alarm: { queue: string }): string => (alarm.queue === "" ? t("alarm.house") : queueName(alarm.queue));

/** "0:42", "5", "72 %", "130 MB". */
export function figure(kind: AlarmKind, value: number): string {
  if (SHARES.includes(kind)) return percent(value);
  if (MEGABYTES.includes(kind)) return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
  return COUNTS.includes(kind) ? String(value) : duration(value);
}

/* --- sound --- */

const KEY = "laidian.alarm_sound";

/** Chosen in this browser; on unless somebody has switched it off. */
export const sound = signal(localStorage.getItem(KEY) !== "off");
effect(() => localStorage.setItem(KEY, sound.value ? "on" : "off"));

/** True while the browser refuses to make a sound, which it does until there was a click. */
export const blocked = signal(false);

/** How often this page has rung: for the tests, which have no ears. */
export const rung = signal(0);

let audio: AudioContext | null = null;

async function ring(level: AlarmView["level"]): Promise<void> {
  audio ??= new AudioContext();
  if (audio.state === "suspended") await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 300))]);
  blocked.value = audio.state !== "running";
  if (blocked.value) return;
  rung.value += 1;
  const tones = level === "alarm" ? [880, 660, 880] : [660];
  tones.forEach((hertz, place) => beep(audio!, hertz, place * 0.22));
}

function beep(context: AudioContext, hertz: number, after: number): void {
  const at = context.currentTime + after;
  const tone = context.createOscillator();
  const loudness = context.createGain();
  tone.frequency.value = hertz;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.15, at + 0.02);
  loudness.gain.linearRampToValueAtTime(0, at + 0.2);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.22);
}

/** What has come since the list was last seen: each alarm rings once, and again when it has become worse. */
export function newlyRaised(heard: ReadonlyMap<string, string>, all: readonly AlarmView[]): readonly AlarmView[] {
  return all.filter(
    (each) =>
      each.acknowledged_by === "" &&
      heard.get(each.alarm_id) !== each.level &&
      !(heard.get(each.alarm_id) === "alarm" && each.level === "warn"),
  );
}

/** While it is shown, the page rings for new alarms. What went on before it was opened is silent. */
export function ringForAlarms(): () => void {
  let heard: Map<string, string> | null = null;
  const unlock = (): void => {
    if (blocked.value) void audio?.resume().then(() => (blocked.value = false));
  };
  addEventListener("pointerdown", unlock);
  const stop = effect(() => {
    const all = active.value;
    if (heard !== null && sound.peek()) {
      const fresh = newlyRaised(heard, all);
      if (fresh.length > 0) void ring(fresh.some((each) => each.level === "alarm") ? "alarm" : "warn");
    }
    heard = new Map(all.map((each) => [each.alarm_id, each.level]));
  });
  return () => {
    stop();
    removeEventListener("pointerdown", unlock);
  };
}

export const soundText = (): string => t(sound.value ? (blocked.value ? "alarm.sound_blocked" : "alarm.sound_on") : "alarm.sound_off");
