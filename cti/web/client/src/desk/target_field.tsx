import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../i18n/language";
import { agents, me, queues } from "../session";
import { Icon } from "../ui/icons";
import { TargetLine } from "./target_line";
import { findTargets, type Reach, type Target } from "./targets";

export interface TargetFieldProps {
  /** For the ids of the elements; test ids are `<name>-input` and `<name>-option`. */
  name: string;
  reach: Reach;
  placeholder: string;
  hint: string;
  /** Above 0 when the field shall have the focus. */
  focus: number;
  /** Resolves to the sentence that says why not; "" when it was done, and then the field is empty again. */
  choose: (target: Target, shift: boolean) => Promise<string>;
  escape: () => void;
  /** Shows the list also while nothing is typed. */
  open: boolean;
}

/** One field for everybody a call can go to: arrow keys choose, Enter takes. What was typed stays until it was done. */
export function TargetField(props: TargetFieldProps): JSX.Element {
  const { name } = props;
  const typed = useSignal("");
  const chosen = useSignal(0);
  const refusal = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (props.focus > 0) field.current?.focus();
  }, [props.focus]);
  const directory = {
    agents: Object.values(agents.value),
    queues: Object.values(queues.value),
    myself: me.value?.agent_id ?? "",
  };
  const shown = props.open || typed.value.trim() !== "";
  const targets = shown ? findTargets(typed.value, directory, props.reach) : [];
  const at = Math.min(chosen.value, targets.length - 1);
  useLayoutEffect(() => document.getElementById(`${name}-option-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);
  const take = async (target: Target | undefined, shift: boolean): Promise<void> => {
    if (target === undefined) return;
    refusal.value = "";
    const sentence = await props.choose(target, shift);
    refusal.value = sentence;
    if (sentence === "") typed.value = "";
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return; // Enter ends the writing of Chinese characters first
    if (event.key === "ArrowDown") chosen.value = Math.min(at + 1, targets.length - 1);
    else if (event.key === "ArrowUp") chosen.value = Math.max(at - 1, 0);
    else if (event.key === "Enter") void take(targets[at], event.shiftKey);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const leave = (): void => {
    typed.value = refusal.value = "";
    field.current?.blur();
    props.escape();
  };
  return (
    <div class="targets">
      <label class="search-field">
        <Icon name="search" />
        <input
          ref={field}
          data-testid={`${name}-input`}
          role="combobox"
          aria-expanded={shown}
          aria-controls={`${name}-options`}
          aria-activedescendant={shown && targets.length > 0 ? `${name}-option-${at}` : undefined}
          aria-label={props.placeholder}
          autocomplete="off"
          placeholder={props.placeholder}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            chosen.value = 0;
            refusal.value = "";
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      {refusal.value !== "" && (
        <p class="refusal" role="alert" data-testid={`${name}-refusal`}>
          {refusal.value}
        </p>
      )}
      <ul id={`${name}-options`} role="listbox" aria-label={props.placeholder}>
        {targets.map((target, index) => (
          <li
            key={`${target.kind}:${target.key}`}
            id={`${name}-option-${index}`}
            role="option"
            aria-selected={index === at}
            data-testid={`${name}-option`}
            data-kind={target.kind}
            data-target={target.key}
            onPointerEnter={() => (chosen.value = index)}
            onClick={(event) => void take(target, event.shiftKey)}
          >
            <TargetLine target={target} />
          </li>
        ))}
        {shown && targets.length === 0 && <li class="nothing">{t("target.nothing")}</li>}
      </ul>
      {shown && <p class="meta">{props.hint}</p>}
    </div>
  );
}
