import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/language";
import { Icon } from "../ui/icons";
import { active, ringForAlarms, rung, sound, soundText, unseen } from "./alarm_list";
import { side } from "./side";

/** How many alarms go on and whether somebody sees to them; always as wide, so that nothing moves. */
export function AlarmButton(): JSX.Element {
  useEffect(ringForAlarms, []);
  const worst = unseen.value[0]?.level ?? "calm";
  return (
    <span class="alarm-tools">
      <button
        type="button"
        class={`button alarm-button ${worst}`}
        data-testid="open-alarms"
        data-count={active.value.length}
        data-unseen={unseen.value.length}
        data-rung={rung.value}
        aria-live="polite"
        onClick={() => (side.value = { kind: "alarms" })}
      >
        <Icon name="alarm" /> {t("alarm.open")} <b class="num alarm-count">{active.value.length}</b>
      </button>
      <button
        type="button"
        class="icon-button"
        data-testid="alarm-sound"
        aria-pressed={sound.value}
        aria-label={soundText()}
        title={soundText()}
        onClick={() => (sound.value = !sound.value)}
      >
        <Icon name={sound.value ? "sound" : "soundOff"} />
      </button>
    </span>
  );
}
