import type { DispositionView, FieldView, FormView, WorkCodes } from "../gen/messages";

/** What is filled in. `fields` keeps what an earlier choice asked for, so that choosing it again finds it. */
export interface FormValues {
  readonly disposition: string;
  readonly note: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly complaint: boolean;
  readonly followUpAt: number | null;
  readonly followUpKind: "agent" | "queue" | "group";
  readonly followUpOwner: string;
  readonly followUpText: string;
}

export const EMPTY: FormValues = {
  disposition: "",
  note: "",
  fields: {},
  complaint: false,
  followUpAt: null,
  followUpKind: "agent",
  followUpOwner: "",
  followUpText: "",
};

const PLAIN: FormView = { tree: "", required: false, waits: false };

export function formOf(codes: WorkCodes | null, queue: string): FormView {
  return codes?.forms[queue] ?? PLAIN;
}

export function treeOf(codes: WorkCodes | null, queue: string): readonly DispositionView[] {
  return codes?.trees[formOf(codes, queue).tree] ?? codes?.dispositions ?? [];
}

/** A disposition that may be chosen; null for a branch, and for a code that is not (any more) in the tree. */
export function leafOf(tree: readonly DispositionView[], code: string): DispositionView | null {
  for (const node of tree) {
    if (node.children.length === 0 && node.code === code) return node;
    const below = leafOf(node.children, code);
    if (below !== null) return below;
  }
  return null;
}

export type LackKind = "choose" | "gone" | "required" | "not_a_number" | "not_an_option" | "not_a_date";

export interface Lack {
  /** As the server names it: "disposition" or "fields.<code>". */
  readonly field: string;
  readonly kind: LackKind;
}

/** The first thing that is wrong, as the server will see it; null for a complete form. */
export function lackOf(codes: WorkCodes | null, queue: string, values: FormValues): Lack | null {
  const tree = treeOf(codes, queue);
  if (values.disposition === "") return formOf(codes, queue).required ? { field: "disposition", kind: "choose" } : null;
  const leaf = leafOf(tree, values.disposition);
  if (leaf === null) return tree.length > 0 ? { field: "disposition", kind: "gone" } : null;
  for (const field of leaf.fields) {
    const kind = lackOfField(field, (values.fields[field.code] ?? "").trim());
    if (kind !== null) return { field: `fields.${field.code}`, kind };
  }
  return null;
}

function lackOfField(field: FieldView, value: string): LackKind | null {
  if (value === "") return field.required ? "required" : null;
  if (field.kind === "number" && !Number.isFinite(Number(value))) return "not_a_number";
  if (field.kind === "choice" && !field.options.some((option) => option.code === value)) return "not_an_option";
  if (field.kind === "date" && !/^\d{4}-\d\d-\d\d$/.test(value)) return "not_a_date";
  return null;
}

/** The values with another disposition, and what it proposes where nothing was chosen yet. `at`: unix seconds. */
export function choose(values: FormValues, tree: readonly DispositionView[], code: string, at: number): FormValues {
  const leaf = leafOf(tree, code);
  const days = leaf?.follow_up_days ?? null;
  return {
    ...values,
    disposition: code,
    complaint: values.complaint || leaf?.complaint === true,
    followUpAt: values.followUpAt ?? (days === null ? null : morningIn(days, at)),
  };
}

/** 9:00 of that day at the agent's place; for today the next full hour, should that be later. */
export function morningIn(days: number, at: number): number {
  const when = new Date(at * 1000);
  const soon = new Date(at * 1000);
  when.setDate(when.getDate() + days);
  when.setHours(9, 0, 0, 0);
  soon.setHours(soon.getHours() + 1, 0, 0, 0);
  return Math.max(when.getTime(), days === 0 ? soon.getTime() : 0) / 1000;
}

export function isWritten(values: FormValues): boolean {
  return (
    values.note.trim() !== "" ||
    values.disposition !== "" ||
    values.complaint ||
    values.followUpAt !== null ||
    Object.values(values.fields).some((value) => value !== "")
  );
}
