import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/language";
import { call } from "../session";
import { CallBox } from "./call_box";
import { CustomerCard } from "./customer_card";
import { drafts } from "./form";
import { MyLastInteractions, Team } from "./idle";
import { onDeskKey, onDeskKeyUp, shortcutsOpen } from "./shortcuts";
import { MyQueues } from "./my_queues";
import { Gate, StateCard, Today } from "./state_card";
import { WrapUp } from "./wrap_up";

export function Desk(): JSX.Element {
  useEffect(() => {
    addEventListener("keydown", onDeskKey);
    addEventListener("keyup", onDeskKeyUp);
    return () => {
      removeEventListener("keydown", onDeskKey);
      removeEventListener("keyup", onDeskKeyUp);
    };
  }, []);
  const current = call.value;
  return (
    <main class="desk" data-testid="desk">
      <div class="desk-left">
        <StateCard />
        <CallBox />
        <Gate />
        <Today />
        <MyQueues />
      </div>
      <div class="desk-centre">
        {current === null ? <MyLastInteractions /> : <CustomerCard key={current.interaction_id} current={current} />}
      </div>
      <div class="desk-right">
        {(current !== null || drafts.value.length > 0) && <WrapUp />}
        {current === null && <Team />}
      </div>
      {shortcutsOpen.value && <Shortcuts />}
    </main>
  );
}

const KEYS = [
  ["key.space", "keys.answer"],
  ["key.h", "keys.hold"],
  ["key.m", "keys.mute"],
  ["key.t", "keys.transfer"],
  ["key.k", "keys.keypad"],
  ["key.esc", "keys.escape"],
  ["key.question", "keys.list"],
] as const;

function Shortcuts(): JSX.Element {
  return (
    <aside class="shortcuts card" data-testid="shortcuts" aria-label={t("keys.title")}>
      <h2>{t("keys.title")}</h2>
      <dl>
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{t(key)}</kbd>
            </dt>
            <dd>{t(meaning)}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
