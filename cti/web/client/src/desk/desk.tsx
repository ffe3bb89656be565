import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { CallView } from "../gen/messages";
import { t } from "../i18n/language";
import { call } from "../session";
import { CallBox } from "./call_box";
import { ColleagueCard } from "./colleague_card";
import { CustomerCard } from "./customer_card";
import { CustomerSheet } from "./customer_sheet";
import { drafts, hasForm } from "./form";
import { MyLastInteractions, Team } from "./idle";
import { MyTasks } from "./task_list";
import { onDeskKey, onDeskKeyUp, shortcutsOpen } from "./shortcuts";
import { MyQueues } from "./my_queues";
import { PickUpList } from "./pick_up";
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
  const formed = current !== null && hasForm(current);
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
        <Centre current={current} />
      </div>
      <div class="desk-right">
        {(formed || drafts.value.length > 0) && <WrapUp />}
        {current === null && <PickUpList />}
        {!formed && <Team />}
      </div>
      {current === null && <CustomerSheet />}
      {shortcutsOpen.value && <Shortcuts />}
    </main>
  );
}

function Centre({ current }: { current: CallView | null }): JSX.Element {
  if (current === null) {
    return (
      <>
        <MyTasks />
        <MyLastInteractions />
      </>
    );
  }
  if (current.direction === "internal" && current.customer === null) return <ColleagueCard current={current} />;
  return <CustomerCard key={current.interaction_id} current={current} />;
}

const KEYS = [
  ["key.space", "keys.answer"],
  ["key.h", "keys.hold"],
  ["key.m", "keys.mute"],
  ["key.t", "keys.transfer"],
  ["key.c", "keys.consult"],
  ["key.k", "keys.keypad"],
  ["key.f", "keys.flow"],
  ["key.r", "keys.record"],
  ["key.d", "keys.dial"],
  ["key.e", "keys.edit"],
  ["key.w", "keys.who"],
  ["key.g", "keys.merge"],
  ["key.l", "keys.link"],
  ["key.slash", "keys.search"],
  ["key.o", "keys.older"],
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
