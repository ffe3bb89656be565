import { signal } from "@preact/signals";

export interface Toast {
  readonly id: number;
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

export const toasts = signal<readonly Toast[]>([]);

const MOST = 3;
const SHOWN_MS = { info: 4_000, warning: 8_000, error: 12_000 } as const;

let nextId = 1;

/** The same text twice is one toast. */
export function showToast(level: Toast["level"], text: string): void {
  const others = toasts.value.filter((toast) => toast.text !== text);
  const toast = { id: nextId++, level, text };
  toasts.value = [...others, toast].slice(-MOST);
  setTimeout(() => dismissToast(toast.id), SHOWN_MS[level]);
}

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
