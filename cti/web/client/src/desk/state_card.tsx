import type { JSX } from "preact";

import { localised, t, word } from "../i18n/language";
import { takePhoneHere } from "../phone/control";
import { openMicrophone } from "../phone/microphone";
import { checkAgain, phoneTrouble, type Trouble } from "../phone/readiness";
import { call, codes, known, me, order, socketState } from "../session";
import { reasonText } from "../ui/codes";
import { hoursMinutes } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { Elapsed, Menu, Skeleton } from "../ui/parts";
import { toneOf } from "../ui/states";
import { afterThisCall, chosenPhone, doPrimary, notReady, primary, type PrimaryAction, stayReady } from "./actions";

const PRIMARY_ICON: Readonly<Record<PrimaryAction, IconName>> = {
  "sign-in": "off",
  ready: "check",
  answer: "phone",
  "hang-up": "hangup",
  finish: "check",
};

export function StateCard(): JSX.Element {
  const mine = me.value;
  if (!known.value) return <Skeleton rows={3} />;
  const state = mine?.state ?? "logged_out";
  const { tone, icon } = toneOf(state, mine?.reason ?? "");
  return (
    <section class="card state-card" aria-label={t("state.title")}>
      <div class={`state-head tone-${tone}`} data-testid="state" data-state={state} data-reason={mine?.reason ?? ""}>
        <Icon name={icon} size={20} />
        <span class="state-word">
          {word("state", state)}
          <small>{reasonText(mine?.reason ?? "")}</small>
        </span>
        {mine !== null && state !== "logged_out" && <Elapsed since={mine.since} />}
      </div>
      <PrimaryButton />
      {state === "logged_out" && call.value === null ? <PhoneChoice /> : <NotReadyMenu state={state} />}
    </section>
  );
}

function PrimaryButton(): JSX.Element {
  const { action, enabled } = primary.value;
  const waiting = action === "answer" && !enabled;
  const desk = waiting && me.value?.phone === "desk" && me.value.state === "offered";
  const label = desk ? t("primary.answer_on_phone") : waiting ? t("primary.waiting") : t(`primary.${action}`);
  return (
    <button
      type="button"
      class={`primary ${action}`}
      data-testid="primary"
      data-action={action}
      aria-disabled={!enabled} // and not disabled: whoever came to it by keyboard stays on it while the phone registers
      onClick={(event) => {
        // The second click of a double click on Answer would find Hang up in its place.
        if (action !== "hang-up" || event.detail < 2) doPrimary();
      }}
    >
      <Icon name={PRIMARY_ICON[action]} size={20} />
      <span>{label}</span>
      {action === "answer" && enabled && <kbd>{t("key.space")}</kbd>}
    </button>
  );
}

function PhoneChoice(): JSX.Element {
  return (
    <div class="segments" role="radiogroup" aria-label={t("phone.choice")}>
      {(["web", "desk"] as const).map((kind) => (
        <button
          key={kind}
          type="button"
          role="radio"
          aria-checked={chosenPhone.value === kind}
          data-testid={`phone-${kind}`}
          onClick={() => (chosenPhone.value = kind)}
        >
          {t(`phone.${kind}`)}
        </button>
      ))}
    </div>
  );
}

function NotReadyMenu({ state }: { state: string }): JSX.Element {
  const possible = socketState.value === "open" && state !== "offered" && state !== "logged_out";
  const wish = afterThisCall.value;
  const reasons = codes.value?.not_ready_reasons ?? [];
  return (
    <Menu
      testId="not-ready"
      disabled={!possible}
      className="button wide"
      label={
        <>
          <Icon name="pause" />
          <span class="ellipsis" data-testid="after-this-call">
            {wish === "" ? t(notReadyLabel(state)) : t("state.then", { reason: reasonText(wish) })}
          </span>
          <Icon name="down" size={14} />
        </>
      }
    >
      {reasons.map((reason) => (
        <button
          key={reason.code}
          type="button"
          role="menuitem"
          data-testid="reason"
          data-reason={reason.code}
          onClick={() => void notReady(reason.code)}
        >
          {localised(reason.label, reason.code)}
        </button>
      ))}
      {wish !== "" && state === "busy" && (
        <button type="button" role="menuitem" class="separated" data-testid="stay-ready" onClick={() => void stayReady()}>
          <Icon name="check" /> {t("state.stay_ready")}
        </button>
      )}
      {(state === "ready" || state === "not_ready") && (
        <button
          type="button"
          role="menuitem"
          class="separated"
          data-testid="sign-out"
          onClick={() => void order({ cmd: "agent.sign_out" })}
        >
          <Icon name="off" /> {t("state.sign_out")}
        </button>
      )}
    </Menu>
  );
}

function notReadyLabel(state: string): "state.change_reason" | "state.not_ready" | "state.not_ready_after" {
  if (state === "not_ready") return "state.change_reason";
  return state === "busy" || state === "wrap_up" ? "state.not_ready_after" : "state.not_ready";
}

/** What stands between the agent and the next call, and the way out. */
export function Gate(): JSX.Element | null {
  const state = me.value?.state ?? "logged_out";
  if (state === "logged_out" || state === "busy") return null;
  const trouble = phoneTrouble.value;
  if (trouble === null) return <RonaHint />;
  const mend = MEND[trouble];
  return (
    <div class={`gate${trouble === "checking" ? " quiet" : ""}`} role="alert" data-testid="gate" data-trouble={trouble}>
      <p>{t(`gate.${trouble}`)}</p>
      {mend !== undefined && (
        <button type="button" class="button small" data-testid="gate-act" onClick={mend}>
          {t(trouble === "elsewhere" ? "gate.take_here" : "retry")}
        </button>
      )}
    </div>
  );
}

const MEND: Partial<Record<Trouble, () => void>> = {
  microphone: () => void openMicrophone(),
  elsewhere: takePhoneHere,
  sound: checkAgain,
  no_answer: checkAgain,
  not_heard: checkAgain,
};

function RonaHint(): JSX.Element | null {
  if (me.value?.reason !== "rona") return null;
  return (
    <div class="gate" role="status">
      <p>{t("gate.rona")}</p>
    </div>
  );
}

export function Today(): JSX.Element {
  const mine = me.value;
  return (
    <section class="today" aria-label={t("today.title")}>
      <span class="meta">{t("today.title")}</span>
      <span>
        <b class="num">{mine?.handled_today ?? 0}</b> {t("today.calls")}
      </span>
      <span>
        <b class="num">{hoursMinutes(mine?.talk_today_s ?? 0)}</b> {t("today.talk")}
      </span>
    </section>
  );
}
