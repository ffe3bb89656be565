import { effect, signal } from "@preact/signals";

import { call, order, session, socketState } from "../session";

export interface WrapUpForm {
  readonly interactionId: string;
  /** Whom the form is about, for the tab of a draft. */
  readonly title: string;
  readonly disposition: string;
  readonly note: string;
  readonly complaint: boolean;
  readonly followUpAt: number | null;
}

const TYPING_PAUSE_MS = 600;
const MOST_DRAFTS = 5;
const KEY = "laidian.drafts";

export type Saved = "clean" | "dirty" | "saving" | "saved" | "unsaved";

/** The form of the present call; null when there is none. */
export const form = signal<WrapUpForm | null>(null);
export const saved = signal<Saved>("clean");
/** What was being written for customers whose wrap-up ended before it was finished; newest first. */
export const drafts = signal<readonly WrapUpForm[]>(remembered());


let timer: ReturnType<typeof setTimeout> | undefined;
/** Interactions whose form was finished here: they leave no draft. */
const finished = new Set<string>();

/** Keeps the form in step with the call; called once. A form that was typed into is never overwritten by the server. */
export function followForm(): void {
  effect(() => {
    const current = call.value;
    const held = form.peek();
    if (current?.interaction_id === held?.interactionId) return;
    if (held !== null) leave(held);
    clearTimeout(timer);
    saved.value = "clean";
    if (current === null) {
      form.value = null;
      return;
    }
    const draft = drafts.peek().find((each) => each.interactionId === current.interaction_id);
    form.value = draft ?? {
      interactionId: current.interaction_id,
      title: current.customer?.name || current.caller_name || current.number,
      disposition: current.disposition,
      note: current.note,
      complaint: current.complaint,
      followUpAt: null,
    };
    if (draft !== undefined) dropDraft(draft.interactionId);
  });
  effect(() => {
    if (session.value !== null) return;
    drafts.value = []; // the next who logs in here is somebody else
    sessionStorage.removeItem(KEY);
  });
  effect(() => {
    if (socketState.value === "open" && saved.peek() === "unsaved") void save();
  });
}

export function edit(change: Partial<Omit<WrapUpForm, "interactionId" | "title">>): void {
  if (form.value === null) return;
  form.value = { ...form.value, ...change };
  saved.value = "dirty";
  remember();
  clearTimeout(timer);
  timer = setTimeout(() => void save(), TYPING_PAUSE_MS);
}

async function save(): Promise<void> {
  const sent = form.value;
  if (sent === null || saved.value === "clean") return;
  saved.value = "saving";
  const done = await order({ ...commandOf(sent), final: false });
  if (form.value !== sent) return; // typed on meanwhile, or the call is over
  saved.value = done ? "saved" : "unsaved";
}

export async function finishForm(): Promise<void> {
  const sent = form.value;
  if (sent === null) return;
  clearTimeout(timer);
  finished.add(sent.interactionId);
  const done = await order({ ...commandOf(sent), final: true });
  if (!done) finished.delete(sent.interactionId);
  else remember();
}

export async function saveDraft(draft: WrapUpForm): Promise<void> {
  if (await order({ ...commandOf(draft), final: false })) dropDraft(draft.interactionId);
}

export function editDraft(draft: WrapUpForm): void {
  drafts.value = drafts.value.map((each) => (each.interactionId === draft.interactionId ? draft : each));
  remember();
}

export function dropDraft(interactionId: string): void {
  drafts.value = drafts.value.filter((each) => each.interactionId !== interactionId);
  remember();
}

function commandOf(sent: WrapUpForm) {
  return {
    cmd: "wrap_up.save",
    interaction_id: sent.interactionId,
    disposition: sent.disposition,
    note: sent.note,
    complaint: sent.complaint,
    follow_up_at: sent.followUpAt,
  } as const;
}

function leave(left: WrapUpForm): void {
  const written = left.note.trim() !== "" || left.disposition !== "" || left.complaint;
  const unfinished = !finished.delete(left.interactionId) && written;
  if (unfinished) drafts.value = [left, ...drafts.value].slice(0, MOST_DRAFTS);
  remember();
}

/** A page that is loaded again finds its words again: the drafts, and the form as the first of them. */
function remember(): void {
  const present = form.peek();
  const all = present === null ? drafts.peek() : [present, ...drafts.peek()];
  const open = all.filter((each) => !finished.has(each.interactionId) && (each.note !== "" || each.disposition !== ""));
  sessionStorage.setItem(KEY, JSON.stringify(open.slice(0, MOST_DRAFTS)));
}

function remembered(): readonly WrapUpForm[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as WrapUpForm[];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
