/** The sound of a ringing phone, made here. It rings on the speaker, never into the call. */
const ON_S = 1;
const PERIOD_S = 4;

let context: AudioContext | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

export function startRinging(): void {
  if (timer !== undefined) return;
  context ??= new AudioContext();
  void context.resume().catch(() => undefined); // a page that was not clicked yet may not sound: the title still blinks
  burst(context);
  timer = setInterval(() => context && burst(context), PERIOD_S * 1000);
}

export function stopRinging(): void {
  clearInterval(timer);
  timer = undefined;
  void context?.close();
  context = null;
}

function burst(on: AudioContext): void {
  const gain = on.createGain();
  gain.gain.setValueAtTime(0, on.currentTime);
  gain.gain.linearRampToValueAtTime(0.08, on.currentTime + 0.02);
  gain.gain.setValueAtTime(0.08, on.currentTime + ON_S - 0.05);
  gain.gain.linearRampToValueAtTime(0, on.currentTime + ON_S);
  gain.connect(on.destination);
  for (const frequency of [440, 480]) {
    const tone = on.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(gain);
    tone.start();
    tone.stop(on.currentTime + ON_S);
  }
}
