import type { CallView, PartyView } from "../gen/messages";

/** What an agent can do to a call; each stands for one command, or for opening what leads to one. */
export type Act =
  | "answer"
  | "decline"
  | "hang-up"
  | "hold"
  | "resume"
  | "swap"
  | "mute"
  | "digits"
  | "transfer"
  | "consult"
  | "complete"
  | "cancel"
  | "conference"
  | "drop"
  | "leave"
  | "flow"
  | "fetch"
  | "pause-recording"
  | "resume-recording"
  | "start-recording"
  | "dial";


/** Whoever was brought in and is not in a conference yet. At most one party is in a call. */
export function consulted(call: CallView): PartyView | null {
  return call.parties.find((party) => party.state !== "joined") ?? null;
}

export function inConference(call: CallView): boolean {
  return call.parties.some((party) => party.state === "joined");
}

/** Where the customer is: what the other rows of the call say, told of the one who is not in `parties`. */
export function customerPlace(call: CallView): "talking" | "music" | "flow" | "joined" {
  if (call.flow !== "") return "flow";
  const state = consulted(call)?.state;
  if (state === "ringing" || state === "consulting") return "music";
  if (call.phase === "held") return "music";
  return inConference(call) ? "joined" : "talking";
}

/** The acts that make sense now. The server has the last word; a button that it would refuse anyway is not offered. */
export function possible(call: CallView | null): ReadonlySet<Act> {
  if (call === null) return new Set<Act>(["dial"]);
  switch (call.phase) {
    case "offered":
      return new Set<Act>(["answer", "decline"]);
    case "dialling":
      return new Set<Act>(["hang-up"]);
    case "wrap_up":
      return new Set();
    default:
      return call.asked_by === "" ? ofTheOwner(call) : new Set<Act>(["hang-up", "mute"]);
  }
}

function ofTheOwner(call: CallView): ReadonlySet<Act> {
  const acts: Act[] = ["hang-up", "mute", ...recordingActs(call)];
  if (call.flow !== "") return new Set<Act>([...acts, "fetch"]);
  const party = consulted(call);
  if (party !== null) return new Set<Act>([...acts, "digits", ...consultActs(party)]);
  if (inConference(call)) return new Set<Act>([...acts, "digits", "drop", "leave"]);
  const two: Act[] = [call.phase === "held" ? "resume" : "hold", "digits"];
  const outward: Act[] = ["transfer", "consult", ...(call.direction === "internal" ? [] : (["flow"] as const))];
  return new Set<Act>([...acts, ...two, ...outward]);
}

function consultActs(party: PartyView): readonly Act[] {
  return party.state === "ringing" ? ["complete", "cancel"] : ["swap", "complete", "conference", "cancel"];
}

function recordingActs(call: CallView): readonly Act[] {
  if (call.recording_paused) return ["resume-recording"];
  if (call.recording) return ["pause-recording"];
  return call.may_record ? ["start-recording"] : [];
}

