import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "laidian.theme";

function remembered(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

export const theme = signal<Theme>(remembered());

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

/** One click: the opposite of what is seen now. */
export function toggleTheme(): void {
  const dark = theme.value === "dark" || (theme.value === "system" && darkSystem.matches);
  theme.value = dark ? "light" : "dark";
}

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
  if (theme.value === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme.value);
});
