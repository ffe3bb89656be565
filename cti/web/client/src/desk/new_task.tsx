import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { t } from "../i18n/language";
import { now } from "../net/clock";
import { order, session, socketState } from "../session";
import { morningIn } from "./form_rules";
import { type Owner, OwnerSelect } from "./owner_select";
import { WhenField } from "./when_field";

export interface AboutCustomer {
  readonly customerId: number;
  readonly name: string;
  readonly number: string;
}

/** A reminder without a call; from a customer's card it is about that customer. */
export function NewTask({ about, onClose }: { about?: AboutCustomer; onClose: () => void }): JSX.Element {
  const text = useSignal("");
  const at = useSignal<number | null>(morningIn(1, now.peek()));
  const owner = useSignal<Owner>({ kind: "agent", key: session.value?.agent_id ?? "" });
  const create = async (): Promise<void> => {
    if (at.value === null) return;
    const done = await order({
      cmd: "task.create",
      due_at: at.value,
      text: text.value,
      owner_kind: owner.value.kind,
      owner: owner.value.key,
      customer_id: about?.customerId ?? 0,
      customer_name: about?.name ?? "",
      number: about?.number ?? "",
    });
    if (done) onClose();
  };
  return (
    <form
      class="new-task"
      data-testid="new-task-form"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <input
        data-testid="task-text"
        aria-label={t("task.what")}
        placeholder={t("wrap.follow_text_hint")}
        maxLength={500}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <WhenField
        at={at.value}
        label={t("task.due")}
        testId="task-at"
        optional={false}
        onChange={(next) => (at.value = next ?? at.value)}
      />
      <div class="row-line">
        <span class="grow">
          <OwnerSelect
            owner={owner.value}
            testId="task-for"
            label={t("wrap.follow_owner")}
            onChoose={(next) => (owner.value = next)}
          />
        </span>
        <button type="button" class="button small" onClick={onClose}>
          {t("cancel")}
        </button>
        <button
          type="submit"
          class="button small strong"
          data-testid="task-create"
          disabled={text.value.trim() === "" || socketState.value !== "open"}
        >
          {t("task.create")}
        </button>
      </div>
    </form>
  );
}
