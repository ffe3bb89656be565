import { describe, expect, it } from "vitest";

import { type Figures, figuresOf, LineReport, type Sample } from "../src/phone/line_report";

const sample = (changes: Partial<Sample> = {}): Sample => ({ received: 100, lost: 0, jitterS: 0.002, rttS: 0.02, seconds: 2, ...changes });

function reported(play: (report: LineReport) => void): [string, Figures][] {
  const told: [string, Figures][] = [];
  play(new LineReport((interaction, figures) => told.push([interaction, figures])));
  return told;
}

describe("what the page tells of a call's line", () => {
  it("is told every half minute and at the end, each second once", () => {
    const told = reported((report) => {
      for (let n = 0; n < 17; n += 1) report.add("a", sample());
      report.end();
      report.end();
    });
    expect(told.map(([interaction, { seconds }]) => [interaction, seconds])).toEqual([
      ["a", 30],
      ["a", 4],
    ]);
    expect(told[0]?.[1].mos).toBeGreaterThan(4.2);
  });

  it("never mixes two calls", () => {
    const told = reported((report) => {
      report.add("a", sample({ lost: 25, received: 75 }));
      report.add("b", sample());
      report.end();
    });
    expect(told.map(([interaction, { loss }]) => [interaction, loss])).toEqual([
      ["a", 0.25],
      ["b", 0],
    ]);
  });

  it("tells nothing of a call that was not measured", () => {
    expect(reported((report) => report.end())).toEqual([]);
  });

  it("counts loss by packets and the rest by time, in bounds that the server takes", () => {
    const figures = figuresOf([sample({ lost: 50, received: 50, jitterS: 0.01 }), sample({ seconds: 6, jitterS: 0.002 })]);
    expect(figures).toMatchObject({ loss: 0.25, seconds: 8, rtt_ms: 20 });
    expect(figures?.jitter_ms).toBeCloseTo(4, 6);
    const nothing = figuresOf([sample({ received: 0 })]);
    expect(nothing?.loss).toBe(1);
    expect(nothing?.mos).toBeLessThan(1.3);
    expect(figuresOf([sample({ rttS: 0 }), sample({ rttS: 0.05 })])?.rtt_ms).toBe(50); // nothing was heard of it at first
    expect(figuresOf([sample({ rttS: 0 })])?.rtt_ms).toBe(0);
    expect(figuresOf([sample({ rttS: 1000 })])).toMatchObject({ rtt_ms: 60_000, mos: 1 });
  });
});
