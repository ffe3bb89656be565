import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { CallView } from "../gen/messages";
import { t } from "../i18n/language";
import { session } from "../session";
import { Failure, Skeleton } from "../ui/parts";

export type SheetName = "edit" | "merge" | "find";

/** What lies over the card's body; null for nothing. */
export const sheet = signal<SheetName | null>(null);

export const mayMerge = (): boolean => session.value?.rights.includes("customer.merge") ?? false;

const loaded = signal<typeof import("./pages") | null>(null);
const failed = signal(false);

async function load(): Promise<void> {
  failed.value = false;
  try {
    loaded.value ??= await import("./pages");
  } catch {
    failed.value = true;
  }
}

/** Editing, merging and finding are fetched when somebody wants them: the pop does without. */
export function Sheet({ current }: { current: CallView }): JSX.Element | null {
  const name = sheet.value;
  useEffect(() => {
    if (name !== null) void load();
  }, [name]);
  useEffect(() => () => void (sheet.value = null), []);
  if (name === null) return null;
  if (failed.value) return <Failure text={t("page.failed")} retry={() => void load()} />;
  if (loaded.value === null) return <Skeleton rows={6} />;
  const { Editor, Finder, Merge } = loaded.value;
  const customer = current.customer;
  return (
    <section class="customer-sheet" data-testid={`sheet-${name}`}>
      {name === "find" && <Finder current={current} />}
      {name === "edit" && customer !== null && <Editor key={customer.customer_id} customer={customer} />}
      {name === "merge" && customer !== null && <Merge key={customer.customer_id} customer={customer} />}
    </section>
  );
}
