import type { JSX } from "preact";

import { t } from "../i18n/language";
import { now } from "../net/clock";
import { morningIn } from "./form_rules";

interface Props {
  at: number | null;
  label: string;
  testId: string;
  /** Whether "none" may be chosen. */
  optional: boolean;
  onChange: (at: number | null) => void;
}

/** Quick choices first; the exact time is for the exception. Local time of the agent. */
export function WhenField({ at, label, testId, optional, onChange }: Props): JSX.Element {
  return (
    <div class="quick">
      {optional && (
        <button type="button" aria-pressed={at === null} onClick={() => onChange(null)}>
          {t("wrap.follow_none")}
        </button>
      )}
      {(optional ? ([1, 3] as const) : ([0, 1, 3] as const)).map((days) => (
        <button
          key={days}
          type="button"
          data-testid={`${testId}-${days}`}
          aria-pressed={at === morningIn(days, now.peek())}
          onClick={() => onChange(morningIn(days, now.peek()))}
        >
          {t(`wrap.follow_${days}`)}
        </button>
      ))}
      <input
        type="datetime-local"
        aria-label={label}
        data-testid={testId}
        value={at === null ? "" : localInput(at)}
        onChange={(event) => {
          const chosen = Date.parse(event.currentTarget.value);
          onChange(Number.isNaN(chosen) ? null : chosen / 1000);
        }}
      />
    </div>
  );
}

export function localInput(at: number): string {
  const when = new Date(at * 1000);
  return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
