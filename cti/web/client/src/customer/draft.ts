import type { CustomerFieldView, CustomerPatchBody, CustomerView } from "../gen/messages";
import { w } from "./words";

/** Everything as it is typed: a list has a line for each item. The keys are the names of the fields. */
export type Draft = Readonly<Record<string, string>>;

export function draftOf(customer: CustomerView, fields: readonly CustomerFieldView[]): Draft {
  const plain = {
    name: customer.name,
    vip: String(customer.vip),
    city: customer.city,
    company: customer.company,
    branch: customer.branch,
    numbers: customer.numbers.join("\n"),
    addresses: customer.addresses.map((one) => (one.label === "" ? one.text : `${one.label}: ${one.text}`)).join("\n"),
  };
  return { ...plain, ...Object.fromEntries(fields.map(({ code }) => [`extra.${code}`, customer.extra[code] ?? ""])) };
}

export interface Editing {
  /** What the draft was made from. */
  readonly before: Draft;
  readonly draft: Draft;
  readonly version: number;
}

const changedBy = (before: Draft, after: Draft, name: string): boolean => (after[name] ?? "") !== (before[name] ?? "");

/** The fields that both changed, and not to the same value. */
export function disputed(mine: Editing, theirs: Draft): readonly string[] {
  return Object.keys(mine.draft).filter(
    (name) =>
      changedBy(mine.before, mine.draft, name) &&
      changedBy(mine.before, theirs, name) &&
      changedBy(mine.draft, theirs, name),
  );
}

/** What I changed, and for the rest what they have now. */
export function together(mine: Editing, theirs: Draft): Draft {
  const own = Object.keys(mine.draft).filter((name) => changedBy(mine.before, mine.draft, name));
  return { ...theirs, ...Object.fromEntries(own.map((name) => [name, mine.draft[name] ?? ""])) };
}

/** Why the value that was typed into a field of the site cannot be saved; "" if it can. The server checks it again. */
export function complaint(field: CustomerFieldView, draft: Draft): string {
  const value = (draft[`extra.${field.code}`] ?? "").trim();
  if (value === "") return field.required ? w("edit.required") : "";
  return field.pattern === "" || fits(value, field.pattern) ? "" : w("edit.pattern", { pattern: field.pattern });
}

function fits(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(value);
  } catch {
    return true; // a pattern of Python's that browsers do not know
  }
}

export const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

function addressOf(line: string): { label: string; text: string } {
  const parts = /^([^:：]{1,40})[:：]\s*(.+)$/.exec(line);
  return { label: parts?.[1]?.trim() ?? "", text: parts?.[2] ?? line };
}

/** Only what differs from `before`, so that a change of somebody else to another field is no conflict of values. */
export function patchOf(before: Draft, draft: Draft, version: number): CustomerPatchBody {
  const changed = (name: string): boolean => (draft[name] ?? "").trim() !== (before[name] ?? "").trim();
  const extra = Object.keys(draft).filter((name) => name.startsWith("extra.") && changed(name));
  const texts = (["name", "city", "company", "branch"] as const).filter(changed);
  return {
    version,
    ...Object.fromEntries(texts.map((name) => [name, draft[name] ?? ""])),
    ...(changed("vip") ? { vip: Number(draft["vip"]) } : {}),
    ...(changed("numbers") ? { numbers: lines(draft["numbers"] ?? "") } : {}),
    ...(changed("addresses") ? { addresses: lines(draft["addresses"] ?? "").map(addressOf) } : {}),
    ...(extra.length > 0
      ? { extra: Object.fromEntries(extra.map((name) => [name.slice("extra.".length), draft[name] ?? ""])) }
      : {}),
  };
}
