import type { JSX } from "preact";

import type { CallView } from "../gen/messages";
import { t } from "../i18n/language";
import { call, me } from "../session";
import { queueName } from "../ui/codes";
import { duration, phoneNumber } from "../ui/format";
import { Elapsed, Remaining } from "../ui/parts";
import { inCall } from "./actions";
import { CallButtons } from "./call_buttons";
import { CallNotices, MutedBar } from "./call_notices";
import { CallSheet } from "./call_sheets";
import { DialBox } from "./dial_box";
import { Parties } from "./parties";

export function CallBox(): JSX.Element {
  const current = call.value;
  if (current === null) return <NoCall />;
  return (
    <section class={`card call-box phase-${current.phase}`} data-testid="call" data-phase={current.phase}>
      {inCall.value && <MutedBar />}
      <header class="call-head">
        <span class="call-phase">{phaseText(current)}</span>
        <PhaseTimer current={current} />
      </header>
      <p class="call-number num">{phoneNumber(current.number) || t("call.hidden_number")}</p>
      <p class="meta ellipsis">{callFacts(current)}</p>
      <div class="call-body">
        <CallNotices current={current} />
        <Parties current={current} />
      </div>
      <CallButtons current={current} />
      {inCall.value && <CallSheet current={current} />}
    </section>
  );
}

/** Between calls the box is where one dials. */
function NoCall(): JSX.Element {
  const signedIn = me.value !== null && me.value.state !== "logged_out";
  return (
    <section class="card call-box quiet" data-testid="call" data-phase="none">
      {signedIn ? <DialBox /> : <p class="meta">{t("dial.signed_out")}</p>}
    </section>
  );
}

/** A callback is dialled for the agent; any other call they dialled themselves. */
function phaseText(current: CallView): string {
  if (current.phase === "dialling" && current.medium !== "callback") return t("call.dialling");
  return t(`phase.${current.phase}`);
}

function callFacts(current: CallView): string {
  const digits = ivrDigits(current);
  const words = [
    current.direction === "internal" ? t("call.internal") : queueName(current.queue),
    current.direction === "out" ? t("call.outbound") : "",
    digits === "" ? "" : t("call.ivr", { digits }),
    current.direction === "in" ? t("call.waited", { time: duration(current.waited_s) }) : "",
  ];
  return words.filter((each) => each !== "").join(" · ");
}

function PhaseTimer({ current }: { current: CallView }): JSX.Element | null {
  switch (current.phase) {
    case "offered":
      return <Remaining until={current.ring_until} />;
    case "dialling":
      return <Elapsed since={current.offered_at} />;
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
