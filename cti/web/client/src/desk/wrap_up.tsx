import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { t } from "../i18n/language";
import { call, order, socketState, unfinished } from "../session";
import { Icon } from "../ui/icons";
import { Remaining } from "../ui/parts";
import { drafts, finish, finishForm, forget, form, savedState, type WrapUpForm } from "./form";
import { Fields } from "./wrap_fields";

/** The form is there from the first second of the talk; what is typed is saved as it is typed. */
export function WrapUp(): JSX.Element {
  const chosen = useSignal("");
  const current = form.value;
  const fallback = current === null ? drafts.value[0] : undefined;
  const draft = drafts.value.find((each) => each.interactionId === chosen.value) ?? fallback;
  const shown = draft ?? current;
  return (
    <section class="card wrap-up" data-testid="wrap-up" data-state={call.value?.phase ?? "none"}>
      <header class="wrap-head">
        <h2>{t(current === null ? "wrap.unfinished" : "wrap.title")}</h2>
        {shown !== null && <SavedMark id={shown.interactionId} />}
      </header>
      <DraftTabs shown={draft?.interactionId ?? ""} onShow={(id) => (chosen.value = id)} />
      {draft !== undefined ? (
        <DraftForm key={draft.interactionId} draft={draft} />
      ) : current !== null ? (
        <>
          <Fields value={current} />
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
        <button type="button" role="tab" data-testid="current-tab" aria-selected={shown === ""} onClick={() => onShow("")}>
          {form.value.title}
        </button>
      )}
      {drafts.value.map((draft) => (
        <button
          key={draft.interactionId}
          type="button"
          role="tab"
          data-testid="draft-tab"
          data-interaction={draft.interactionId}
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
  const kept = unfinished.value.some((each) => each.interaction_id === draft.interactionId);
  return (
    <>
      <p class="meta">{t(kept ? "wrap.draft_hint" : "wrap.unsent_hint")}</p>
      <Fields value={draft} />
      <div class="wrap-foot">
        {!kept && (
          <button type="button" class="button" data-testid="draft-discard" onClick={() => forget(draft.interactionId)}>
            {t("wrap.discard")}
          </button>
        )}
        <button
          type="button"
          class="button wide strong-wrap"
          data-testid="draft-finish"
          disabled={socketState.value !== "open"}
          onClick={() => void finish(draft)}
        >
          <Icon name="check" /> {t("wrap.finish_draft")}
        </button>
      </div>
    </>
  );
}

function SavedMark({ id }: { id: string }): JSX.Element | null {
  const state = savedState(id);
  if (state === "clean") return null;
  return (
    <span class={`meta saved-${state}`} data-testid="saved" data-state={state} aria-live="polite">
      {t(`saved.${state}`)}
    </span>
  );
}

function Finish(): JSX.Element {
  const current = call.value;
  const wrapping = current?.phase === "wrap_up";
  const until = current?.wrap_up_until ?? null;
  return (
    <footer class="wrap-foot">
      <div class="wrap-clock meta" data-testid="wrap-clock">
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
          t(wrapping ? "wrap.time_over" : "wrap.during_call")
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
