import type { JSX } from "preact";

import type { FieldView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { codes } from "../session";
import { branches, dispositionText, type Leaf } from "../ui/codes";
import { chooseDisposition, edit, refusal, type WrapUpForm } from "./form";
import { formOf, leafOf, treeOf } from "./form_rules";
import { OwnerSelect } from "./owner_select";
import { WhenField } from "./when_field";

/** Everything that one form asks for. */
export function Fields({ value }: { value: WrapUpForm }): JSX.Element {
  const leaf = leafOf(treeOf(codes.value, value.queue), value.disposition);
  return (
    <div class="fields">
      <Disposition value={value} />
      {leaf?.fields.map((field) => <OwnField key={field.code} field={field} value={value} />)}
      <label class="field grow">
        <span>{t("wrap.note")}</span>
        <textarea
          data-testid="note"
          placeholder={t("wrap.note_placeholder")}
          maxLength={4000}
          value={value.note}
          onInput={(event) => edit(value, { note: event.currentTarget.value })}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          data-testid="complaint"
          checked={value.complaint}
          onChange={(event) => edit(value, { complaint: event.currentTarget.checked })}
        />
        <span>{t("wrap.complaint")}</span>
      </label>
      <FollowUp value={value} />
    </div>
  );
}

function Disposition({ value }: { value: WrapUpForm }): JSX.Element {
  const tree = treeOf(codes.value, value.queue);
  const gone = value.disposition !== "" && leafOf(tree, value.disposition) === null;
  const lack = lackText(value, "disposition");
  return (
    <label class="field">
      <span>
        {t("wrap.disposition")} <Mark required={formOf(codes.value, value.queue).required} />
      </span>
      <select
        data-testid="disposition"
        value={value.disposition}
        aria-invalid={lack !== ""}
        onChange={(event) => chooseDisposition(value, event.currentTarget.value)}
      >
        <option value="">{t("wrap.choose")}</option>
        {gone && (
          <option value={value.disposition}>{t("wrap.gone", { code: dispositionText(value.disposition) })}</option>
        )}
        {branches(tree).map((branch) =>
          branch.heading === "" ? (
            branch.leaves.map(option)
          ) : (
            <optgroup key={branch.heading} label={branch.heading}>
              {branch.leaves.map(option)}
            </optgroup>
          ),
        )}
      </select>
      <LackLine text={lack} />
    </label>
  );
}

function option(leaf: Leaf): JSX.Element {
  return (
    <option key={leaf.code} value={leaf.code}>
      {leaf.label}
    </option>
  );
}

function OwnField({ field, value }: { field: FieldView; value: WrapUpForm }): JSX.Element {
  const lack = lackText(value, `fields.${field.code}`);
  const put = (text: string): void => edit(value, { fields: { ...value.fields, [field.code]: text } });
  const shared = {
    "data-testid": `field-${field.code}`,
    "aria-invalid": lack !== "",
    value: value.fields[field.code] ?? "",
  };
  return (
    <label class="field">
      <span>
        {localised(field.label, field.code)} <Mark required={field.required} />
      </span>
      {field.kind === "choice" ? (
        <select {...shared} onChange={(event) => put(event.currentTarget.value)}>
          <option value="">{t("wrap.choose_option")}</option>
          {field.options.map((each) => (
            <option key={each.code} value={each.code}>
              {localised(each.label, each.code)}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          type={field.kind === "date" ? "date" : "text"}
          inputMode={field.kind === "number" ? "decimal" : "text"}
          maxLength={500}
          onInput={(event) => put(event.currentTarget.value)}
        />
      )}
      <LackLine text={lack} />
    </label>
  );
}

function FollowUp({ value }: { value: WrapUpForm }): JSX.Element {
  return (
    <div class="field">
      <span>{t("wrap.follow_up")}</span>
      <WhenField
        at={value.followUpAt}
        label={t("wrap.follow_up")}
        testId="follow-up"
        optional
        onChange={(followUpAt) => edit(value, { followUpAt })}
      />
      {value.followUpAt !== null && (
        <div class="follow-more">
          <OwnerSelect
            owner={{ kind: value.followUpKind, key: value.followUpOwner }}
            testId="follow-owner"
            label={t("wrap.follow_owner")}
            onChoose={(owner) => edit(value, { followUpKind: owner.kind, followUpOwner: owner.key })}
          />
          <input
            data-testid="follow-text"
            aria-label={t("wrap.follow_text")}
            placeholder={t("wrap.follow_text_hint")}
            maxLength={500}
            value={value.followUpText}
            onInput={(event) => edit(value, { followUpText: event.currentTarget.value })}
          />
        </div>
      )}
      <LackLine text={lackText(value, "follow_up_owner")} />
    </div>
  );
}

function Mark({ required }: { required: boolean }): JSX.Element | null {
  return required ? <em class="required">{t("wrap.required_mark")}</em> : null;
}

function LackLine({ text }: { text: string }): JSX.Element | null {
  if (text === "") return null;
  return (
    <span class="lack" role="alert" data-testid="lack">
      {text}
    </span>
  );
}

function lackText(value: WrapUpForm, field: string): string {
  const found = refusal.value;
  if (found === null || found.interactionId !== value.interactionId || found.field !== field) return "";
  return found.kind === null ? found.message : t(`lack.${found.kind}`);
}
