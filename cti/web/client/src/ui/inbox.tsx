import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { TextView } from "../gen/messages";
import { t } from "../i18n/language";
import type { Page } from "../route";
import { inbox, order, socketState } from "../session";
import { clockTime } from "./format";
import { Icon } from "./icons";

const MOST = 500;

/** Texts that somebody here wrote to me and I have not confirmed: below in the middle, where neither call nor form are. */
export function Inbox({ page }: { page: Page }): JSX.Element | null {
  const first = inbox.value[0];
  if (first === undefined) return null;
  return (
    <aside class={`inbox on-${page}`} data-testid="inbox" data-count={inbox.value.length} aria-live="assertive">
      <Letter key={first.text_id} text={first} more={inbox.value.length - 1} />
    </aside>
  );
}

function Letter({ text, more }: { text: TextView; more: number }): JSX.Element {
  const answering = useSignal(false);
  const words = useSignal("");
  const online = socketState.value === "open";
  const reply = (event: Event): void => {
    event.preventDefault();
    void order({ cmd: "text.reply", text_id: text.text_id, text: words.value });
  };
  return (
    <>
      <p class="inbox-head">
        <Icon name="chat" /> <b>{t("inbox.title", { name: text.sender_name })}</b>{" "}
        <span class="meta num grow">{clockTime(text.at)}</span>
        {more > 0 && <span class="chip num">{t("inbox.more", { n: more })}</span>}
      </p>
      <p class="text-words" data-testid="inbox-text">
        {text.text}
      </p>
      {answering.value && (
        <form class="inbox-reply" onSubmit={reply}>
          <input
            data-testid="inbox-words"
            aria-label={t("inbox.reply")}
            maxLength={MOST}
            value={words.value}
            ref={(field) => field?.focus()}
            onInput={(event) => (words.value = event.currentTarget.value)}
          />
          <button type="submit" class="button small strong" data-testid="inbox-send" disabled={!online || words.value.trim() === ""}>
            {t("inbox.send")}
          </button>
        </form>
      )}
      <p class="inbox-foot">
        {!answering.value && (
          <button type="button" class="button small" data-testid="inbox-reply" onClick={() => (answering.value = true)}>
            {t("inbox.reply")}
          </button>
        )}
        <button
          type="button"
          class="button small"
          data-testid="inbox-read"
          disabled={!online}
          onClick={() => void order({ cmd: "text.read", text_id: text.text_id })}
        >
          <Icon name="check" size={14} /> {t("inbox.read")}
        </button>
      </p>
    </>
  );
}
