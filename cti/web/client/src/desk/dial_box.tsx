import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { AgentView } from "../gen/messages";
import { t } from "../i18n/language";
import { me, order, socketState } from "../session";
import { phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { dialWanted, may, tried } from "./call_control";
import { TargetField } from "./target_field";
import type { Target } from "./targets";

/** A colleague by name or extension, or any number. */
export function DialBox(): JSX.Element {
  // Once: a box that comes back after a call must not take the keys, which answer the next one.
  useEffect(() => {
    dialWanted.value = 0;
  }, [dialWanted.value]);
  const dial = (target: Target): Promise<string> =>
    target.kind === "agent" || target.kind === "number"
      ? tried({ cmd: "call.dial", kind: target.kind, target: target.key })
      : Promise.resolve("");
  return (
    <div class="dial-box" data-testid="dial-box">
      <h2>
        <Icon name="phone" /> {t("dial.title")} <kbd>{t("key.d")}</kbd>
      </h2>
      <TargetField
        name="dial"
        reach="people"
        placeholder={t("dial.placeholder")}
        hint={t("dial.hint")}
        focus={dialWanted.value}
        open={false}
        choose={dial}
        escape={() => undefined}
      />
      <p class="meta dial-note">{t(me.value?.state === "ready" ? "dial.ready" : "dial.not_ready")}</p>
    </div>
  );
}

/** Click to dial: stands beside a customer's number, wherever one is shown. */
export function DialNumber({ number }: { number: string }): JSX.Element | null {
  if (!/^\+?\d{3,20}$/.test(number)) return null;
  return <DialButton kind="number" target={number} label={t("dial.number", { number: phoneNumber(number) })} />;
}

/** Click to dial a colleague, where one's state is shown. */
export function DialColleague({ agent }: { agent: AgentView }): JSX.Element {
  return <DialButton kind="agent" target={agent.agent_id} label={t("dial.number", { number: agent.name })} />;
}

function DialButton({ kind, target, label }: { kind: "number" | "agent"; target: string; label: string }): JSX.Element {
  return (
    <button
      type="button"
      class="icon-button dial-number"
      data-testid={`dial-${kind}`}
      data-target={target}
      title={label}
      aria-label={label}
      disabled={!may.value.has("dial") || socketState.value !== "open"}
      onClick={() => void order({ cmd: "call.dial", kind, target })}
    >
      <Icon name="phone" size={14} />
    </button>
  );
}
