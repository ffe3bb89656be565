import type { ComponentChildren, JSX } from "preact";

import type { CallView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { codes } from "../session";
import { Icon } from "../ui/icons";
import { Empty } from "../ui/parts";
import { type Sheet, sheet, tried } from "./call_control";
import { Keypad } from "./keypad";
import { TargetField } from "./target_field";
import type { Target } from "./targets";

const TITLES = { transfer: "call.transfer", consult: "call.consult", keypad: "call.keypad", flows: "flow.title" } as const;

/** Lies over the call's facts, so that no button moves; the primary button above stays in reach. */
export function CallSheet({ current }: { current: CallView }): JSX.Element | null {
  const open = sheet.value;
  if (open === null) return null;
  const title = t(TITLES[open]);
  return (
    <div class="sheet" role="dialog" aria-label={title} data-testid="sheet" data-sheet={open}>
      <header class="call-head">
        {title}
        <button type="button" class="icon-button" aria-label={t("close")} onClick={() => (sheet.value = null)}>
          <Icon name="close" />
        </button>
      </header>
      {content(open, current)}
    </div>
  );
}

function content(open: Sheet, current: CallView): ComponentChildren {
  switch (open) {
    case "transfer":
      return <TransferField key="transfer" current={current} />;
    case "consult":
      return <ConsultField key="consult" current={current} />;
    case "keypad":
      return <Keypad />;
    case "flows":
      return <Flows current={current} />;
  }
}

const close = (): void => {
  sheet.value = null;
};

async function closing(sentence: Promise<string>): Promise<string> {
  const told = await sentence;
  if (told === "") close();
  return told;
}

function consult(current: CallView, target: Target): Promise<string> {
  if (target.kind === "group" || target.kind === "queue") return Promise.resolve(t("transfer.only_people"));
  return closing(
    tried({ cmd: "call.consult", interaction_id: current.interaction_id, kind: target.kind, target: target.key }),
  );
}

/** Enter gives the customer away at once; Shift+Enter asks the other one first. */
function TransferField({ current }: { current: CallView }): JSX.Element {
  const transfer = (target: Target): Promise<string> =>
    closing(tried({ cmd: "call.transfer", interaction_id: current.interaction_id, kind: target.kind, target: target.key }));
  return (
    <TargetField
      name="transfer"
      reach="anybody"
      placeholder={t("transfer.placeholder")}
      hint={t("transfer.hint")}
      focus={1}
      open
      choose={(target, shift) => (shift ? consult(current, target) : transfer(target))}
      escape={close}
    />
  );
}

/** Nothing that is typed here gives the customer away. */
function ConsultField({ current }: { current: CallView }): JSX.Element {
  return (
    <TargetField
      name="consult"
      reach="people"
      placeholder={t("consult.placeholder")}
      hint={t("consult.hint")}
      focus={1}
      open
      choose={(target) => consult(current, target)}
      escape={close}
    />
  );
}

function Flows({ current }: { current: CallView }): JSX.Element {
  const flows = codes.value?.flows ?? [];
  if (flows.length === 0) return <Empty icon="keys" text={t("flow.none")} />;
  const send = (flow: string): void => {
    void closing(tried({ cmd: "call.to_flow", interaction_id: current.interaction_id, flow }));
  };
  return (
    <div class="targets">
      <ul>
        {flows.map((flow) => (
          <li key={flow.name}>
            <button type="button" class="button wide" data-testid="flow-option" data-flow={flow.name} onClick={() => send(flow.name)}>
              <Icon name="keys" /> {localised(flow.label, flow.name)}
            </button>
          </li>
        ))}
      </ul>
      <p class="meta">{t("flow.hint")}</p>
    </div>
  );
}
