import { signal } from "@preact/signals";

import { call } from "../session";
import { doPrimary, inCall, keypadOpen, primary, toggleHold, toggleMute, transferOpen } from "./actions";

export const shortcutsOpen = signal(false);

const FIELDS = "input, textarea, select, [contenteditable], [role=menu], dialog";

/** A letter is a shortcut only when no field has the focus; with Ctrl, Alt or Cmd it belongs to the browser. */
function meantForUs(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return false;
  return !(event.target instanceof Element && event.target.closest(FIELDS) !== null);
}

export function onDeskKey(event: KeyboardEvent): void {
  if (event.key === "Escape") {
    transferOpen.value = keypadOpen.value = shortcutsOpen.value = false;
    return;
  }
  if (!meantForUs(event)) return;
  if (!act(event.key, event.target)) return;
  event.preventDefault();
  swallowed = event.key === " ";
}

/** Some browsers press a button when the key comes up, whatever happened when it went down. */
export function onDeskKeyUp(event: KeyboardEvent): void {
  if (event.key === " " && swallowed) event.preventDefault();
  swallowed = false;
}

let swallowed = false;

function isPrimary(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.dataset["testid"] === "primary";
}

function act(key: string, target: EventTarget | null): boolean {
  switch (key) {
    case " ":
      // Space answers, and it never hangs up: the button that was clicked last still has the focus. Enter presses it.
      if (primary.value.action === "hang-up") return isPrimary(target);
      if (primary.value.action !== "answer" || !primary.value.enabled) return false;
      if (call.value === null && target instanceof HTMLButtonElement && !isPrimary(target)) return false;
      doPrimary();
      return true;
    case "h":
      if (inCall.value) void toggleHold();
      return inCall.value;
    case "m":
      if (inCall.value) toggleMute();
      return inCall.value;
    case "t":
      if (inCall.value) transferOpen.value = true;
      return inCall.value;
    case "k":
      if (inCall.value) keypadOpen.value = !keypadOpen.value;
      return inCall.value;
    case "?":
      shortcutsOpen.value = !shortcutsOpen.value;
      return true;
    default:
      return false;
  }
}
