import { describe, expect, it } from "vitest";

import { estimatedMos, verdict } from "../src/phone/quality";

const path = (loss: number, jitterS: number, rttS: number): number => estimatedMos({ loss, jitterS, rttS });

describe("the estimated opinion of a line", () => {
  it("is that of G.711 where nothing is impaired", () => {
    expect(path(0, 0, 0)).toBeCloseTo(4.39, 1);
    expect(verdict(path(0, 0.002, 0.02))).toBe("good");
  });
  it("falls with loss as in Cole and Rosenbluth's figure: 5 % is fair, 10 % bad, 20 % nearly useless", () => {
    expect(path(0.01, 0, 0)).toBeGreaterThan(4.1);
    expect(verdict(path(0.05, 0.005, 0.05))).toBe("fair");
    expect(verdict(path(0.1, 0.005, 0.05))).toBe("bad");
    expect(path(0.2, 0, 0)).toBeLessThan(2.8);
  });
  it("falls faster once the delay hinders a dialogue", () => {
    const near = path(0, 0, 0.1) - path(0, 0, 0.2);
    const far = path(0, 0, 0.5) - path(0, 0, 0.6);
    expect(far).toBeGreaterThan(2 * near);
  });
  it("never leaves its scale", () => {
    expect(path(1, 5, 10)).toBe(1);
    expect(path(-1, 0, 0)).toBeLessThanOrEqual(4.5);
  });
});
