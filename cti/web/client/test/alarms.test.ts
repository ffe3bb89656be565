import "./browser_globals";

import { describe, expect, it } from "vitest";

import { figure, inUrgency, newlyRaised } from "../src/board/alarm_list";
import { bands, lastMinutes, niceCeiling, waitingIn } from "../src/board/series";
import { chosen } from "../src/board/figures";
import type { AlarmView } from "../src/gen/messages";
import { language } from "../src/i18n/language";
import { NOW, queue } from "./views";

const alarm = (change: Partial<AlarmView>): AlarmView => ({
  alarm_id: "a",
  queue: "after_sales",
  kind: "waiting",
  level: "warn",
  value: 5,
  limit: 5,
  since: NOW,
  acknowledged_by: "",
  acknowledged_at: null,
  ...change,
});

describe("alarms on the board", () => {
  it("stand in the order of urgency: unseen, worse, newer", () => {
    const all = [
      alarm({ alarm_id: "seen", level: "alarm", acknowledged_by: "2001" }),
      alarm({ alarm_id: "old warn", since: NOW - 60 }),
      alarm({ alarm_id: "warn" }),
      alarm({ alarm_id: "alarm", level: "alarm", since: NOW - 900 }),
    ];
    expect(inUrgency(all).map((each) => each.alarm_id)).toEqual(["alarm", "warn", "old warn", "seen"]);
  });

  it("ring once each, again when worse, and never when somebody has seen them", () => {
    const heard = new Map([["a", "warn"]]);
    expect(newlyRaised(heard, [alarm({})])).toEqual([]);
    expect(newlyRaised(heard, [alarm({ level: "alarm" })])).toHaveLength(1);
    expect(newlyRaised(new Map([["a", "alarm"]]), [alarm({})])).toEqual([]);
    expect(newlyRaised(heard, [alarm({ alarm_id: "b" })])).toHaveLength(1);
    expect(newlyRaised(heard, [alarm({ alarm_id: "b", acknowledged_by: "2001" })])).toEqual([]);
  });

  it("say their figure in its unit", () => {
    language.value = "en";
    expect(figure("longest_wait", 42)).toBe("0:42");
    expect(figure("waiting", 7)).toBe("7");
    expect(figure("abandoned", 0.25)).toBe("25%");
  });
});

describe("the wallboard", () => {
  const queues = [queue({ name: "a" }), queue({ name: "b", trouble: "alarm" })];
  it("shows the queues of the address, in its order, and names those that are not there", () => {
    const { shown, unknown } = chosen(queues, ["b", "x", "a"]);
    expect(shown.map((each) => each.name)).toEqual(["b", "a"]);
    expect(unknown).toEqual(["x"]);
  });

  it("shows all when the address names none, the one in trouble first", () => {
    expect(chosen(queues, []).shown.map((each) => each.name)).toEqual(["b", "a"]);
  });
});

describe("the last hour", () => {
  const start = Math.floor(NOW / 60) * 60;
  const minute = { start, waiting: { a: 2, b: 1 }, states: { ready: 3, busy: 1 } };

  it("has sixty minutes, also where nothing is known", () => {
    const hour = lastMinutes([minute], NOW);
    expect(hour).toHaveLength(60);
    expect(hour.at(-1)).toBe(minute);
    expect(hour[0]?.start).toBe(start - 59 * 60);
  });

  it("counts one queue, or all", () => {
    expect([waitingIn(minute, "a"), waitingIn(minute, ""), waitingIn(minute, "x")]).toEqual([2, 3, 0]);
  });

  it("stacks the states", () => {
    expect(bands([minute], ["busy", "ready", "wrap_up"])).toEqual([
      [
        { bottom: 0, top: 1 },
        { bottom: 1, top: 4 },
        { bottom: 4, top: 4 },
      ],
    ]);
  });

  it("ends its axis at a number whose half is whole", () => {
    expect([4, 5, 11, 70].map(niceCeiling)).toEqual([4, 6, 20, 80]);
  });
});
