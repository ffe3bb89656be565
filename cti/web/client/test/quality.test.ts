import "./browser_globals";

import { afterEach, describe, expect, it } from "vitest";

import type { ScorecardView } from "../src/gen/messages";
import { language } from "../src/i18n/language";
import { answerText, percentText } from "../src/quality/score_card";
import { inOrderOfUse } from "../src/quality/score_form";
import { dayBegins, firstWish, queryOf } from "../src/quality/search_form";
import { afterSilence, KEPT_S, withoutSilence } from "../src/quality/silence";
import { q } from "../src/quality/words";
import { en } from "../src/quality/words_en";
import { zh } from "../src/quality/words_zh";

afterEach(() => (language.value = "en"));

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe("the words of recordings and scores", () => {
  it.each(Object.entries(zh))("%s has the same places to fill in both languages, and no empty text", (key, chinese) => {
    const english = en[key as keyof typeof zh];
    expect(places(english)).toEqual(places(chinese));
    expect(english.trim()).not.toBe("");
    expect(chinese.trim()).not.toBe("");
  });

  it("follow the language", () => {
    language.value = "zh-CN";
    expect(q("comments.add", { at: "0:07" })).toBe("在 0:07 处批注");
    language.value = "en";
    expect(q("comments.add", { at: "0:07" })).toBe("Comment at 0:07");
  });
});

describe("skipping silence", () => {
  const silences = [
    { begin_s: 2, end_s: 6 },
    { begin_s: 10, end_s: 11.6 },
  ];

  it.each([
    [0, null],
    [2.1, null],
    [2 + KEPT_S, 6 - KEPT_S],
    [5, 6 - KEPT_S],
    [6 - KEPT_S, null],
    [8, null],
    [11, 11.6 - KEPT_S],
    [99, null],
  ])("at %d it goes on at %s", (at, onward) => expect(afterSilence(at, silences)).toBe(onward));

  it("never goes back, and a jump does not lead into another", () => {
    for (let at = 0; at < 12; at += 0.01) {
      const onward = afterSilence(at, silences);
      if (onward === null) continue;
      expect(onward).toBeGreaterThan(at);
      expect(afterSilence(onward, silences)).toBeNull();
    }
  });

  it("tells how much is left", () => expect(withoutSilence(20, silences)).toBeCloseTo(20 - 3.4 - 1));
});

describe("the search", () => {
  it("asks for whole days where the user is, and only for what was given", () => {
    const query = queryOf({ ...firstWish(), customer: " 张 ", from: "2026-03-01", to: "2026-03-01", min_s: "30", scored: "false" });
    expect(query.since).toBe(new Date(2026, 2, 1).getTime() / 1000);
    expect((query.until ?? 0) - (query.since ?? 0)).toBe(86_400);
    expect([query.customer, query.min_s, query.max_s, query.scored]).toEqual(["张", 30, null, false]);
  });

  it("takes no day that is none", () => expect(dayBegins("soon")).toBeNull());

  it("begins with the last seven days", () => {
    const since = queryOf(firstWish()).since ?? 0;
    const days = (Date.now() / 1000 - since) / 86_400;
    expect(days).toBeGreaterThan(5.9);
    expect(days).toBeLessThan(7.1);
  });
});

describe("scores", () => {
  const card = (code: string, ...queues: string[]): ScorecardView => ({ code, label: {}, queues, questions: [] });

  it("offers the card of the queue first, and another queue's last", () => {
    const cards = [card("other", "sales"), card("all"), card("own", "complaints")];
    expect(inOrderOfUse(cards, "complaints").map((each) => each.code)).toEqual(["own", "all", "other"]);
  });

  it("are written by the locale", () => {
    expect(percentText(86.7)).toBe("86.7%");
    expect(percentText(0)).toBe("0%");
  });

  it("say what was answered", () => {
    const question = { code: "a", label: {}, kind: "rating", weight: 1, most: 5, auto_fail: false, may_skip: true } as const;
    expect([3, null, undefined].map((value) => answerText(question, value))).toEqual(["3 / 5", "N/A", "–"]);
    expect([1, 0].map((value) => answerText({ ...question, kind: "yes_no", most: 1 }, value))).toEqual(["Yes", "No"]);
  });
});
