import "./browser_globals";

import { describe, expect, it } from "vitest";

import { byTrouble, inOrder, lastQuarters, seats, troubleOf } from "../src/board/figures";
import { readSkills, writeSkills } from "../src/board/skills";
import type { WaitingView } from "../src/gen/messages";
import { agent, NOW, queue } from "./views";

const caller = (interaction_id: string, priority: number, queued_at: number): WaitingView => ({
  interaction_id,
  queue: "a",
  number: "",
  caller_name: "",
  customer_name: "",
  vip: 0,
  priority,
  queued_at,
  offered_to: "",
  position: null,
  wait_s: null,
  medium: "voice",
  not_before: null,
});

describe("the board's order", () => {
  it("takes the trouble of a queue from the server", () => {
    expect(troubleOf(queue({ trouble: "" }))).toBe("calm");
    expect(troubleOf(queue({ trouble: "alarm" }))).toBe("alarm");
  });

  it("shows the queue in most trouble first, and the longest wait first among those", () => {
    const late = queue({ name: "late", waiting: 1, oldest: NOW - 50, trouble: "alarm" });
    const later = queue({ name: "later", waiting: 1, oldest: NOW - 90, trouble: "alarm" });
    const weak = queue({ name: "weak", trouble: "warn" });
    const order = byTrouble([queue({ name: "calm" }), weak, late, later]);
    expect(order.map((each) => each.name)).toEqual(["later", "late", "weak", "calm"]);
  });

  it("lists callers as the distributor takes them: priority, then arrival", () => {
    const order = inOrder([caller("late", 0, 30), caller("vip", 3, 40), caller("early", 0, 10)]);
    expect(order.map((each) => each.interaction_id)).toEqual(["vip", "early", "late"]);
  });

  it("keeps every agent's seat whatever the state, those who are out at the end", () => {
    const before = [agent({ agent_id: "b", name: "B" }), agent({ agent_id: "a", name: "A", state: "logged_out" })];
    const after = before.map((each) => (each.agent_id === "b" ? agent({ ...each, state: "busy" }) : each));
    expect(seats(before).map((each) => each.agent_id)).toEqual(["b", "a"]);
    expect(seats(after).map((each) => each.agent_id)).toEqual(["b", "a"]);
  });

  it("has a quarter of an hour for every bar, also where nothing happened", () => {
    const start = Math.floor(NOW / 900) * 900;
    const known = { start, queue: "", offered: 2, answered: 1, abandoned: 1, within_target: 1 };
    const other = { ...known, queue: "a", offered: 1 };
    expect(lastQuarters([known, other], NOW, 3, "a").at(-1)).toBe(other);
    const quarters = lastQuarters([known, other], NOW, 3);
    expect(quarters.map((each) => each.start)).toEqual([start - 1800, start - 900, start]);
    expect(quarters.at(-1)).toBe(known);
    expect(quarters[0]?.offered).toBe(0);
  });
});

describe("skills as a supervisor writes them", () => {
  it("are read with blanks, colons and Chinese commas, and written back", () => {
    expect(readSkills("zh 5, en:3，法语：10")).toEqual({ zh: 5, en: 3, 法语: 10 });
    expect(readSkills(writeSkills({ zh: 5, en: 3 }))).toEqual({ zh: 5, en: 3 });
    expect(readSkills("")).toEqual({});
  });
  it.each(["zh", "zh 0", "zh 11", "zh five", "5"])("are refused when they say nothing: %s", (text) => {
    expect(readSkills(text)).toBeNull();
  });
});
