import { fill, language } from "../i18n/language";
import { en } from "./words_en";
import { type Word, zh } from "./words_zh";

/** The words of these pages, which are loaded with them. */
export function q(key: Word, values: Readonly<Record<string, string | number>> = {}): string {
  return fill((language.value === "zh-CN" ? zh : en)[key], values);
}
