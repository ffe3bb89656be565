import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

/** WCAG 2.2, 1.4.3: normal text on its background; 1.4.11: what is not text but must be seen. */
const TEXT = 4.5;
const SHAPE = 3;

type Theme = "light" | "dark";
const THEMES: readonly Theme[] = ["light", "dark"];

const css = readFileSync(new URL("../src/styles/tokens.css", import.meta.url), "utf8");
const TOKENS = new Map([...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g)].map(([, name, light, dark]) => [name, { light, dark }]));

function colour(name: string, theme: Theme): string {
  const found = name.startsWith("#") ? name : TOKENS.get(name)?.[theme];
  if (found === undefined) throw new Error(`there is no token --${name}`);
  return found;
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

const GROUNDS = ["bg", "surface", "raised", "sunken", "hover"];
const TONES = ["ready", "offered", "busy", "wrap", "away", "alarm", "gold"];

const PAIRS: readonly (readonly [text: string, ground: string, least: number])[] = [
  ...GROUNDS.flatMap((ground) => ["text", "text-2", "text-3", "accent"].map((text) => [text, ground, TEXT] as const)),
  ...TONES.flatMap((tone) => ["surface", "raised", `${tone}-soft`].map((ground) => [tone, ground, TEXT] as const)),
  ...["busy", "wrap", "away", "alarm", "ready"].map((tone) => ["#ffffff", `${tone}-fill`, TEXT] as const),
  ...["surface", "bg", "raised"].map((ground) => ["focus", ground, SHAPE] as const),
  ...["surface", "raised", "out-soft"].map((ground) => ["out", ground, TEXT] as const),
  ["offered-fill", "surface", SHAPE],
];

describe("the colours", () => {
  it("are read from the file", () => expect(TOKENS.size).toBeGreaterThan(30));

  it("tell black from white", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5));

  describe.each(THEMES)("%s", (theme) => {
    it.each(PAIRS)("%s on %s can be read", (text, ground, least) => {
      expect(contrast(colour(text, theme), colour(ground, theme))).toBeGreaterThanOrEqual(least);
    });
  });
});
