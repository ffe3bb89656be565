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

export type CustomerPlace = "talking" | "music" | "flow" | "joined" | "with_agent";

/** Where the customer is, seen by whose page it is: what is told of the one who is not in `parties`. */
export function customerPlace(call: CallView): CustomerPlace {
  if (call.flow !== "") return "flow";
  if (call.asked_by !== "" && consulted(call)?.state === "aside") return "with_agent";
  const state = consulted(call)?.state;
  if (state === "ringing" || state === "consulting") return "music";
  if (call.phase === "held") return "music";
  return inConference(call) ? "joined" : "talking";
}

/** Where the agent is who asked a colleague, seen by that colleague. */
export function askerPlace(call: CallView): "calling" | "talking" | "joined" | "with_customer" {
  if (inConference(call)) return "joined";
  const state = consulted(call)?.state;
  return state === "ringing" ? "calling" : state === "aside" ? "with_customer" : "talking";
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
      // A colleague's call, or a call with a colleague: there is nobody to hold or to hand over.
      return call.asked_by === "" && call.direction !== "internal" ? ofTheOwner(call) : new Set<Act>(["hang-up", "mute"]);
  }
}

function ofTheOwner(call: CallView): ReadonlySet<Act> {
  // What is typed in a flow is not recorded, whatever the agent may wish.
  if (call.flow !== "") return new Set<Act>(["hang-up", "mute", "fetch"]);
  const acts: Act[] = ["hang-up", "mute", ...recordingActs(call)];
  const party = consulted(call);
  if (party !== null) return new Set<Act>([...acts, "digits", ...consultActs(party)]);
  if (inConference(call)) return new Set<Act>([...acts, "digits", "drop", "leave"]);
  const two: Act[] = [call.phase === "held" ? "resume" : "hold", "digits"];
  return new Set<Act>([...acts, ...two, "transfer", "consult", "flow"]);
}

function consultActs(party: PartyView): readonly Act[] {
  return party.state === "ringing" ? ["complete", "cancel"] : ["swap", "complete", "conference", "cancel"];
}

function recordingActs(call: CallView): readonly Act[] {
  if (call.recording_paused) return ["resume-recording"];
  if (call.recording) return ["pause-recording"];
  return call.may_record ? ["start-recording"] : [];
}

