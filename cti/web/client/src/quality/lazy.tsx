import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/language";
import { Failure, Skeleton } from "../ui/parts";

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

/** Recordings and scores are fetched when somebody opens them: the desk and the board do without. */
export function QualityPage({ page }: { page: "recordings" | "scores" }): JSX.Element {
  useEffect(() => void load(), []);
  if (failed.value) return <Failure text={t("page.failed")} retry={() => void load()} />;
  if (loaded.value === null) return <Skeleton rows={8} />;
  const Shown = page === "recordings" ? loaded.value.Recordings : loaded.value.MyScores;
  return <Shown />;
}
