import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { t } from "../i18n/language";
import { now } from "../net/clock";
import { call, codes, order, socketState } from "../session";
import { branches, type Leaf } from "../ui/codes";
import { Icon } from "../ui/icons";
import { Remaining } from "../ui/parts";
import { drafts, dropDraft, edit, editDraft, finishForm, form, saveDraft, saved, type WrapUpForm } from "./form";

/** The form is there from the first second of the talk; what is typed is saved as it is typed. */
export function WrapUp(): JSX.Element {
  const shown = useSignal("");
  const draft = drafts.value.find((each) => each.interactionId === shown.value);
  const current = form.value;
  return (
    <section class="card wrap-up" data-testid="wrap-up" data-state={call.value?.phase ?? "none"}>
      <header class="wrap-head">
        <h2>{t("wrap.title")}</h2>
        {draft === undefined && <SavedMark />}
      </header>
      <DraftTabs shown={shown.value} onShow={(id) => (shown.value = id)} />
      {draft !== undefined ? (
        <DraftForm draft={draft} />
      ) : current !== null ? (
        <>
          <Fields value={current} onEdit={edit} />
          <Finish />
        </>
      ) : null}
    </section>
  );
}

function DraftTabs({ shown, onShow }: { shown: string; onShow: (id: string) => void }): JSX.Element | null {
  if (drafts.value.length === 0) return null;
  return (
    <div class="tabs" role="tablist">
      {form.value !== null && (
        <button type="button" role="tab" aria-selected={shown === ""} onClick={() => onShow("")}>
          {form.value.title}
        </button>
      )}
      {drafts.value.map((draft) => (
        <button
          key={draft.interactionId}
          type="button"
          role="tab"
          data-testid="draft-tab"
          aria-selected={shown === draft.interactionId}
          onClick={() => onShow(draft.interactionId)}
        >
          <Icon name="pen" size={12} /> {draft.title}
        </button>
      ))}
    </div>
  );
}

function DraftForm({ draft }: { draft: WrapUpForm }): JSX.Element {
  return (
    <>
      <p class="meta">{t("wrap.draft_hint")}</p>
      <Fields value={draft} onEdit={(change) => editDraft({ ...draft, ...change })} />
      <div class="wrap-buttons">
        <button type="button" class="button" onClick={() => dropDraft(draft.interactionId)}>
          {t("wrap.discard")}
        </button>
        <button type="button" class="button strong" data-testid="draft-save" onClick={() => void saveDraft(draft)}>
          {t("wrap.save_draft")}
        </button>
      </div>
    </>
  );
}

function SavedMark(): JSX.Element | null {
  const state = saved.value;
  if (state === "clean") return null;
  return (
    <span class={`meta saved-${state}`} data-testid="saved" data-state={state} aria-live="polite">
      {t(`saved.${state}`)}
    </span>
  );
}

interface FieldsProps {
  value: WrapUpForm;
  onEdit: (change: Partial<Omit<WrapUpForm, "interactionId" | "title">>) => void;
}

function Fields({ value, onEdit }: FieldsProps): JSX.Element {
  return (
    <div class="fields">
      <label class="field">
        <span>{t("wrap.disposition")}</span>
        <select
          data-testid="disposition"
          value={value.disposition}
          onChange={(event) => onEdit({ disposition: event.currentTarget.value })}
        >
          <option value="">{t("wrap.choose")}</option>
          {branches(codes.value?.dispositions ?? []).map((branch) =>
            branch.heading === "" ? (
              branch.leaves.map(option)
            ) : (
              <optgroup key={branch.heading} label={branch.heading}>
                {branch.leaves.map(option)}
              </optgroup>
            ),
          )}
        </select>
      </label>
      <label class="field grow">
        <span>{t("wrap.note")}</span>
        <textarea
          data-testid="note"
          placeholder={t("wrap.note_placeholder")}
          maxLength={4000}
          value={value.note}
          onInput={(event) => onEdit({ note: event.currentTarget.value })}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          data-testid="complaint"
          checked={value.complaint}
          onChange={(event) => onEdit({ complaint: event.currentTarget.checked })}
        />
        <span>{t("wrap.complaint")}</span>
      </label>
      <FollowUp at={value.followUpAt} onChange={(followUpAt) => onEdit({ followUpAt })} />
    </div>
  );
}

function option(leaf: Leaf): JSX.Element {
  return (
    <option key={leaf.code} value={leaf.code}>
      {leaf.label}
    </option>
  );
}

/** Quick choices first; the exact time is for the exception. Local time of the agent. */
function FollowUp({ at, onChange }: { at: number | null; onChange: (at: number | null) => void }): JSX.Element {
  return (
    <div class="field">
      <span>{t("wrap.follow_up")}</span>
      <div class="quick">
        <button type="button" aria-pressed={at === null} onClick={() => onChange(null)}>
          {t("wrap.follow_none")}
        </button>
        {([1, 3] as const).map((days) => (
          <button key={days} type="button" aria-pressed={at === morningIn(days)} onClick={() => onChange(morningIn(days))}>
            {t(`wrap.follow_${days}`)}
          </button>
        ))}
        <input
          type="datetime-local"
          aria-label={t("wrap.follow_up")}
          data-testid="follow-up"
          value={at === null ? "" : localInput(at)}
          onChange={(event) => {
            const chosen = Date.parse(event.currentTarget.value);
            onChange(Number.isNaN(chosen) ? null : chosen / 1000);
          }}
        />
      </div>
    </div>
  );
}

function morningIn(days: number): number {
  const when = new Date(now.peek() * 1000);
  when.setDate(when.getDate() + days);
  when.setHours(9, 0, 0, 0);
  return when.getTime() / 1000;
}

function localInput(at: number): string {
  const when = new Date(at * 1000);
  return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Finish(): JSX.Element {
  const current = call.value;
  const wrapping = current?.phase === "wrap_up";
  const until = current?.wrap_up_until ?? null;
  return (
    <footer class="wrap-foot">
      <div class="wrap-clock meta">
        {wrapping && until !== null ? (
          <>
            <Icon name="clock" size={14} /> {t("wrap.ends_in")} <Remaining until={until} />
            <button
              type="button"
              class="button small"
              data-testid="extend"
              onClick={() => void order({ cmd: "wrap_up.extend", seconds: 60 })}
            >
              {t("wrap.extend")}
            </button>
          </>
        ) : (
          t(wrapping ? "wrap.no_limit" : "wrap.during_call")
        )}
      </div>
      <button
        type="button"
        class="button wide strong-wrap"
        data-testid="finish"
        disabled={!wrapping || socketState.value !== "open"}
        onClick={() => void finishForm()}
      >
        <Icon name="check" /> {t("wrap.finish")}
      </button>
    </footer>
  );
}
