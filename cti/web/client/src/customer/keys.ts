import { call } from "../session";
import { mayMerge, sheet } from "./sheets";
import { identify } from "./who";

/** The keys of the card: the list is in `src/desk/desk.tsx`. Whether the key meant something here. */
export function cardKey(key: string): boolean {
  const current = call.value;
  if (current === null || current.direction === "internal" || current.asked_by !== "") return false;
  const known = (current.customer?.customer_id ?? 0) > 0;
  if (key === "e" && known) sheet.value = "edit";
  else if (key === "w") sheet.value = "find";
  else if (key === "g" && known && mayMerge()) sheet.value = "merge";
  else if (key === "l") return pressed("customer-link");
  else if (key === "o") return pressed("timeline-more");
  else if (key === "/") return focused("timeline-search");
  else return chosen(key);
  return true;
}

function found(testId: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
}

function pressed(testId: string): boolean {
  found(testId)?.click();
  return found(testId) !== null;
}

function focused(testId: string): boolean {
  found(testId)?.focus();
  return found(testId) !== null;
}

/** 1 to 9: one of those who share the number, until somebody has been chosen. */
function chosen(key: string): boolean {
  const current = call.value;
  const one = /^[1-9]$/.test(key) ? current?.candidates[Number(key) - 1] : undefined;
  if (current === null || one === undefined || current.customer_chosen) return false;
  void identify(current, one.customer_id);
  return true;
}
