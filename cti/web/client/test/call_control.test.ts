import { describe, expect, it } from "vitest";

import { actOf, isShortcut, keyOf } from "../src/desk/keymap";
import { type Act, askerPlace, customerPlace, possible } from "../src/desk/possible";
import { type Directory, findTargets, type Reach } from "../src/desk/targets";
import type { CallView } from "../src/gen/messages";
import { agent, call, party, queue } from "./views";

describe("whom a call can go to", () => {
  const directory: Directory = {
    agents: [
      agent({ agent_id: "li", name: "李娜", extension: "1001", groups: ["bilingual"] }),
      agent({ agent_id: "wang", name: "王强", extension: "1002", state: "busy", groups: ["repair"] }),
      agent({ agent_id: "zhao", name: "赵敏", extension: "1003", groups: ["repair"] }),
      agent({ agent_id: "off", name: "Emma Clarke", extension: "1004", state: "logged_out", reachable: true }),
    ],
    queues: [queue({ name: "after_sales" })],
    myself: "li",
  };
  const keys = (typed: string, reach: Reach = "anybody"): string[] =>
    findTargets(typed, directory, reach).map((each) => `${each.kind}:${each.key}`);

  it("offers who is ready, groups and queues before anything is typed", () => {
    expect(keys("")).toEqual(["agent:zhao", "group:repair", "queue:after_sales"]);
  });

  it("finds by name, by extension, by group, and by a queue's name in any language", () => {
    expect(keys("王")).toEqual(["agent:wang"]);
    expect(keys("1002")).toEqual(["agent:wang"]);
    expect(keys("rep")).toEqual(["group:repair"]);
    expect(keys("售后")).toEqual(["queue:after_sales"]);
  });

  it("counts of a group who is there and who is ready, without oneself", () => {
    expect(findTargets("repair", directory, "anybody")).toEqual([{ kind: "group", key: "repair", members: 2, ready: 1 }]);
    expect(keys("bilingual")).toEqual([]);
  });

  it("puts who is ready first and never oneself", () => {
    expect(keys("100")).toEqual(["agent:zhao", "agent:wang", "agent:off", "number:100"]);
  });

  it("finds every colleague with a phone, also those who are not signed in", () => {
    expect(keys("emma", "people")).toEqual(["agent:off"]);
  });

  it("lets one talk with people only: no group and no queue can be consulted or dialled", () => {
    expect(keys("rep", "people")).toEqual([]);
    expect(keys("after", "people")).toEqual([]);
    expect(keys("", "people")).toEqual(["agent:zhao"]);
  });

  it("takes a number as it is typed, without its spaces", () => {
    expect(keys("+86 139 0000-0001", "people")).toEqual(["number:+8613900000001"]);
    expect(keys("no such")).toEqual([]);
  });

  it("never offers more than eight, whatever was typed", () => {
    const many = Array.from({ length: 30 }, (_, at) => agent({ agent_id: `a${at}`, extension: `20${at}` }));
    const found = findTargets("20", { ...directory, agents: many }, "anybody");
    expect(found).toHaveLength(8);
    expect(found.at(-1)?.kind).toBe("agent");
    expect(findTargets("2000000", { ...directory, agents: many }, "people").at(-1)?.kind).toBe("number");
  });
});

describe("what can be done to a call", () => {
  const acts = (change: Partial<CallView>): string[] => [...possible(call(change))].sort();
  const OWN = ["hang-up", "mute"];
  const consulting = { parties: [party({ state: "consulting" })] };

  it("is to answer or to decline while it rings, and to dial while there is none", () => {
    expect(acts({ phase: "offered" })).toEqual(["answer", "decline"]);
    expect([...possible(null)]).toEqual(["dial"]);
    expect(acts({ phase: "wrap_up" })).toEqual([]);
    expect(acts({ phase: "dialling" })).toEqual(["hang-up"]);
  });

  it("is everything that leads outward while two talk", () => {
    expect(acts({})).toEqual([...OWN, "consult", "digits", "flow", "hold", "transfer"].sort());
    expect(acts({ phase: "held" })).toEqual([...OWN, "consult", "digits", "flow", "resume", "transfer"].sort());
  });

  it("is, with somebody consulted, to swap, hand over, merge or cancel; before they answer to hand over or cancel", () => {
    expect(acts(consulting)).toEqual([...OWN, "cancel", "complete", "conference", "digits", "swap"].sort());
    expect(acts({ parties: [party({ state: "aside" })] })).toEqual(acts(consulting));
    expect(acts({ parties: [party({ state: "ringing" })] })).toEqual([...OWN, "cancel", "complete", "digits"].sort());
  });

  it("is, in a conference, to drop the third, or to leave", () => {
    expect(acts({ parties: [party({ state: "joined" })] })).toEqual([...OWN, "digits", "drop", "leave"].sort());
  });

  it("is for a colleague who was asked to mute and to hang up, whatever goes on", () => {
    expect(acts({ asked_by: "1001" })).toEqual(OWN);
    expect(acts({ asked_by: "1001", recording: true, ...consulting })).toEqual(OWN);
  });

  it("is between colleagues to mute and to hang up", () => {
    expect(acts({ direction: "internal", number: "1002" })).toEqual(OWN);
  });

  it("is, while the customer is in a flow, to fetch them back", () => {
    expect(acts({ flow: "card", recording: true, recording_paused: true })).toEqual([...OWN, "fetch"].sort());
  });

  it("follows the recording: pause, resume, or begin one", () => {
    expect(possible(call({ recording: true })).has("pause-recording")).toBe(true);
    const paused = possible(call({ recording: true, recording_paused: true }));
    expect([paused.has("pause-recording"), paused.has("resume-recording")]).toEqual([false, true]);
    expect(possible(call({ may_record: true })).has("start-recording")).toBe(true);
  });

  it.each([
    [{}, "talking"],
    [{ phase: "held" as const }, "music"],
    [consulting, "music"],
    [{ parties: [party({ state: "ringing" })] }, "music"],
    [{ parties: [party({ state: "aside" })] }, "talking"],
    [{ parties: [party({ state: "joined" })] }, "joined"],
    [{ flow: "card" }, "flow"],
    [{ asked_by: "1001", parties: [party({ state: "aside" })] }, "with_agent"],
  ] as const)("%j: the customer is %s", (change, place) => expect(customerPlace(call(change))).toBe(place));
});

describe("whom a colleague who was asked talks with", () => {
  it.each([
    ["ringing", "calling"],
    ["consulting", "talking"],
    ["aside", "with_customer"],
    ["joined", "joined"],
  ] as const)("%s: the one who asked is %s", (state, place) => {
    expect(askerPlace(call({ asked_by: "1001", parties: [party({ state })] }))).toBe(place);
  });
});

describe("keys", () => {
  const may = (...acts: Act[]): ReadonlySet<Act> => new Set(acts);
  const pressed = { key: "m", ctrlKey: false, altKey: false, metaKey: false, repeat: false, isComposing: false };

  it.each([
    ["h", may("hold"), "hold"],
    ["h", may("resume"), "resume"],
    ["h", may("swap"), "swap"],
    ["H", may("hold"), "hold"],
    ["m", may("mute"), "mute"],
    ["t", may("transfer"), "transfer"],
    ["t", may("complete"), "complete"],
    ["c", may("consult"), "consult"],
    ["c", may("conference"), "conference"],
    ["d", may("dial"), "dial"],
    ["r", may("pause-recording"), "pause-recording"],
    ["r", may("resume-recording"), "resume-recording"],
    ["f", may("fetch"), "fetch"],
    ["?", may(), "list"],
  ] as const)("%s means %o: %s", (key, acts, act) => expect(actOf(key, acts)).toBe(act));

  it("mean nothing when the call does not allow it, or nobody knows them", () => {
    expect(actOf("h", may("mute"))).toBeNull();
    expect(actOf("q", may("hold", "mute"))).toBeNull();
    expect(actOf(" ", may("answer"))).toBeNull();
  });

  it("never hang up and never decline", () => {
    for (const key of "abcdefghijklmnopqrstuvwxyz0123456789") {
      expect(["hang-up", "decline", "leave", "drop"]).not.toContain(actOf(key, may("hang-up", "decline", "leave", "drop")));
    }
  });

  it("fire in no field, with no modifier, and not over and over", () => {
    expect(isShortcut(pressed, false)).toBe(true);
    expect(isShortcut(pressed, true)).toBe(false);
    for (const held of ["ctrlKey", "altKey", "metaKey", "repeat", "isComposing"]) {
      expect(isShortcut({ ...pressed, [held]: true }, false)).toBe(false);
    }
  });

  it("are named on the buttons that they press", () => {
    expect([keyOf("swap"), keyOf("conference"), keyOf("hang-up")]).toEqual(["h", "c", undefined]);
  });
});
