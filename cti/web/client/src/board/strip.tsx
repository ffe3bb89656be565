import type { JSX } from "preact";

import { hangUp } from "../desk/actions";
import { t } from "../i18n/language";
import { softphone } from "../phone/control";
import { muted, phoneState } from "../phone/softphone";
import { go } from "../route";
import { agents, call, supervision } from "../session";
import { Icon } from "../ui/icons";
import { Elapsed } from "../ui/parts";
import { selected } from "./agent_grid";
import { MODE_ICON, stopSupervising } from "./modes";

/** The supervisor's own phone. Always there and always as high, so that nothing moves when it rings. */
export function PhoneStrip(): JSX.Element {
  const mine = supervision.value;
  const state = phoneState.value;
  if (mine !== null) {
    const name = agents.value[mine.agent_id]?.name ?? mine.agent_id;
    return (
      <div class={`strip mode-${mine.mode}`} data-testid="strip" data-mode={mine.mode}>
        <Icon name={MODE_ICON[mine.mode]} size={18} />
        <button type="button" class="link" onClick={() => (selected.value = mine.agent_id)}>
          {t(`strip.${mine.mode}`, { name })}
        </button>
        <Elapsed since={mine.since} />
        <span class="grow" />
        <MuteButton />
        <button type="button" class="button small" data-testid="strip-stop" onClick={() => void stopSupervising()}>
          <Icon name="stop" size={14} /> {t("mode.stop")}
        </button>
      </div>
    );
  }
  if (state === "ringing" || state === "talking" || call.value !== null) {
    return (
      <div class="strip live" data-testid="strip" data-mode="call">
        <Icon name="phone" size={18} />
        <span>{call.value?.customer?.name || call.value?.number || t(`phone.${state}`)}</span>
        <span class="grow" />
        {call.value !== null && (
          <button type="button" class="button small" data-testid="strip-desk" onClick={() => go("desk")}>
            {t("strip.desk")}
          </button>
        )}
        {state === "ringing" && (
          <button type="button" class="button small strong" data-testid="strip-answer" onClick={() => softphone.answer()}>
            {t("primary.answer")}
          </button>
        )}
        <MuteButton />
        {(state === "ringing" || state === "talking") && (
          <button type="button" class="button small danger" data-testid="strip-hang-up" onClick={() => void hangUp()}>
            {t("call.hang_up")}
          </button>
        )}
      </div>
    );
  }
  return (
    <div class="strip" data-testid="strip" data-mode="">
      <Icon name="ear" size={18} />
      <span class="meta">{t(state === "registered" ? "strip.ready" : `phone.${state}`)}</span>
    </div>
  );
}

function MuteButton(): JSX.Element {
  return (
    <button
      type="button"
      class="button small"
      data-testid="strip-mute"
      aria-pressed={muted.value}
      disabled={phoneState.value !== "talking"}
      onClick={() => softphone.toggleMute()}
    >
      <Icon name={muted.value ? "micOff" : "mic"} size={14} /> {t(muted.value ? "call.unmute" : "call.mute")}
    </button>
  );
}
