import { signal } from "@preact/signals";

import { cardKey } from "../customer/keys";
import { call } from "../session";
import { doPrimary, primary } from "./actions";
import { may, perform, sheet } from "./call_control";
import { actOf, isShortcut } from "./keymap";

export const shortcutsOpen = signal(false);

const FIELDS = "input, textarea, select, [contenteditable], [role=menu], dialog";

function meantForUs(event: KeyboardEvent): boolean {
  const inField = event.target instanceof Element && event.target.closest(FIELDS) !== null;
  return isShortcut(event, inField);
}

export function onDeskKey(event: KeyboardEvent): void {
  if (event.key === "Escape") {
    sheet.value = null;
    shortcutsOpen.value = false;
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
  if (key === " ") return answerBySpace(target);
  const meant = actOf(key, may.value);
  if (meant === null) return cardKey(key);
  if (meant === "list") shortcutsOpen.value = !shortcutsOpen.value;
  else perform(meant);
  return true;
}

/** Space answers, and it never hangs up: the button that was clicked last still has the focus. Enter presses it. */
function answerBySpace(target: EventTarget | null): boolean {
  if (primary.value.action === "hang-up") return isPrimary(target);
  if (primary.value.action !== "answer" || !primary.value.enabled) return false;
  if (call.value === null && target instanceof HTMLButtonElement && !isPrimary(target)) return false;
  doPrimary();
  return true;
}
