import type { Problem } from "../gen/messages";
import { language, t, word } from "./language";
import { type Key, zh } from "./zh";

/** One sentence for a refused command: what happened, and why as far as the server's state says. */
export function problemText(problem: Problem): string {
  switch (problem.code) {
    case "not_connected":
      return t("problem.not_connected");
    case "timeout":
      return t("problem.timeout");
    case "forbidden":
      return problem.state === "" ? withDetail(t("problem.forbidden"), problem) : refusal(problem);
    case "not_found":
      return withDetail(t("problem.not_found"), problem);
    case "conflict":
      return refusal(problem);
    case "unavailable":
      return withDetail(t("problem.unavailable"), problem);
    default:
      return withDetail(t("problem.failed"), problem);
  }
}

/** The server's words are English: beside a sentence of our own they are shown to those who chose English. */
function refusal(problem: Problem): string {
  const key = `refused.${problem.state.toLowerCase()}`;
  if (isKey(key)) return language.value === "en" ? withDetail(t(key), problem) : t(key);
  const plain = problem.state === "" ? t("problem.conflict") : t("problem.conflict_state", { state: word("state", problem.state) });
  return withDetail(plain, problem);
}

function withDetail(sentence: string, { message }: Problem): string {
  return message === "" ? sentence : `${sentence} (${message})`;
}

function isKey(key: string): key is Key {
  return Object.hasOwn(zh, key);
}
