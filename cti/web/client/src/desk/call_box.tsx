import type { ComponentChildren, JSX } from "preact";

import type { CallView } from "../gen/messages";
import { t } from "../i18n/language";
import { muted, phoneState } from "../phone/softphone";
import { call, me, socketState } from "../session";
import { queueName } from "../ui/codes";
import { duration, phoneNumber } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { Elapsed, Remaining } from "../ui/parts";
import { hangUp, inCall, keypadOpen, toggleHold, toggleMute, transferOpen } from "./actions";
import { Keypad } from "./keypad";
import { TransferField } from "./transfer_field";

export function CallBox(): JSX.Element {
  const current = call.value;
  if (current === null) return <NoCall />;
  return (
    <section class={`card call-box phase-${current.phase}`} data-testid="call" data-phase={current.phase}>
      <header class="call-head">
        <span class="call-phase">{t(`phase.${current.phase}`)}</span>
        <PhaseTimer current={current} />
      </header>
      <p class="call-number num">{phoneNumber(current.number) || t("call.hidden_number")}</p>
      <p class="meta">{queueName(current.queue)}</p>
      <dl class="facts">
        <dt>{t("call.ivr")}</dt>
        <dd>{ivrDigits(current) || t("none")}</dd>
        <dt>{t("call.waited")}</dt>
        <dd class="num">{duration(current.waited_s)}</dd>
      </dl>
      <CallNotices current={current} />
      <CallButtons current={current} />
      {transferOpen.value && inCall.value && (
        <Sheet title={t("call.transfer")} onClose={() => (transferOpen.value = false)}>
          <TransferField current={current} />
        </Sheet>
      )}
      {keypadOpen.value && inCall.value && (
        <Sheet title={t("call.keypad")} onClose={() => (keypadOpen.value = false)}>
          <Keypad />
        </Sheet>
      )}
    </section>
  );
}

/** Lies over the call's facts, so that no button moves; the primary button above stays in reach. */
function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  return (
    <div class="sheet" role="dialog" aria-label={title}>
      <header class="call-head">
        {title}
        <button type="button" class="icon-button" aria-label={t("close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </div>
  );
}

function NoCall(): JSX.Element {
  const ready = me.value?.state === "ready";
  return (
    <section class="card call-box quiet" data-testid="call" data-phase="none">
      <Icon name="phone" size={20} />
      <p>{t("call.none")}</p>
      <p class="meta">{ready ? t("call.none_ready") : t("call.none_not_ready")}</p>
    </section>
  );
}

function PhaseTimer({ current }: { current: CallView }): JSX.Element | null {
  switch (current.phase) {
    case "offered":
      return <Remaining until={current.ring_until} />;
    case "dialling":
      return null;
    case "connected":
      return current.connected_at === null ? null : <Elapsed since={current.connected_at} />;
    case "held":
      return current.held_since === null ? null : <Elapsed since={current.held_since} />;
    case "wrap_up":
      return <span class="num">{duration((current.ended_at ?? 0) - (current.connected_at ?? current.ended_at ?? 0))}</span>;
  }
}

export function ivrDigits(current: CallView): string {
  return current.ivr
    .map((step) => step.digits)
    .filter((digits) => digits !== "")
    .join(" › ");
}

/** Sentences that the agent must not miss while talking. */
function CallNotices({ current }: { current: CallView }): JSX.Element | null {
  const audioLost =
    inCall.value && me.value?.phone === "web" && phoneState.value !== "talking" && phoneState.value !== "ringing";
  const supervised = current.supervised;
  if (!audioLost && supervised === null && !current.recording && current.medium !== "callback") return null;
  return (
    <div class="call-notices">
      {current.medium === "callback" && (
        <span class="chip" data-testid="callback">
          <Icon name="phone" size={12} /> {t("callback.badge")}
        </span>
      )}
      {current.recording && current.phase !== "wrap_up" && (
        <span class="chip recording" data-testid="recording">
          <Icon name="record" size={12} /> {t("call.recording")}
        </span>
      )}
      {supervised !== null && supervised !== "listen" && (
        <span class="chip supervised" data-testid="supervised" data-mode={supervised}>
          <Icon name="people" size={12} /> {t(`supervised.${supervised}`)}
        </span>
      )}
      {audioLost && (
        <p class="gate" role="alert" data-testid="audio-lost">
          {t("call.audio_lost")}
        </p>
      )}
    </div>
  );
}

interface CallButtonProps {
  testId: string;
  icon: IconName;
  label: ComponentChildren;
  shortcut?: string;
  active?: boolean;
  disabled: boolean;
  onClick: () => void;
}

function CallButton({ testId, icon, label, shortcut, active = false, disabled, onClick }: CallButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`call-button${active ? " active" : ""}`}
      data-testid={testId}
      aria-pressed={active}
      aria-keyshortcuts={shortcut}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} size={18} />
      <span>{label}</span>
    </button>
  );
}

function CallButtons({ current }: { current: CallView }): JSX.Element | null {
  if (current.phase === "wrap_up") return null;
  const online = socketState.value === "open";
  const talking = inCall.value;
  const held = current.phase === "held";
  const webCall = phoneState.value === "talking";
  return (
    <div class="call-buttons">
      <CallButton
        testId={held ? "resume" : "hold"}
        icon={held ? "play" : "pause"}
        label={t(held ? "call.resume" : "call.hold")}
        shortcut="h"
        active={held}
        disabled={!talking || !online}
        onClick={() => void toggleHold()}
      />
      <CallButton
        testId="mute"
        icon={muted.value ? "micOff" : "mic"}
        label={t(muted.value ? "call.unmute" : "call.mute")}
        shortcut="m"
        active={muted.value}
        disabled={!talking || !webCall}
        onClick={toggleMute}
      />
      <CallButton
        testId="transfer"
        icon="transfer"
        label={t("call.transfer")}
        shortcut="t"
        active={transferOpen.value}
        disabled={!talking || !online}
        onClick={() => (transferOpen.value = !transferOpen.value)}
      />
      <CallButton
        testId="keypad"
        icon="keys"
        label={t("call.keypad")}
        shortcut="k"
        active={keypadOpen.value}
        disabled={!talking || !webCall}
        onClick={() => (keypadOpen.value = !keypadOpen.value)}
      />
      <CallButton
        testId={current.phase === "offered" ? "decline" : "hang-up"}
        icon="hangup"
        label={t(current.phase === "offered" ? "call.decline" : "call.hang_up")}
        disabled={!online && !webCall}
        onClick={() => void hangUp()}
      />
    </div>
  );
}
