import { fill, language } from "../i18n/language";
import { RequestFailed } from "../net/rest";
import { en } from "./words_en";
import { type Word, zh } from "./words_zh";

/** The words of this page, which are loaded with it. */
export function w(key: Word, values: Readonly<Record<string, string | number>> = {}): string {
  return fill((language.value === "zh-CN" ? zh : en)[key], values);
}

/** `wrong`: what a 401 means here. */
export function refusal(error: unknown, wrong: Word, least = 0): string {
  if (!(error instanceof RequestFailed)) throw error;
  const weak = `weak.${error.problem.state}`;
  if (error.status === 422 && Object.hasOwn(zh, weak)) return w(weak as Word, { least });
  if (error.status === 401) return w(wrong);
  if (error.status === 429) return w("too_often", { seconds: error.retryAfter ?? 60 });
  return w("failed", { detail: error.problem.message || `HTTP ${error.status}` });
}
