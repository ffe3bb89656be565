import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { CallView } from "../gen/messages";
import { localised, t, word } from "../i18n/language";
import { agents, me, queues } from "../session";
import { phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { toneOf } from "../ui/states";
import { transfer, transferOpen } from "./actions";
import { findTargets, type Target } from "./targets";

/** One field for everybody a call can go to. Arrow keys choose, Enter transfers at once (blind). */
export function TransferField({ current }: { current: CallView }): JSX.Element {
  const typed = useSignal("");
  const chosen = useSignal(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const targets = findTargets(
    typed.value,
    Object.values(agents.value),
    Object.values(queues.value),
    me.value?.agent_id ?? "",
  );
  const at = Math.min(chosen.value, targets.length - 1);
  const go = (target: Target | undefined): void => {
    if (target !== undefined) void transfer(current, target.kind, target.key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return; // Enter ends the writing of Chinese characters first
    if (event.key === "ArrowDown") chosen.value = Math.min(at + 1, targets.length - 1);
    else if (event.key === "ArrowUp") chosen.value = Math.max(at - 1, 0);
    else if (event.key === "Enter") go(targets[at]);
    else if (event.key === "Escape") transferOpen.value = false;
    else return;
    event.preventDefault();
  };
  return (
    <div class="transfer">
      <label class="search-field">
        <Icon name="search" />
        <input
          ref={field}
          data-testid="transfer-input"
          role="combobox"
          aria-expanded="true"
          aria-controls="transfer-options"
          aria-activedescendant={`transfer-option-${at}`}
          placeholder={t("transfer.placeholder")}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            chosen.value = 0;
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <ul id="transfer-options" role="listbox">
        {targets.map((target, index) => (
          <li
            key={`${target.kind}:${target.key}`}
            id={`transfer-option-${index}`}
            role="option"
            aria-selected={index === at}
            data-testid="transfer-option"
            data-kind={target.kind}
            data-target={target.key}
            onPointerEnter={() => (chosen.value = index)}
            onClick={() => go(target)}
          >
            <TargetLine target={target} />
          </li>
        ))}
        {targets.length === 0 && <li class="nothing">{t("transfer.nothing")}</li>}
      </ul>
      <p class="meta">{t("transfer.hint")}</p>
    </div>
  );
}

function TargetLine({ target }: { target: Target }): JSX.Element {
  switch (target.kind) {
    case "agent": {
      const { tone, icon } = toneOf(target.agent.state, target.agent.reason);
      return (
        <>
          <span class={`dot tone-${tone}`}>
            <Icon name={icon} size={12} />
          </span>
          <span class="grow">{target.agent.name}</span>
          <span class="meta">{word("state", target.agent.state)}</span>
          <span class="meta num">{target.agent.extension}</span>
        </>
      );
    }
    case "queue":
      return (
        <>
          <span class="dot tone-out">
            <Icon name="people" size={12} />
          </span>
          <span class="grow">{localised(target.queue.label, target.queue.name)}</span>
          <span class="meta">{t("transfer.queue", { waiting: target.queue.waiting, ready: target.queue.ready })}</span>
        </>
      );
    case "number":
      return (
        <>
          <span class="dot tone-out">
            <Icon name="phone" size={12} />
          </span>
          <span class="grow num">{phoneNumber(target.key)}</span>
          <span class="meta">{t("transfer.number")}</span>
        </>
      );
  }
}
