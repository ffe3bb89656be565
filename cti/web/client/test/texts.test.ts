import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const SOURCE = fileURLToPath(new URL("../src/", import.meta.url));
const DICTIONARY = /(^|[/_])(zh|en)\.ts$/;
const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("gen/") && !DICTIONARY.test(file))
  .map((file) => ({ file, text: readFileSync(join(SOURCE, file), "utf8").replace(COMMENTS, "") }));

/** Names that are the same in every language. */
const NAMES = new Set(["来电", "中文", "中", "Laidian", "English", "EN", "VIP", "zh 5, en 3"]);

describe("what people read", () => {
  it.each(files)("in $file is Chinese only where the dictionary says it", ({ text }) => {
    const found = [...text.matchAll(/\p{Script=Han}+/gu)].map(([words]) => words).filter((words) => !NAMES.has(words));
    expect(found).toEqual([]);
  });

  it.each(files.filter(({ file }) => file.endsWith(".tsx")))("in $file is English only where the dictionary says it", ({ text }) => {
    const between = [...text.matchAll(/<\/?[\w.]+(?:\s[^<>]*)?>([^<>{}=;()]*[A-Za-z]{2,}[^<>{}=;()]*)<\//g)].map(([, words = ""]) => words.trim());
    const labels = [...text.matchAll(/\b(?:title|placeholder|alt|aria-label)="([^"]*[A-Za-z]{2,}[^"]*)"/g)].map(([, words = ""]) => words);
    expect([...between, ...labels].filter((words) => words !== "" && !NAMES.has(words))).toEqual([]);
  });
});
