import { signal } from "@preact/signals";

export type Page = "login" | "desk" | "board" | "recordings" | "scores" | "account" | "wall";

const PATHS: Readonly<Record<Page, string>> = {
  login: "/login",
  desk: "/",
  board: "/board",
  recordings: "/recordings",
  scores: "/scores",
  account: "/account",
  wall: "/wall",
};

/** A supervisor who wants the desk, which stands at the bare address of the site only for agents. */
const SUPERVISORS_DESK = "/desk";

function pageOfAddress(): Page | "default" {
  const named = (["board", "recordings", "scores", "account", "wall"] as const).find((page) => location.pathname === PATHS[page]);
  if (named !== undefined) return named;
  return location.pathname === SUPERVISORS_DESK ? "desk" : "default";
}

/** The query of the wallboard's address, which outlives the login: "?queues=after_sales,operator". */
const wallQuery = location.pathname === PATHS.wall ? location.search : "";

/** The names of the queues that the wallboard shows, in this order; none for all. */
export const wallQueues: readonly string[] = (new URLSearchParams(wallQuery).get("queues") ?? "")
  .split(",")
  .map((name) => name.trim())
  .filter((name) => name !== "");

export const asked = signal<Page | "default">(pageOfAddress());

/** What is shown: nobody gets past the login; an agent has no board, a supervisor no scores of their own. */
export function pageFor(wish: Page | "default", user: "nobody" | "agent" | "supervisor"): Page {
  if (user === "nobody") return "login";
  if (wish === "account") return wish;
  if (user === "agent") return wish === "scores" ? "scores" : "desk";
  return wish === "desk" || wish === "recordings" || wish === "wall" ? wish : "board";
}

export function go(page: Page): void {
  asked.value = page;
}

/** Keeps the address in step with what is shown, without a new entry in the history for a redirection. */
export function showAddress(page: Page, user: "nobody" | "agent" | "supervisor"): void {
  const address = page === "desk" && user === "supervisor" ? SUPERVISORS_DESK : PATHS[page];
  if (location.pathname === address) return;
  history.replaceState(null, "", page === "wall" ? address + wallQuery : address);
}

addEventListener("popstate", () => (asked.value = pageOfAddress()));
