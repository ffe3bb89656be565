import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { CustomerConflict, CustomerFieldView, CustomerView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { RequestFailed } from "../net/rest";
import { complaint, disputed, type Draft, draftOf, type Editing, lines, patchOf, together } from "./draft";
import { customerForm, saveCustomer } from "./net";
import { sheet } from "./sheets";
import { known, w } from "./words";

const PLAIN = ["name", "vip", "city", "company", "branch", "numbers", "addresses"] as const;
const LONG = new Set<string>(["numbers", "addresses"]);

/** Survives the sheet and the next push of the card: nothing that was typed is lost. */
const unsaved = new Map<number, Editing>();

export function Editor({ customer }: { customer: CustomerView }): JSX.Element {
  const fields = customerForm.value?.fields ?? [];
  const fresh = draftOf(customer, fields);
  const id = customer.customer_id;
  const editing = useSignal<Editing>(unsaved.get(id) ?? { before: fresh, draft: fresh, version: customer.version });
  const conflict = useSignal<CustomerConflict | null>(null);
  const problem = useSignal<{ field: string; text: string } | null>(null);
  const busy = useSignal(false);
  const change = (draft: Draft): void => {
    editing.value = { ...editing.value, draft };
    unsaved.set(id, editing.value);
  };
  const close = (): void => {
    unsaved.delete(id);
    sheet.value = null;
  };
  const save = async (): Promise<void> => {
    const { before, draft, version } = editing.value;
    const wrong = fields.map((field) => ({ field: `extra.${field.code}`, text: complaint(field, draft) })).find(({ text }) => text !== "");
    if (wrong !== undefined) {
      problem.value = wrong;
      return;
    }
    busy.value = true;
    problem.value = null;
    try {
      const answer = await saveCustomer(id, patchOf(before, draft, version));
      if (!("current" in answer)) close();
      else if (!apart(answer)) conflict.value = answer;
    } catch (error) {
      const told = error instanceof RequestFailed ? error.problem : null;
      const [field = "", index = ""] = (told?.field ?? "").split(/\.(?=\d+)/);
      const number = field === "numbers" ? lines(draft["numbers"] ?? "")[Number(index)] : undefined;
      problem.value = { field, text: number === undefined ? told?.message || w("edit.failed") : w("edit.number", { number }) };
    } finally {
      busy.value = false;
    }
  };
  /** Somebody else changed other fields only: both are kept, and nobody is asked. */
  const apart = ({ current }: CustomerConflict): boolean => {
    const theirs = draftOf(current.customer, fields);
    if (disputed(editing.value, theirs).length > 0) return false;
    editing.value = { before: theirs, draft: together(editing.value, theirs), version: current.version };
    unsaved.set(id, editing.value);
    setTimeout(() => void save());
    return true;
  };
  const current = conflict.value?.current.customer;
  if (current !== undefined) {
    const theirs = draftOf(current, fields);
    return (
      <Conflict
        mine={editing.value}
        theirs={theirs}
        who={current.updated_by}
        fields={fields}
        onChosen={(draft) => {
          editing.value = { before: theirs, draft, version: current.version };
          unsaved.set(id, editing.value);
          conflict.value = null;
          void save();
        }}
      />
    );
  }
  return (
    <form
      class="customer-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>{w("edit.title")}</h2>
      {[...PLAIN, ...fields.map(({ code }) => `extra.${code}`)].map((name) => (
        <Field
          key={name}
          name={name}
          fields={fields}
          value={editing.value.draft[name] ?? ""}
          problem={problem.value?.field === name ? problem.value.text : ""}
          onInput={(value) => change({ ...editing.value.draft, [name]: value })}
        />
      ))}
      {problem.value !== null && <p class="failure small wide" role="alert">{problem.value.text}</p>}
      <div class="dialog-buttons wide">
        <button type="button" class="button" data-testid="edit-cancel" onClick={close}>
          {t("cancel")}
        </button>
        <button type="submit" class="button strong" data-testid="edit-save" disabled={busy.value}>
          {w(busy.value ? "edit.saving" : "edit.save")}
        </button>
      </div>
    </form>
  );
}

function titleOf(name: string, fields: readonly CustomerFieldView[]): string {
  const own = fields.find(({ code }) => `extra.${code}` === name);
  if (own !== undefined) return localised(own.label, own.code);
  return known("field", name);
}

function Field(props: {
  name: string;
  fields: readonly CustomerFieldView[];
  value: string;
  problem: string;
  onInput: (value: string) => void;
}): JSX.Element {
  const { name, value, fields } = props;
  const own = fields.find(({ code }) => `extra.${code}` === name);
  const label = name === "numbers" ? w("edit.numbers") : name === "addresses" ? w("edit.addresses") : titleOf(name, fields);
  const common = { "data-testid": `edit-${name}`, "aria-invalid": props.problem !== "" } as const;
  const read = (event: { currentTarget: { value: string } }): void => props.onInput(event.currentTarget.value);
  const choices =
    own?.kind === "yes_no"
      ? [["yes", w("card.yes")] as const, ["no", w("card.no")] as const]
      : (own?.choices ?? []).map((one) => [one.code, localised(one.label, one.code)] as const);
  return (
    <label class={`field ${LONG.has(name) ? "wide" : ""}`}>
      <span>
        {label}
        {own?.required === true && <b class="required"> *</b>}
      </span>
      {LONG.has(name) ? (
        <textarea {...common} rows={2} value={value} onInput={read} />
      ) : choices.length > 0 ? (
        <select {...common} value={value} onChange={read}>
          <option value="">{w("edit.empty")}</option>
          {choices.map(([code, text]) => (
            <option key={code} value={code}>
              {text}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type={name === "vip" || own?.kind === "number" ? "number" : own?.kind === "date" ? "date" : "text"}
          step="any"
          {...(name === "vip" ? { min: 0, max: 9, step: 1 } : {})}
          value={value}
          onInput={read}
        />
      )}
    </label>
  );
}

/** Somebody else was faster. Where both changed a field, one of the two values has to be chosen. */
function Conflict(props: {
  mine: Editing;
  theirs: Draft;
  who: string;
  fields: readonly CustomerFieldView[];
  onChosen: (draft: Draft) => void;
}): JSX.Element {
  const { mine, theirs } = props;
  const differing = disputed(mine, theirs);
  const choices = useSignal<Readonly<Record<string, "mine" | "theirs">>>({});
  const mineOf = (name: string): boolean => choices.value[name] !== "theirs";
  return (
    <form
      class="customer-conflict"
      data-testid="edit-conflict"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = differing.map((name) => [name, (mineOf(name) ? mine.draft : theirs)[name] ?? ""] as const);
        props.onChosen({ ...together(mine, theirs), ...Object.fromEntries(chosen) });
      }}
    >
      <p role="alert">{w("edit.conflict", { name: props.who || "?" })}</p>
      {differing.map((name) => (
        <fieldset key={name} data-testid="conflict-field" data-field={name}>
          <legend>{titleOf(name, props.fields)}</legend>
          {(["mine", "theirs"] as const).map((side) => (
            <label key={side} class="row-line">
              <input
                type="radio"
                name={name}
                data-testid={`keep-${side}`}
                checked={mineOf(name) === (side === "mine")}
                onChange={() => (choices.value = { ...choices.value, [name]: side })}
              />
              <span class="grow">
                <span class="meta">{w(side === "mine" ? "edit.mine" : "edit.theirs")}</span>{" "}
                {(side === "mine" ? mine.draft : theirs)[name] || w("edit.empty")}
              </span>
            </label>
          ))}
        </fieldset>
      ))}
      <div class="dialog-buttons">
        <button type="submit" class="button strong" data-testid="conflict-save">
          {w("edit.save")}
        </button>
      </div>
    </form>
  );
}
