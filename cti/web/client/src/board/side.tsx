import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { Counted } from "../gen/messages";
import { t } from "../i18n/language";
import { Failure } from "../ui/parts";

/** Which number somebody wants to see the calls of. `until` with `since`: a bar of the chart. */
export interface Number_ {
  readonly what: Counted;
  readonly queue?: string;
  readonly agent?: string;
  readonly since?: number;
  readonly until?: number;
}

export type SideContent =
  | { readonly kind: "alarms" }
  | { readonly kind: "texts"; readonly to: string }
  | { readonly kind: "behind"; readonly number: Number_ };

/** What lies over the board's right side, fetched when it is first wanted; null for nothing. */
export const side = signal<SideContent | null>(null);

export function showBehind(number: Number_): void {
  side.value = { kind: "behind", number };
}

const loaded = signal<typeof import("./side_pages") | null>(null);
const failed = signal(false);

async function load(): Promise<void> {
  failed.value = false;
  try {
    loaded.value ??= await import("./side_pages");
  } catch {
    failed.value = true;
  }
}

export function Side(): JSX.Element | null {
  useEffect(() => void load(), []);
  const content = side.value;
  const pages = loaded.value;
  const close = (): void => {
    side.value = null;
  };
  if (content === null) return null;
  if (failed.value) return <Failure text={t("page.failed")} retry={() => void load()} />;
  if (pages === null) return null;
  if (content.kind === "alarms") return <pages.AlarmsPage onClose={close} />;
  if (content.kind === "texts") return <pages.TextsPage to={content.to} onClose={close} />;
  return <pages.BehindPage key={JSON.stringify(content.number)} number={content.number} onClose={close} />;
}
