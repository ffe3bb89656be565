import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { timelinePage } from "../customer/net";
import { w } from "../customer/words";
import type { ContactView, CustomerView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { agents, isSupervisor, session } from "../session";
import { may } from "./call_control";
import { DialNumber } from "./dial_box";
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

const KINDS = ["", "inbound", "outbound", "callback", "voicemail", "chat"] as const;
type Kind = (typeof KINDS)[number];
/** A push holds the newest contacts; the rest is fetched when somebody wants it. */
const PAGE = 20;
const TYPING_MS = 300;

interface Found {
  readonly items: readonly ContactView[];
  readonly more: boolean;
}

/** Earlier contacts: those of the push, or, once somebody narrows or wants more, what the server finds. */
export function Timeline({ customer }: { customer: CustomerView }): JSX.Element {
  const kind = useSignal<Kind>("");
  const text = useSignal("");
  const found = useSignal<Found | null>(null);
  const id = customer.customer_id;
  const narrowed = kind.value !== "" || text.value.trim() !== "";
  const fetchPage = async (before?: number): Promise<Found | null> => {
    const page = await timelinePage(id, { before: before ?? null, kind: kind.value, q: text.value.trim(), limit: PAGE }).catch(() => null);
    if (page === null) showToast("error", t("timeline.failed"));
    return page && { items: page.items, more: page.next_before !== null };
  };
  useEffect(() => {
    if (!narrowed) {
      found.value = null;
      return undefined;
    }
    let current = true;
    const timer = setTimeout(() => void fetchPage().then((page) => current && (found.value = page)), TYPING_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [kind.value, text.value, id]);
  const pushed = narrowed ? [] : customer.contacts;
  const shown = new Set(pushed.map((contact) => contact.interaction_id));
  const fetched = found.value?.items ?? [];
  const contacts = [...pushed, ...fetched.filter((contact) => !shown.has(contact.interaction_id))];
  const more = id > 0 && (found.value?.more ?? (!narrowed && pushed.length >= PAGE));
  const fetchOlder = async (): Promise<void> => {
    const page = await fetchPage(contacts.at(-1)?.at);
    if (page !== null) found.value = { items: [...fetched, ...page.items], more: page.more };
  };
  return (
    <section class="panel" data-testid="timeline" tabIndex={0}>
      <h2>
        <Icon name="history" /> {t("timeline.title")} <span class="count num">{contacts.length}</span>
      </h2>
      {(customer.contacts.length > 0 || narrowed) && (
        <div class="timeline-search">
          <select
            data-testid="timeline-kind"
            aria-label={w("time.kind")}
            value={kind.value}
            onChange={(event) => (kind.value = event.currentTarget.value as Kind)}
          >
            {KINDS.map((each) => (
              <option key={each} value={each}>
                {w(each === "" ? "time.any" : `time.${each}`)}
              </option>
            ))}
          </select>
          <input
            type="search"
            data-testid="timeline-search"
            aria-label={w("time.search")}
            placeholder={w("time.search")}
            maxLength={100}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </div>
      )}
      {contacts.length === 0 && <p class="meta">{narrowed ? w("time.none") : t("timeline.none")}</p>}
      <ol class="rows timeline">
        {contacts.map((contact) => (
          <Contact key={contact.interaction_id} contact={contact} number={customer.numbers[0] ?? ""} />
        ))}
      </ol>
      {more && (
        <button type="button" class="button small" data-testid="timeline-more" onClick={() => void fetchOlder()}>
          {t("timeline.older")}
        </button>
      )}
    </section>
  );
}

/** Who listens took part, or is a supervisor; the server checks it again. */
function mayListen(contact: ContactView): boolean {
  return contact.has_recording && (isSupervisor.value || contact.agents.includes(session.value?.agent_id ?? ""));
}

function nameOf(kind: string, target: string): string {
  if (kind === "queue") return queueName(target);
  return kind === "agent" ? (agents.value[target]?.name ?? target) : target;
}

function Contact({ contact, number }: { contact: ContactView; number: string }): JSX.Element {
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
          {may.value.has("dial") && <DialNumber number={number} />}
          {mayListen(contact) ? <PlayButton interactionId={contact.interaction_id} /> : <span class="icon-space" />}
        </div>
        <p class="meta">
          {[word("medium", contact.direction === "out" ? "outbound" : contact.medium), queue, contact.agent_name].filter((each) => each !== "").join(" · ")}
          {(contact.waited_s ?? 0) > 0 && <span class="num"> · {w("time.waited", { time: duration(contact.waited_s ?? 0) })}</span>}
          {contact.talked_s > 0 && <span class="num"> · {w("time.talked", { time: duration(contact.talked_s) })}</span>}
          {contact.disposition !== "" && contact.outcome !== "handled" && ` · ${word("outcome", contact.outcome)}`}
          {contact.follow_up_at !== null && ` · ${w("time.follow_up", { when: dayAndTime(contact.follow_up_at) })}`}
        </p>
        {contact.transfers.map((moved, index) => (
          <p key={index} class="meta" data-testid="contact-transfer">
            {w("time.moved", { from: nameOf("agent", moved.from_agent), to: nameOf(moved.kind, moved.target) })}
          </p>
        ))}
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
