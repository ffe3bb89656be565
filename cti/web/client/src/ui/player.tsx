import { signal } from "@preact/signals";
import type { JSX } from "preact";

import { t } from "../i18n/language";
import { recordingAddress } from "../net/rest";
import { Icon } from "./icons";

/** One recording at a time: opening another closes the first, which ends its sound. */
export const playing = signal("");
const broken = signal("");

export function PlayButton({ interactionId }: { interactionId: string }): JSX.Element {
  const open = playing.value === interactionId;
  return (
    <button
      type="button"
      class="icon-button"
      data-testid="recording-play"
      data-interaction={interactionId}
      aria-expanded={open}
      aria-label={t(open ? "recording.close" : "recording.play")}
      title={t(open ? "recording.close" : "recording.play")}
      onClick={() => {
        broken.value = "";
        playing.value = open ? "" : interactionId;
      }}
    >
      <Icon name={open ? "close" : "play"} size={14} />
    </button>
  );
}

/** Nothing is loaded before somebody asks to hear it. */
export function PlayerRow({ interactionId }: { interactionId: string }): JSX.Element | null {
  if (playing.value !== interactionId) return null;
  if (broken.value === interactionId) return <p class="failure small">{t("recording.failed")}</p>;
  return (
    <audio
      class="player"
      data-testid="recording-audio"
      controls
      autoplay
      preload="metadata"
      src={recordingAddress(interactionId)}
      onError={() => (broken.value = interactionId)}
    />
  );
}
