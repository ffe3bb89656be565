import type { Signal } from "@preact/signals";
import type { JSX } from "preact";

import { Icon } from "../ui/icons";

interface FieldProps {
  label: string;
  testId: string;
  value: Signal<string>;
  kind?: "password" | "text";
  complete?: "current-password" | "new-password" | "one-time-code";
}

export function Field({ label, testId, value, kind = "password", complete = "current-password" }: FieldProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type={kind}
        data-testid={testId}
        autocomplete={complete}
        autocapitalize="none"
        spellcheck={false}
        required
        value={value.value}
        onInput={(event) => (value.value = event.currentTarget.value)}
      />
    </label>
  );
}

export function Problem({ text }: { text: string }): JSX.Element {
  return (
    <p class="login-error" role="alert" data-testid="account-error" hidden={text === ""}>
      <Icon name="alarm" /> <span>{text}</span>
    </p>
  );
}
