import type { CustomerFieldView, CustomerPatchBody, CustomerView } from "../gen/messages";

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

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

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
