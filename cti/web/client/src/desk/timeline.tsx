import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { ContactView, CustomerView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { customerTimeline } from "../net/rest";
import { dispositionText, fieldTexts, queueName } from "../ui/codes";
import { dayAndTime, duration } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { PlayButton, PlayerRow } from "../ui/player";
import { showToast } from "../ui/toasts";

const MEDIUM_ICON: Readonly<Record<string, IconName>> = {
  voice: "phone",
  callback: "history",
  voicemail: "record",
  chat: "chat",
  email: "mail",
};

/** A push holds the newest contacts; the rest is fetched when somebody wants it. */
const PAGE = 20;

export function Timeline({ customer }: { customer: CustomerView }): JSX.Element {
  const older = useSignal<readonly ContactView[]>([]);
  const ended = useSignal(false);
  const shown = new Set(customer.contacts.map((contact) => contact.interaction_id));
  const contacts = [...customer.contacts, ...older.value.filter((contact) => !shown.has(contact.interaction_id))];
  const mayHaveMore = customer.customer_id > 0 && customer.contacts.length >= PAGE && !ended.value;
  const fetchOlder = async (): Promise<void> => {
    const page = await customerTimeline(customer.customer_id, contacts.at(-1)?.at).catch(() => null);
    if (page === null) {
      showToast("error", t("timeline.failed"));
      return;
    }
    older.value = [...older.value, ...page.items];
    ended.value = page.next_before === null;
  };
  return (
    <section class="panel" data-testid="timeline" tabIndex={0}>
      <h2>
        <Icon name="history" /> {t("timeline.title")} <span class="count num">{contacts.length}</span>
      </h2>
      {contacts.length === 0 && <p class="meta">{t("timeline.none")}</p>}
      <ol class="rows timeline">
        {contacts.map((contact) => (
          <Contact key={contact.interaction_id} contact={contact} />
        ))}
      </ol>
      {mayHaveMore && (
        <button type="button" class="button small" onClick={() => void fetchOlder()}>
          {t("timeline.older")}
        </button>
      )}
    </section>
  );
}

function Contact({ contact }: { contact: ContactView }): JSX.Element {
  const queue = queueName(contact.queue);
  const missed = contact.outcome !== "handled" && contact.outcome !== "self_served";
  return (
    <li data-testid="contact" data-interaction={contact.interaction_id}>
      <span class={`dot ${missed ? "tone-alarm" : "tone-busy"}`}>
        <Icon name={MEDIUM_ICON[contact.medium] ?? "phone"} size={12} />
      </span>
      <div class="grow">
        <div class="row-line">
          <span class="grow">
            <b>{contact.disposition === "" ? word("outcome", contact.outcome) : dispositionText(contact.disposition)}</b>
          </span>
          <span class="meta num">{dayAndTime(contact.at)}</span>
          {contact.has_recording ? <PlayButton interactionId={contact.interaction_id} /> : <span class="icon-space" />}
        </div>
        <p class="meta">
          {[word("medium", contact.direction === "out" ? "outbound" : contact.medium), queue, contact.agent_name].filter((each) => each !== "").join(" · ")}
          {contact.talked_s > 0 && <span class="num"> · {duration(contact.talked_s)}</span>}
        </p>
        {(contact.complaint || Object.keys(contact.fields).length > 0) && (
          <p class="meta" data-testid="contact-fields">
            {contact.complaint && <span class="chip overdue">{t("wrap.complaint")}</span>}{" "}
            {fieldTexts(contact.disposition, contact.fields).join(" · ")}
          </p>
        )}
        {contact.note !== "" && <p class="note-text">{contact.note}</p>}
        <PlayerRow interactionId={contact.interaction_id} />
      </div>
    </li>
  );
}
