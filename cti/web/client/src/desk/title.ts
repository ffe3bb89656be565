import { effect } from "@preact/signals";

import { t } from "../i18n/language";
import { call } from "../session";
import { dueCount } from "./tasks";

const BLINK_MS = 1_000;

/** A tab in the background says in its title, and in a notification where allowed, that somebody calls; called once. */
export function followTitle(): void {
  effect(() => {
    const current = call.value;
    document.title = dueCount.value > 0 ? `(${dueCount.value}) ${t("title")}` : t("title");
    if (current?.phase !== "offered") return undefined;
    const who = current.customer?.name || current.caller_name || current.number;
    let bright = false;
    const blink = (): void => {
      bright = !bright;
      document.title = bright ? `☎ ${who}` : t("phase.offered");
    };
    blink();
    const timer = setInterval(blink, BLINK_MS);
    const note = notification(who);
    return () => {
      clearInterval(timer);
      note?.close();
    };
  });
}

function notification(who: string): Notification | null {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return null;
  const note = new Notification(t("phase.offered"), { body: who, requireInteraction: true });
  note.onclick = () => window.focus();
  return note;
}
