import type { JSX } from "preact";

import type { SpyMode } from "../gen/messages";
import { t } from "../i18n/language";
import { supervision } from "../session";
import { Icon } from "../ui/icons";
import { asked, MODE_ICON, MODES, supervise } from "./modes";

const TEST_ID: Readonly<Record<SpyMode, string>> = {
  listen: "listen",
  whisper: "whisper",
  barge: "barge",
  take_over: "take-over",
};

/** One switch for the four modes. The mode in force is filled with its colour and said below in a sentence. */
export function ModeSwitch({ agentId, disabled }: { agentId: string; disabled: boolean }): JSX.Element {
  const mine = supervision.value?.agent_id === agentId ? supervision.value : null;
  const wish = asked.value?.agentId === agentId ? asked.value.mode : null;
  return (
    <div class="mode-switch" role="radiogroup" aria-label={t("mode.title")} data-mode={mine?.mode ?? ""}>
      {MODES.map((mode) => (
        <button
          key={mode}
          type="button"
          role="radio"
          class={`mode mode-${mode}`}
          data-testid={TEST_ID[mode]}
          aria-checked={mine?.mode === mode}
          aria-busy={wish === mode}
          disabled={disabled}
          onClick={() => void supervise(agentId, mode)}
        >
          <Icon name={MODE_ICON[mode]} size={18} />
          <span>{t(`mode.${mode}`)}</span>
        </button>
      ))}
    </div>
  );
}
