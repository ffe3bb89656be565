import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { CustomerView, MergeField, MergePreview, MergeView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { problemText } from "../i18n/problems";
import { RequestFailed } from "../net/rest";
import { dayAndTime } from "../ui/format";
import { showToast } from "../ui/toasts";
import { CustomerSearch } from "./finder";
import { customerForm, mergeCustomers, mergePreview, merges, undoMerge } from "./net";
import { sheet } from "./sheets";
import { known, w } from "./words";

type Side = "kept" | "other";

async function tried<T>(act: Promise<T>): Promise<T | null> {
  try {
    return await act;
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    showToast("error", problemText(error.problem));
    return null;
  }
}

/** Find the other record, see what wins, merge; and undo what was merged before. */
export function Merge({ customer }: { customer: CustomerView }): JSX.Element {
  const id = customer.customer_id;
  const plan = useSignal<MergePreview | null>(null);
  const before = useSignal<readonly MergeView[]>([]);
  const list = async (): Promise<void> => void (before.value = (await tried(merges(id)))?.items ?? []);
  useEffect(() => void list(), [id, customer.version]);
  return (
    <>
      <h2>{w("merge.title")}</h2>
      <p class="meta">{w("merge.hint")}</p>
      {plan.value === null ? (
        <CustomerSearch
          without={id}
          action={w("merge.into")}
          onPick={(hit) => void tried(mergePreview(id, hit.customer_id)).then((found) => (plan.value = found))}
        />
      ) : (
        <Preview plan={plan.value} onBack={() => (plan.value = null)} />
      )}
      {before.value.length > 0 && (
        <section data-testid="merges">
          <h3>{w("merge.done")}</h3>
          <ul class="rows">
            {before.value.map((one) => (
              <li key={one.merge_id} class="row-line" data-testid="merge-row" data-merge={one.merge_id}>
                <span class="grow">
                  <b>{one.other_name || "—"}</b>{" "}
                  <span class="meta">{w("merge.by", { who: one.by_name, when: dayAndTime(one.at) })}</span>
                </span>
                {one.undone_at === null ? (
                  <button
                    type="button"
                    class="button small"
                    data-testid="merge-undo"
                    onClick={() => void tried(undoMerge(one.merge_id)).then(list)}
                  >
                    {w("merge.undo")}
                  </button>
                ) : (
                  <span class="meta">{w("merge.undone")}</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button" data-testid="merge-close" onClick={() => (sheet.value = null)}>
          {t("close")}
        </button>
      </div>
    </>
  );
}

function Preview({ plan, onBack }: { plan: MergePreview; onBack: () => void }): JSX.Element {
  const choices = useSignal<Readonly<Record<string, Side>>>({});
  const kept = plan.kept.customer;
  const merge = async (): Promise<void> => {
    const body = { other: plan.other.customer.customer_id, version: plan.kept.version, other_version: plan.other.version };
    const done = await tried(mergeCustomers(kept.customer_id, { ...body, choices: choices.value }));
    if (done !== null) onBack();
  };
  const shown = plan.fields.filter((field) => field.kept !== field.other);
  return (
    <div data-testid="merge-preview">
      <table class="merge-table">
        <thead>
          <tr>
            <th />
            <th>{w("merge.kept")}</th>
            <th>{w("merge.other")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((field) => (
            <tr key={field.field} data-testid="merge-field" data-field={field.field}>
              <th>{titleOf(field)}</th>
              {(["kept", "other"] as const).map((side) => (
                <td key={side}>
                  <label class="row-line">
                    <input
                      type="radio"
                      name={field.field}
                      data-testid={`win-${side}`}
                      checked={(choices.value[field.field] ?? field.wins) === side}
                      onChange={() => (choices.value = { ...choices.value, [field.field]: side })}
                    />
                    <span class="grow">{String(field[side]) || w("edit.empty")}</span>
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="meta">{w("merge.moving", plan.moving)}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onBack}>
          {w("merge.back")}
        </button>
        <button type="button" class="button strong" data-testid="merge-do" onClick={() => void merge()}>
          {w("merge.do")}
        </button>
      </div>
    </div>
  );
}

function titleOf(field: MergeField): string {
  const own = customerForm.value?.fields.find(({ code }) => `extra.${code}` === field.field);
  return own === undefined ? known("field", field.field) : localised(own.label, own.code);
}
