import { signal } from "@preact/signals";

export type Page = "login" | "desk" | "board" | "recordings" | "scores";

const PATHS: Readonly<Record<Page, string>> = {
  login: "/login",
  desk: "/",
  board: "/board",
  recordings: "/recordings",
  scores: "/scores",
};

/** A supervisor who wants the desk, which stands at the bare address of the site only for agents. */
const SUPERVISORS_DESK = "/desk";

function pageOfAddress(): Page | "default" {
  const named = (["board", "recordings", "scores"] as const).find((page) => location.pathname === PATHS[page]);
  if (named !== undefined) return named;
  return location.pathname === SUPERVISORS_DESK ? "desk" : "default";
}

export const asked = signal<Page | "default">(pageOfAddress());

/** What is shown: nobody gets past the login; an agent has no board, a supervisor no scores of their own. */
export function pageFor(wish: Page | "default", user: "nobody" | "agent" | "supervisor"): Page {
  if (user === "nobody") return "login";
  if (user === "agent") return wish === "scores" ? "scores" : "desk";
  return wish === "desk" || wish === "recordings" ? wish : "board";
}

export function go(page: Page): void {
  asked.value = page;
}

/** Keeps the address in step with what is shown, without a new entry in the history for a redirection. */
export function showAddress(page: Page, user: "nobody" | "agent" | "supervisor"): void {
  const address = page === "desk" && user === "supervisor" ? SUPERVISORS_DESK : PATHS[page];
  if (location.pathname !== address) history.replaceState(null, "", address);
}

addEventListener("popstate", () => (asked.value = pageOfAddress()));
