import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../i18n/language";
import { sendDigits, sheet } from "./call_control";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;
const SHOWN = 20;

/** Keys for whoever the agent talks with, by mouse or typed. */
export function Keypad(): JSX.Element {
  const sent = useSignal("");
  const refusal = useSignal("");
  const pad = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => pad.current?.focus(), []);
  const press = (digit: string): void => {
    sent.value = (sent.value + digit).slice(-SHOWN);
    void sendDigits(digit).then((sentence) => (refusal.value = sentence));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if ((DIGITS as readonly string[]).includes(event.key)) press(event.key);
    else if (event.key === "Escape") sheet.value = null;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="keypad" data-testid="keypad-pad" ref={pad} tabIndex={-1} onKeyDown={onKeyDown}>
      <output class="num" aria-label={t("call.keypad")} data-testid="keypad-sent">
        {sent.value || "\u00a0"}
      </output>
      {refusal.value !== "" && (
        <p class="refusal" role="alert">
          {refusal.value}
        </p>
      )}
      {DIGITS.map((digit) => (
        <button key={digit} type="button" class="num" data-digit={digit} onClick={() => press(digit)}>
          {digit}
        </button>
      ))}
    </div>
  );
}
