import type { Problem } from "../gen/messages";
import { t, word } from "./language";

/** One sentence for a refused command: what happened, and the server's own words behind it. */
export function problemText(problem: Problem): string {
  const detail = problem.message === "" ? "" : ` (${problem.message})`;
  switch (problem.code) {
    case "not_connected":
      return t("problem.not_connected");
    case "timeout":
      return t("problem.timeout");
    case "forbidden":
      return t("problem.forbidden") + detail;
    case "not_found":
      return t("problem.not_found") + detail;
    case "conflict":
      return (
        (problem.state === "" ? t("problem.conflict") : t("problem.conflict_state", { state: word("state", problem.state) })) +
        detail
      );
    case "unavailable":
      return t("problem.unavailable") + detail;
    default:
      return t("problem.failed") + detail;
  }
}
