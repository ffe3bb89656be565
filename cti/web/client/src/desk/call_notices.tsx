import type { JSX } from "preact";

import type { CallView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { phoneState } from "../phone/softphone";
import { agents, codes, me } from "../session";
import { phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Remaining } from "../ui/parts";
import { inCall } from "./actions";
import { perform, unheard } from "./call_control";

/** Cannot be overlooked: an agent who forgets that they are muted talks to nobody. */
export function MutedBar(): JSX.Element | null {
  if (!unheard.value) return null;
  return (
    <button type="button" class="muted-bar" role="alert" data-testid="muted-bar" onClick={() => perform("mute")}>
      <Icon name="micOff" size={18} />
      <span class="grow">{t("call.muted")}</span>
      <kbd>{t("key.m")}</kbd>
    </button>
  );
}

/** Sentences that the agent must not miss while talking. */
export function CallNotices({ current }: { current: CallView }): JSX.Element {
  const audioLost =
    inCall.value && me.value?.phone === "web" && phoneState.value !== "talking" && phoneState.value !== "ringing";
  const supervised = current.supervised;
  return (
    <div class="call-notices">
      {current.asked_by !== "" && <AskedBy agentId={current.asked_by} />}
      {current.medium === "callback" && (
        <span class="chip" data-testid="callback">
          <Icon name="phone" size={12} /> {t("callback.badge")}
        </span>
      )}
      {current.phase !== "wrap_up" && current.phase !== "offered" && <RecordingChip current={current} />}
      {supervised !== null && supervised !== "listen" && (
        <span class="chip supervised" data-testid="supervised" data-mode={supervised}>
          <Icon name="people" size={12} /> {t(`supervised.${supervised}`)}
        </span>
      )}
      {current.flow !== "" && (
        <p class="flow-note" role="status" data-testid="flow-state" data-flow={current.flow}>
          <Icon name="keys" size={16} /> {t("flow.typing", { flow: flowName(current.flow) })}
        </p>
      )}
      {current.phase !== "wrap_up" && localised(current.flow_result) !== "" && (
        <p class="flow-note" role="status" data-testid="flow-result">
          <Icon name="check" size={16} /> {t("flow.result", { result: localised(current.flow_result) })}
        </p>
      )}
      {current.party_gone !== null && (
        <p class="gone-note" role="alert" data-testid="party-gone" data-reason={current.party_gone.reason}>
          <Icon name="alarm" size={16} />
          {t(`gone.${current.party_gone.reason}`, { name: phoneNumber(current.party_gone.name) })}
        </p>
      )}
      {audioLost && (
        <p class="gate" role="alert" data-testid="audio-lost">
          {t("call.audio_lost")}
        </p>
      )}
    </div>
  );
}

function RecordingChip({ current }: { current: CallView }): JSX.Element | null {
  if (current.recording_paused) {
    const until = current.recording_paused_until;
    return (
      <span class="chip recording-paused" data-testid="recording-paused">
        <Icon name="pause" size={12} /> {t("call.recording_paused")} {until !== null && <Remaining until={until} />}
      </span>
    );
  }
  if (current.recording) {
    return (
      <span class="chip recording" data-testid="recording">
        <Icon name="record" size={12} /> {t("call.recording")}
      </span>
    );
  }
  if (!current.may_record) return null;
  return (
    <span class="chip" data-testid="not-recording">
      <Icon name="recordOff" size={12} /> {t("call.recording_not")}
    </span>
  );
}

/** A colleague who was brought in sees whose call it is, and why most buttons are not theirs to press. */
function AskedBy({ agentId }: { agentId: string }): JSX.Element {
  const name = agents.value[agentId]?.name ?? agentId;
  return (
    <p class="asked-by" role="status" data-testid="asked-by" data-agent={agentId}>
      <Icon name="hand" size={16} />
      <span>
        <b>{t("call.asked_by", { name })}</b>
        <small>{t("call.asked_by_hint", { name })}</small>
      </span>
    </p>
  );
}

export function flowName(name: string): string {
  return localised(codes.value?.flows.find((flow) => flow.name === name)?.label, name);
}
