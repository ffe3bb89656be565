import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { Must } from "../gen/messages";
import { t } from "../i18n/language";
import { Failure, Skeleton } from "../ui/parts";

const loaded = signal<typeof import("./account") | null>(null);
const failed = signal(false);

async function load(): Promise<void> {
  failed.value = false;
  try {
    loaded.value ??= await import("./account");
  } catch {
    failed.value = true;
  }
}

/** Fetched when somebody opens it. `only`: what has to be done before anything else. */
export function AccountPage({ only = "" }: { only?: Must }): JSX.Element {
  useEffect(() => void load(), []);
  if (failed.value) return <Failure text={t("page.failed")} retry={() => void load()} />;
  if (loaded.value === null) return <Skeleton rows={6} />;
  return <loaded.value.Account only={only} />;
}
