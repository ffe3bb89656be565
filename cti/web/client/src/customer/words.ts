import { fill, language } from "../i18n/language";
import { en } from "./words_en";
import { type CustomerWord, zh } from "./words_zh";

/** The words of the customer's card, its sheets and the timeline. */
export function w(key: CustomerWord, values: Readonly<Record<string, string | number>> = {}): string {
  return fill((language.value === "zh-CN" ? zh : en)[key], values);
}

/** For codes of the server: the code itself when there is no word for it. */
export function known(prefix: "field" | "order.delivery", code: string): string {
  const key = `${prefix}.${code}`;
  return Object.hasOwn(zh, key) ? w(key as CustomerWord) : code;
}
