import { signal } from "@preact/signals";
import type { JSX } from "preact";

export const phonePanelOpen = signal(false);
const loaded = signal<typeof import("./panel") | null>(null);

/** The panel is fetched when somebody opens it: few do so twice. */
export function togglePhonePanel(): void {
  phonePanelOpen.value = !phonePanelOpen.value;
  if (loaded.value === null) void import("./panel").then((module) => (loaded.value = module));
}

export function PhonePanelHost(): JSX.Element | null {
  if (!phonePanelOpen.value || loaded.value === null) return null;
  const { PhonePanel } = loaded.value;
  return <PhonePanel />;
}
