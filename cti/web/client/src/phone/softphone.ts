import { effect, signal } from "@preact/signals";
import type { UA } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, RTCSessionEvent } from "jssip/lib/UA";

import { phoneAccount } from "../net/rest";
import { playOn, speaker } from "./devices";
import { type Heard, hearOneself } from "./hear_oneself";
import { endStream, silentStream, streamForCall } from "./microphone";
import { startRinging, stopRinging } from "./ringtone";
import { tab } from "./tab";

export type PhoneState =
  | "off"
  | "elsewhere"
  | "connecting"
  | "registered"
  | "refused"
  | "unreachable"
  | "ringing"
  | "talking";

/** `stats()` of the call in progress; zeros when there is none. */
export interface AudioStats {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly energyReceived: number;
  readonly energySent: number;
}

/** Packets so far; jitter and round trip in seconds, as they are now. */
export interface Media {
  readonly received: number;
  readonly lost: number;
  readonly jitterS: number;
  readonly rttS: number;
}

export const phoneState = signal<PhoneState>("off");
/** SIP's words for the last failure, for people who look for the cause. */
export const phoneDetail = signal("");
export const muted = signal(false);
/** What the other end of the call sounds like, null without a call. */
export const farSide = signal<MediaStream | null>(null);
export const ringAt = signal<number | null>(null);

export interface SoftphonePolicy {
  /** Whether to answer at once: a supervisor's listening leg, or a call that says so itself. */
  answerAtOnce(headers: { autoAnswer: boolean }): boolean;
  /** Whether a call may be answered without a microphone. */
  maybeSilent(): boolean;
}

const ICE_PATIENCE_MS = 400;
const NO_AUDIO: AudioStats = { packetsReceived: 0, packetsSent: 0, energyReceived: 0, energySent: 0 };

/** The browser's SIP phone: registers, rings, answers. One call at a time; a second INVITE is told that we are busy. */
export class Softphone {
  #agent: UA | null = null;
  #session: RTCSession | null = null;
  #stream: MediaStream | null = null;
  #answerWhenRings = false;
  #generation = 0;
  #afterCall: "off" | "elsewhere" | null = null;
  #check: ((heard: Heard) => void) | null = null;
  readonly #audio: HTMLAudioElement;
  /** How many calls this page has had since it was loaded. */
  calls = 0;

  constructor(private readonly policy: SoftphonePolicy) {
    this.#audio = document.createElement("audio");
    this.#audio.autoplay = true;
    document.body.append(this.#audio);
    effect(() => playOn(this.#audio, speaker.value));
  }

  async start(): Promise<void> {
    this.#afterCall = null;
    if (this.#agent !== null) return;
    const generation = ++this.#generation;
    phoneState.value = "connecting";
    try {
      const [account, sip] = await Promise.all([phoneAccount(tab), import("jssip")]);
      if (generation !== this.#generation) return;
      const agent = new sip.UA({
        sockets: [new sip.WebSocketInterface(account.ws_url)],
        uri: account.sip_uri,
        authorization_user: account.login,
        password: account.password,
        register_expires: 120,
        session_timers: false,
        connection_recovery_min_interval: 1,
        connection_recovery_max_interval: 8,
      });
      this.#listen(agent);
      this.#agent = agent;
      agent.start();
    } catch (error) {
      if (generation === this.#generation) this.#fail("unreachable", error instanceof Error ? error.message : "");
    }
  }

  /** A call that another tab is about to take goes on here until it has it: whoever hangs up last is the server. */
  stop(resting: "off" | "elsewhere" = "off"): void {
    if (resting === "elsewhere" && this.#session?.isEstablished() === true) {
      this.#afterCall = resting;
      return;
    }
    this.#generation += 1;
    this.#session?.terminate();
    this.#agent?.stop();
    this.#agent = null;
    phoneState.value = resting;
    phoneDetail.value = "";
  }

  get hasCall(): boolean {
    return this.#session !== null;
  }

  /** Answers the ringing call; before it rings: answers as soon as it does. */
  answer(): void {
    if (this.#session === null) {
      this.#answerWhenRings = true;
      return;
    }
    if (this.#session.isEstablished() || phoneState.value !== "ringing") return;
    const stream = streamForCall() ?? (this.policy.maybeSilent() ? silentStream() : null);
    this.#stream = stream;
    stopRinging();
    phoneState.value = "talking";
    this.#session.answer({
      mediaConstraints: { audio: true, video: false },
      ...(stream === null ? {} : { mediaStream: stream }),
      pcConfig: { iceServers: [] },
    });
  }

  /** The server is about to call us with an echo: resolves to what came of it, "no_answer" when it never rang. */
  nextCheck(withinMs: number): Promise<Heard | "no_answer"> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve("no_answer"), withinMs);
      this.#check = (heard) => {
        clearTimeout(timer);
        resolve(heard);
      };
    });
  }

  /** The offer is gone; a wish to answer it must not meet the next one. */
  forgetWish(): void {
    this.#answerWhenRings = false;
  }

  hangUp(): void {
    this.#session?.terminate();
  }

  toggleMute(): void {
    if (this.#session === null) return;
    if (muted.value) this.#session.unmute({ audio: true });
    else this.#session.mute({ audio: true });
  }

  sendDigit(digit: string): void {
    // As RTP events (RFC 4733), which every trunk passes on; the enum exists only as a type.
    this.#session?.sendDTMF(digit, { transportType: "RFC2833" as never });
  }

  /** What the media path of the call has done so far; null without one, or before anything came. */
  async media(): Promise<Media | null> {
    const report = await this.#session?.connection?.getStats();
    let media: Media | null = null;
    let rttS = 0;
    report?.forEach((entry: Record<string, unknown>) => {
      const number = (name: string): number => (typeof entry[name] === "number" ? entry[name] : 0);
      if (entry["type"] === "remote-inbound-rtp") rttS = number("roundTripTime");
      if (entry["type"] === "inbound-rtp") {
        media = { received: number("packetsReceived"), lost: number("packetsLost"), jitterS: number("jitter"), rttS: 0 };
      }
    });
    return media === null ? null : { ...(media as Media), rttS };
  }

  async stats(): Promise<AudioStats> {
    const report = await this.#session?.connection?.getStats();
    const sum = { ...NO_AUDIO } as { -readonly [name in keyof AudioStats]: number };
    report?.forEach((entry: Record<string, unknown>) => {
      const number = (name: string): number => (typeof entry[name] === "number" ? entry[name] : 0);
      if (entry["type"] === "inbound-rtp") {
        sum.packetsReceived += number("packetsReceived");
        sum.energyReceived += number("totalAudioEnergy");
      } else if (entry["type"] === "outbound-rtp") sum.packetsSent += number("packetsSent");
      else if (entry["type"] === "media-source") sum.energySent += number("totalAudioEnergy");
    });
    return sum;
  }

  #listen(agent: UA): void {
    const current = (act: () => void): (() => void) => () => {
      if (agent === this.#agent) act();
    };
    agent.on("connecting", current(() => this.#idle("connecting")));
    agent.on("registered", current(() => this.#idle("registered")));
    agent.on("unregistered", current(() => this.#idle("connecting")));
    agent.on("disconnected", current(() => this.#idle("unreachable")));
    agent.on("registrationFailed", (event) => {
      if (agent !== this.#agent) return;
      const status = event.response === null ? 0 : event.response?.status_code;
      this.#fail(status ? "refused" : "unreachable", `${status ?? ""} ${event.cause ?? ""}`.trim());
    });
    agent.on("newRTCSession", ((event: RTCSessionEvent) => {
      if (agent === this.#agent && event.originator === ("remote" as never)) {
        this.#ring(event as IncomingRTCSessionEvent);
      }
    }) as never);
  }

  /** The registration's state is shown only between calls: a call goes on without it. */
  #idle(state: PhoneState): void {
    if (this.#session !== null) return;
    phoneState.value = state;
    phoneDetail.value = "";
  }

  #fail(state: PhoneState, detail: string): void {
    this.#idle(state);
    phoneDetail.value = detail;
  }

  #ring(event: IncomingRTCSessionEvent): void {
    const { session, request } = event;
    if (request.getHeader("X-Laidian-Purpose") === "check") {
      this.#answerCheck(session);
      return;
    }
    if (request.getHeader("X-Laidian-Purpose") === "reattach") this.#drop();
    if (this.#session !== null) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.calls += 1;
    this.#session = session;
    ringAt.value = Date.now() / 1000;
    muted.value = false;
    phoneState.value = "ringing";
    this.#follow(session);
    const autoAnswer = request.getHeader("X-Laidian-Auto") === "1";
    if (this.#answerWhenRings || this.policy.answerAtOnce({ autoAnswer })) this.answer();
    else startRinging();
    this.#answerWhenRings = false;
  }

  /** Not a call of anybody's: it is answered beside whatever goes on, and shown nowhere. */
  #answerCheck(session: RTCSession): void {
    const told = this.#check;
    this.#check = null;
    if (told === null || this.#session !== null) {
      session.terminate({ status_code: 486 });
      told?.("not_heard");
      return;
    }
    hurryIce(session);
    void hearOneself(session, (stream) => {
      session.answer({ mediaConstraints: { audio: true, video: false }, mediaStream: stream, pcConfig: { iceServers: [] } });
    }).then(told);
  }

  /** The call is about to come on another leg; the server hangs up the one that we have. */
  #drop(): void {
    this.#session = null;
    if (this.#stream !== null) endStream(this.#stream);
    this.#stream = null;
  }

  #follow(session: RTCSession): void {
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", (event) => {
        farSide.value = this.#audio.srcObject = event.streams[0] ?? new MediaStream([event.track]);
        void this.#audio.play().catch(() => undefined);
      });
    });
    hurryIce(session);
    session.on("muted", () => (muted.value = true));
    session.on("unmuted", () => (muted.value = false));
    session.on("ended", () => this.#over(session));
    session.on("failed", () => this.#over(session));
  }

  #over(session: RTCSession): void {
    if (session !== this.#session) return;
    this.#session = null;
    stopRinging();
    if (this.#stream !== null) endStream(this.#stream);
    this.#stream = null;
    farSide.value = this.#audio.srcObject = null;
    muted.value = false;
    if (this.#afterCall !== null) {
      this.stop(this.#afterCall);
      return;
    }
    if (this.#agent === null) return;
    phoneState.value = this.#agent.isRegistered() ? "registered" : "connecting";
  }
}

/** Host candidates come at once; there is no sense in waiting for more on a machine with many interfaces. */
function hurryIce(session: RTCSession): void {
  let hurried = false;
  session.on("icecandidate", ({ ready }) => {
    if (!hurried) setTimeout(ready, ICE_PATIENCE_MS);
    hurried = true;
  });
}
