import type { Act } from "./possible";

/** What a key does: something to the call, or something of the page. */
export type KeyAct = Act | "list";

/** A key's acts in the order in which they are tried: the first that is possible now is meant. */
const KEYS: Readonly<Record<string, readonly Act[]>> = {
  h: ["swap", "hold", "resume"],
  m: ["mute"],
  t: ["complete", "transfer"],
  c: ["conference", "consult"],
  k: ["digits"],
  f: ["fetch", "flow"],
  r: ["resume-recording", "pause-recording", "start-recording"],
  d: ["dial"],
};

/** Null for a key that means nothing now. Space is not here: what it answers also depends on where the focus is. */
export function actOf(key: string, may: ReadonlySet<Act>): KeyAct | null {
  if (key === "?") return "list";
  return KEYS[key.toLowerCase()]?.find((act) => may.has(act)) ?? null;
}

/** The key that does it, for `aria-keyshortcuts` and the hint on a button. */
export function keyOf(act: Act): string | undefined {
  return Object.keys(KEYS).find((key) => KEYS[key]?.includes(act));
}

export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  readonly isComposing: boolean;
}

/** A letter is a shortcut only when nothing that is typed into has the focus; with Ctrl, Alt or Cmd it is the browser's. */
export function isShortcut(event: Pressed, inField: boolean): boolean {
  return !(event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing || inField);
}
