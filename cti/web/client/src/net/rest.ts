import { signal } from "@preact/signals";

import type {
  Explanation,
  Interactions,
  LogInBody,
  PhoneView,
  Problem,
  SessionView,
  WaysIn,
  WorkCodes,
} from "../gen/messages";

/** `status` 0: no answer at all. `retryAfter` in seconds, for 429. */
export class RequestFailed extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly retryAfter: number | null,
    /** The body as it came, for a refusal that says more than its problem. */
    readonly answer: unknown = null,
  ) {
    super(problem.message || `HTTP ${status}`);
    this.name = "RequestFailed";
  }
}

const ROOT = "/api/v1";
const DEADLINE_MS = 15_000;

let csrf = "";

/** Whether the server says that demo passwords are in force; known before anybody has logged in. */
export const demoServer = signal(false);

export async function request(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin", signal: AbortSignal.timeout(DEADLINE_MS) };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await fetch(ROOT + path, init).catch(() => null);
  if (response === null) throw new RequestFailed(0, problemOf(null), null);
  demoServer.value = response.headers.get("X-Laidian-Demo") === "1";
  if (!response.ok) {
    const answer: unknown = await response.json().catch(() => null);
    const wait = Number(response.headers.get("Retry-After"));
    throw new RequestFailed(response.status, problemOf(answer), wait > 0 ? wait : null, answer);
  }
  return response;
}

/** The server answers a problem as it is or inside `error`; a proxy in between answers anything. */
function problemOf(answer: unknown): Problem {
  const outer = typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>) : {};
  const inner = (typeof outer["error"] === "object" && outer["error"] !== null ? outer["error"] : outer) as Record<
    string,
    unknown
  >;
  const text = (name: string): string => (typeof inner[name] === "string" ? inner[name] : "");
  return { code: text("code"), message: text("message"), field: text("field"), state: text("state") };
}

export async function get<T>(path: string, query: Record<string, string | number | boolean | undefined> = {}): Promise<T> {
  const known = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(known.map(([name, value]) => [name, String(value)]));
  const response = await request("GET", search.size > 0 ? `${path}?${search.toString()}` : path);
  return (await response.json()) as T;
}

/** The session of the cookie, or null when there is none (any more). Raises RequestFailed for everything else. */
export async function currentSession(): Promise<SessionView | null> {
  try {
    return keep(await get<SessionView>("/session"));
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 401) return null;
    throw error;
  }
}

export async function logIn(body: LogInBody): Promise<SessionView> {
  const response = await request("POST", "/session", body);
  return keep((await response.json()) as SessionView);
}

export const waysIn = (): Promise<WaysIn> => get("/ways-in");

export async function logOut(): Promise<void> {
  await request("DELETE", "/session");
}

function keep(session: SessionView): SessionView {
  csrf = session.csrf;
  return session;
}

/** `tab`: only the one that owns the phone is told. */
export const phoneAccount = (tab: string): Promise<PhoneView> => get("/phone", { tab });
export const workCodes = (): Promise<WorkCodes> => get("/codes");

export interface InteractionSearch {
  number?: string | undefined;
  agent?: string | undefined;
  queue?: string | undefined;
  before?: number | undefined;
  limit?: number | undefined;
}

export const interactions = (search: InteractionSearch): Promise<Interactions> =>
  get("/interactions", { ...search });

export const explanation = (interactionId: string): Promise<Explanation> =>
  get(`/interactions/${encodeURIComponent(interactionId)}/explain`);

export const recordingAddress = (interactionId: string): string =>
  `${ROOT}/recordings/${encodeURIComponent(interactionId)}/audio`;
