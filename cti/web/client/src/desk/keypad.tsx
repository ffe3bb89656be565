import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { t } from "../i18n/language";
import { softphone } from "../phone/control";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;

export function Keypad(): JSX.Element {
  const sent = useSignal("");
  const press = (digit: string): void => {
    softphone.sendDigit(digit);
    sent.value = (sent.value + digit).slice(-20);
  };
  return (
    <div class="keypad" data-testid="keypad-pad">
      <output class="num" aria-label={t("call.keypad")}>
        {sent.value || "\u00a0"}
      </output>
      {DIGITS.map((digit) => (
        <button key={digit} type="button" class="num" data-digit={digit} onClick={() => press(digit)}>
          {digit}
        </button>
      ))}
    </div>
  );
}
