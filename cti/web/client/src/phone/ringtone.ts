import { playOn, ringer } from "./devices";

/** The sound of a ringing phone, made here. It rings on a device of its own choice, never into the call. */
const ON_S = 1;
const PERIOD_S = 4;

let context: AudioContext | null = null;
let player: HTMLAudioElement | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

export function startRinging(): void {
  if (timer !== undefined) return;
  context ??= new AudioContext();
  void context.resume().catch(() => undefined); // a page that was not clicked yet may not sound: the title still blinks
  const into = context.createMediaStreamDestination();
  player = new Audio();
  player.srcObject = into.stream;
  playOn(player, ringer.value); // an element can be sent to another device, an AudioContext not in every browser
  void player.play().catch(() => undefined);
  burst(context, into);
  timer = setInterval(() => context && burst(context, into), PERIOD_S * 1000);
}

export function stopRinging(): void {
  clearInterval(timer);
  timer = undefined;
  if (player !== null) player.srcObject = null;
  player = null;
  void context?.close();
  context = null;
}

function burst(on: AudioContext, into: AudioNode): void {
  const gain = on.createGain();
  gain.gain.setValueAtTime(0, on.currentTime);
  gain.gain.linearRampToValueAtTime(0.08, on.currentTime + 0.02);
  gain.gain.setValueAtTime(0.08, on.currentTime + ON_S - 0.05);
  gain.gain.linearRampToValueAtTime(0, on.currentTime + ON_S);
  gain.connect(into);
  for (const frequency of [440, 480]) {
    const tone = on.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(gain);
    tone.start();
    tone.stop(on.currentTime + ON_S);
  }
}
