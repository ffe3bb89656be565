import "./browser_globals";

import { afterEach, describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { language, localised, t, word } from "../src/i18n/language";
import { problemText } from "../src/i18n/problems";
import { zh } from "../src/i18n/zh";
import type { DispositionView } from "../src/gen/messages";
import { branches } from "../src/ui/codes";
import { ago, duration, initials, phoneNumber } from "../src/ui/format";

afterEach(() => (language.value = "en"));

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe("the dictionary", () => {
  it.each(Object.entries(zh))("%s has the same places to fill in both languages, and no empty text", (key, chinese) => {
    const english = en[key as keyof typeof zh];
    expect(places(english)).toEqual(places(chinese));
    expect(english.trim()).not.toBe("");
  });

  it("fills in values as they are, also those that look like places", () => {
    language.value = "en";
    expect(t("strip.listen", { name: "{name}" })).toBe("Listening to {name}");
  });

  it("sets the language of the document", () => {
    language.value = "zh-CN";
    expect(document.documentElement.lang).toBe("zh-CN");
    expect(t("primary.answer")).toBe("接听");
  });

  it("shows a code of the server that it does not know", () => {
    expect(word("reason", "fire_drill")).toBe("fire_drill");
    expect(word("state", "toString")).toBe("toString");
  });

  it("takes the server's text in the language, else in another one, else the code", () => {
    language.value = "zh-CN";
    expect(localised({ zh: "售后", en: "After-sales" }, "x")).toBe("售后");
    expect(localised({ en: "After-sales" }, "x")).toBe("After-sales");
    expect(localised(undefined, "x")).toBe("x");
  });

  it("says why a command was refused, by the state, and in English with the server's own words", () => {
    const problem = { code: "conflict", message: "the queue complaints is closed now", field: "", state: "closed" };
    language.value = "en";
    expect(problemText(problem)).toBe("This queue is closed now. (the queue complaints is closed now)");
    language.value = "zh-CN";
    expect(problemText(problem)).toBe("这个队列现在不在服务时间。");
  });

  it("names a state for which it has no sentence, and then keeps the server's words in every language", () => {
    language.value = "zh-CN";
    const problem = { code: "conflict", message: "not so", field: "", state: "not_ready" };
    expect(problemText(problem)).toBe("当前状态“示忙”下不能这样做。 (not so)");
  });
});

describe("formats", () => {
  it.each([
    [0, "0:00"],
    [42.9, "0:42"],
    [3723, "1:02:03"],
    [-3, "0:00"],
  ])("%d seconds are %s", (seconds, text) => expect(duration(seconds)).toBe(text));

  it.each([
    ["+8613900000001", "139 0000 0001"],
    ["13900000001", "139 0000 0001"],
    ["+861088886666", "010 8888 6666"],
    ["+8651260000110", "0512 6000 0110"],
    ["+867556000011", "0755 600 0011"],
    ["+14155550123", "+1 415 555 0123"],
    ["anonymous", "anonymous"],
    ["", ""],
  ])("%s is written %s", (number, text) => expect(phoneNumber(number)).toBe(text));

  it.each([
    ["张伟", "张"],
    ["Anna Schmidt", "AS"],
    ["<img src=x>", "S"],
    ["139 0000", ""],
    ["", ""],
  ])("the initials of %s are %s", (name, text) => expect(initials(name)).toBe(text));

  it("says how long ago in the language", () => {
    language.value = "zh-CN";
    expect(ago(1_000_000 - 172_800, 1_000_000)).toBe("前天");
    language.value = "en";
    expect(ago(1_000_000 - 86_400, 1_000_000)).toBe("yesterday");
  });
});

describe("the tree of dispositions", () => {
  const node = (code: string, ...children: DispositionView[]): DispositionView => ({
    code,
    label: { en: code.toUpperCase() },
    children,
    fields: [],
    complaint: false,
    follow_up_days: null,
  });

  it("becomes headings with leaves; a branch itself cannot be chosen", () => {
    language.value = "en";
    const tree = [node("solved"), node("delivery", node("late"), node("lost", node("gone"))), node("other"), node("none")];
    expect(branches(tree)).toEqual([
      { heading: "", leaves: [{ code: "solved", label: "SOLVED" }] },
      { heading: "DELIVERY", leaves: [{ code: "late", label: "LATE" }] },
      { heading: "DELIVERY / LOST", leaves: [{ code: "gone", label: "GONE" }] },
      {
        heading: "",
        leaves: [
          { code: "other", label: "OTHER" },
          { code: "none", label: "NONE" },
        ],
      },
    ]);
  });
});
