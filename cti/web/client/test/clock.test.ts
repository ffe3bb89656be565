import { describe, expect, it } from "vitest";

import { ServerClock } from "../src/net/clock";
import { retryDelay } from "../src/net/socket";

describe("the server's clock", () => {
  it("is ours until something was measured", () => {
    expect(new ServerClock().now(100)).toBe(100);
  });

  it("takes the message that was the fastest on its way", () => {
    const clock = new ServerClock();
    clock.observe(1000, 1030.4);
    clock.observe(1001, 1031.02);
    clock.observe(1002, 1034);
    expect(clock.offset).toBeCloseTo(30.02);
    expect(clock.now(1060.02)).toBeCloseTo(1030);
  });

  it("follows a clock that drifts, because old samples are forgotten", () => {
    const clock = new ServerClock();
    clock.observe(0, -5);
    for (let at = 1; at <= 40; at += 1) clock.observe(at, at + 2);
    expect(clock.offset).toBeCloseTo(2);
  });
});

describe("the wait before a new attempt", () => {
  it.each([0, 1, 5, 40])("is spread and capped for attempt %i", (attempt) => {
    const shortest = retryDelay(attempt, 0);
    const longest = retryDelay(attempt, 1);
    expect(shortest).toBeGreaterThanOrEqual(75);
    expect(longest).toBeLessThanOrEqual(8000);
    expect(longest).toBeGreaterThan(shortest * 3);
  });
});
