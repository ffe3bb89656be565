import { computed, effect, signal } from "@preact/signals";

import type { CallView, DraftView } from "../gen/messages";
import { problemText } from "../i18n/problems";
import { now } from "../net/clock";
import { CommandFailed } from "../net/connection";
import { call, codes, known, order, send, session, socketState, unfinished } from "../session";
import { showToast } from "../ui/toasts";
import { choose, type FormValues, isWritten, lackOf, type LackKind, treeOf } from "./form_rules";

export interface WrapUpForm extends FormValues {
  readonly interactionId: string;
  readonly queue: string;
  /** Whom the form is about, for its tab. */
  readonly title: string;
}

/** How long after the first stroke at the latest what was typed is with the server, also while typing goes on. */
const SAVE_AFTER_MS = 800;
const KEY = "laidian.forms";

export type Saved = "clean" | "dirty" | "saving" | "saved" | "unsaved";

/** What was typed in this tab, by interaction. The server has it a moment later, and then it is the same. */
const typed = signal<Readonly<Record<string, WrapUpForm>>>(remembered());
const states = signal<Readonly<Record<string, Saved>>>(
  Object.fromEntries(Object.keys(typed.peek()).map((id) => [id, "unsaved"])),
);
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** The form of the present call; null when there is none. */
export const form = computed<WrapUpForm | null>(() => {
  const current = call.value;
  return current === null || !hasForm(current) ? null : (typed.value[current.interaction_id] ?? ofCall(current));
});

/** Unfinished forms of earlier calls, the latest first: the server's, and what it could not be told yet. */
export const drafts = computed<readonly WrapUpForm[]>(() => {
  const present = call.value?.interaction_id;
  const kept = unfinished.value.filter((draft) => draft.interaction_id !== present);
  const ids = new Set(kept.map((draft) => draft.interaction_id));
  const untold = Object.values(typed.value).filter((each) => each.interactionId !== present && !ids.has(each.interactionId));
  return [...untold, ...kept.map((draft) => typed.value[draft.interaction_id] ?? ofDraft(draft))];
});

/** Which field of which form the server, or the page itself, found wrong. */
export interface Refusal {
  readonly interactionId: string;
  readonly field: string;
  /** null: the server's own words say it better. */
  readonly kind: LackKind | null;
  readonly message: string;
}

export const refusal = signal<Refusal | null>(null);

export function savedState(interactionId: string): Saved {
  return states.value[interactionId] ?? "clean";
}

export function hasForm(current: CallView): boolean {
  return current.asked_by === "" && current.direction !== "internal";
}

function valuesOf(view: CallView | DraftView): FormValues {
  return {
    disposition: view.disposition,
    note: view.note,
    fields: view.fields,
    complaint: view.complaint,
    followUpAt: view.follow_up_at,
    followUpKind: view.follow_up_kind,
    followUpOwner: view.follow_up_owner,
    followUpText: view.follow_up_text,
  };
}

function ofCall(current: CallView): WrapUpForm {
  const title = current.customer?.name || current.caller_name || current.number;
  return { ...valuesOf(current), interactionId: current.interaction_id, queue: current.queue, title };
}

function ofDraft(draft: DraftView): WrapUpForm {
  const title = draft.customer_name || draft.number || draft.interaction_id;
  return { ...valuesOf(draft), interactionId: draft.interaction_id, queue: draft.queue, title };
}

/** Forgets what was typed once the server has it and shows it; called once. */
export function followForm(): void {
  effect(() => {
    if (session.value !== null) return;
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
    typed.value = {}; // the next who logs in here is somebody else
    states.value = {};
    sessionStorage.removeItem(KEY);
  });
  effect(() => {
    if (!known.value) return;
    const there = new Set(unfinished.value.map((draft) => draft.interaction_id));
    const present = call.value?.interaction_id;
    for (const id of Object.keys(typed.peek())) {
      if (id !== present && !there.has(id) && ["clean", "saved"].includes(states.peek()[id] ?? "dirty")) forget(id);
    }
  });
  effect(() => {
    if (socketState.value !== "open") return;
    for (const [id, state] of Object.entries(states.peek())) if (state === "unsaved") void save(id);
  });
}

export function edit(before: WrapUpForm, change: Partial<FormValues>): void {
  const id = before.interactionId;
  put({ ...before, ...change });
  if (refusal.value?.interactionId === id) refusal.value = null;
  if (!timers.has(id)) timers.set(id, setTimeout(() => void save(id), SAVE_AFTER_MS));
}

export function chooseDisposition(before: WrapUpForm, code: string): void {
  edit(before, choose(before, treeOf(codes.value, before.queue), code, now.peek()));
}

function put(next: WrapUpForm): void {
  typed.value = { ...typed.value, [next.interactionId]: next };
  mark(next.interactionId, "dirty");
  remember();
}

function mark(id: string, state: Saved): void {
  states.value = { ...states.value, [id]: state };
}

async function save(id: string): Promise<void> {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const sent = typed.peek()[id];
  if (sent === undefined) return;
  mark(id, "saving");
  const done = await order({ ...commandOf(sent), final: false });
  if (typed.peek()[id] === sent) mark(id, done ? "saved" : "unsaved");
}

/** The finished form. What is not complete is shown at its field, and stays. */
export async function finish(sent: WrapUpForm): Promise<void> {
  const id = sent.interactionId;
  clearTimeout(timers.get(id));
  timers.delete(id);
  const lack = lackOf(codes.value, sent.queue, sent);
  try {
    await send({ ...commandOf(sent), final: true });
    forget(id);
    refusal.value = null;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const { field, message, code } = error.problem;
    if (code !== "bad_request" || field === "") showToast("error", problemText(error.problem));
    else refusal.value = { interactionId: id, field, kind: lack?.field === field ? lack.kind : null, message };
    if (typed.peek()[id] !== undefined) void save(id);
  }
}

export async function finishForm(): Promise<void> {
  if (form.value !== null) await finish(form.value);
}

/** For words that the server does not take any more. */
export function forget(id: string): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  typed.value = Object.fromEntries(Object.entries(typed.value).filter(([each]) => each !== id));
  states.value = Object.fromEntries(Object.entries(states.value).filter(([each]) => each !== id));
  remember();
}

function commandOf(sent: WrapUpForm) {
  return {
    cmd: "wrap_up.save",
    interaction_id: sent.interactionId,
    disposition: sent.disposition,
    note: sent.note,
    fields: sent.fields,
    complaint: sent.complaint,
    follow_up_at: sent.followUpAt,
    follow_up_kind: sent.followUpKind,
    follow_up_owner: sent.followUpOwner,
    follow_up_text: sent.followUpText,
  } as const;
}

/** For a page that is loaded again while the server is away. */
function remember(): void {
  const written = Object.entries(typed.peek()).filter(([, each]) => isWritten(each));
  sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries(written)));
}

function remembered(): Readonly<Record<string, WrapUpForm>> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Record<string, WrapUpForm>;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
