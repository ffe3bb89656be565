import type { RTCSession } from "jssip/lib/RTCSession";

/** What the check of the phone came to: all is well, the page may make no sound yet, or the tone did not come back. */
export type Heard = "" | "sound" | "not_heard";

const DEADLINE_MS = 5_000;
const POLL_MS = 20;
/** Quieter than this is noise of the line, in dBFS of one band of the spectrum; the tone itself comes at about -20. */
const LOUD_DB = -60;
const ABOVE_SILENCE_DB = 20;

/** A tone that goes into a call in place of the microphone, and an ear for it in what comes back. */
export class EchoProbe {
  readonly #context = new AudioContext();
  readonly #hz = 700 + 100 * Math.floor(Math.random() * 8);
  readonly #gain: GainNode;
  readonly #ear: AnalyserNode;
  readonly #player = new Audio();
  readonly stream: MediaStream;

  constructor() {
    this.#ear = this.#context.createAnalyser();
    this.#ear.fftSize = 2048;
    this.#ear.smoothingTimeConstant = 0;
    this.#gain = this.#context.createGain();
    this.#gain.gain.value = 0;
    const into = this.#context.createMediaStreamDestination();
    const tone = this.#context.createOscillator();
    tone.frequency.value = this.#hz;
    tone.connect(this.#gain).connect(into);
    tone.start();
    this.stream = into.stream;
    this.#player.muted = true; // Chromium hands on the sound of a call only while some element plays it
  }

  listenTo(stream: MediaStream): void {
    this.#player.srcObject = stream;
    void this.#player.play().catch(() => undefined);
    this.#context.createMediaStreamSource(stream).connect(this.#ear);
  }

  /** Sounds the tone until it comes back, in a call whose other end is an echo. */
  async heard(): Promise<Heard> {
    if (!(await this.#running())) return "sound";
    const silence = this.#level();
    this.#gain.gain.value = 0.3;
    const needed = Math.max(LOUD_DB, silence + ABOVE_SILENCE_DB);
    const until = performance.now() + DEADLINE_MS;
    let times = 0;
    while (performance.now() < until) {
      await pause(POLL_MS);
      times = this.#level() > needed ? times + 1 : 0;
      if (times === 2) return "";
    }
    return "not_heard";
  }

  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
    this.#player.srcObject = null;
    void this.#context.close();
  }

  /** A page that was never clicked may not sound, and its calls would be silent. */
  async #running(): Promise<boolean> {
    await Promise.race([this.#context.resume().catch(() => undefined), pause(500)]);
    return this.#context.state === "running";
  }

  #level(): number {
    const bands = new Float32Array(this.#ear.frequencyBinCount);
    this.#ear.getFloatFrequencyData(bands);
    const band = Math.round((this.#hz * this.#ear.fftSize) / this.#context.sampleRate);
    const level = Math.max(...bands.subarray(band - 1, band + 2));
    return Number.isFinite(level) ? level : -200;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Answers the server's check of this phone with a tone, and says whether it was heard. The server hangs up. */
export function hearOneself(session: RTCSession, answer: (stream: MediaStream) => void): Promise<Heard> {
  const probe = new EchoProbe();
  return new Promise((resolve) => {
    let over = false;
    const done = (heard: Heard): void => {
      if (over) return;
      over = true;
      probe.close();
      resolve(heard);
    };
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", (event) => {
        probe.listenTo(event.streams[0] ?? new MediaStream([event.track]));
      });
    });
    session.on("confirmed", () => void probe.heard().then(done));
    session.on("failed", () => done("not_heard"));
    session.on("ended", () => done("not_heard"));
    answer(probe.stream);
  });
}
