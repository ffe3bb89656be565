import { effect, signal } from "@preact/signals";

import { en } from "./en";
import { type Key, zh } from "./zh";

export type Language = "zh-CN" | "en";

const KEY = "laidian.language";
const DICTIONARIES: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { "zh-CN": zh, en };

function remembered(): Language {
  const value = localStorage.getItem(KEY);
  if (value === "zh-CN" || value === "en") return value;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export const language = signal<Language>(remembered());

effect(() => {
  document.documentElement.lang = language.value;
  localStorage.setItem(KEY, language.value);
});

/** `{name}` in the text is replaced by `values.name`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The text of `key` in the language chosen, filled in. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return fill(DICTIONARIES[language.value][key], values);
}

/** A text that the server sends in every language: {"zh": ..., "en": ...}. */
export function localised(text: Readonly<Record<string, string>> | undefined, fallback = ""): string {
  const short = language.value === "zh-CN" ? "zh" : "en";
  return text?.[short] ?? text?.["en"] ?? text?.["zh"] ?? fallback;
}

/** For codes of the server: the text when the dictionary has one, otherwise the code itself. */
export function word(prefix: "state" | "outcome" | "medium" | "order" | "mode" | "reason" | "interaction" | "offer" | "notice", code: string): string {
  const key = `${prefix}.${code.toLowerCase()}`;
  return isKey(key) ? t(key) : code;
}

function isKey(key: string): key is Key {
  return Object.hasOwn(zh, key);
}
