import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { addNote } from "../customer/net";
import { known, w } from "../customer/words";
import type { NoteView, OrderView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { now } from "../net/clock";
import { day, dayAndTime } from "../ui/format";
import { Icon } from "../ui/icons";
import { showToast } from "../ui/toasts";

export function Orders({ orders }: { orders: readonly OrderView[] }): JSX.Element {
  return (
    <section class="panel" data-testid="orders">
      <h2>
        <Icon name="box" /> {t("orders.title")} <span class="count num">{orders.length}</span>
      </h2>
      {orders.length === 0 && <p class="meta">{t("orders.none")}</p>}
      <ul class="rows">
        {orders.map((order) => (
          <li key={order.number} data-testid="order" data-order={order.number}>
            <div class="row-line">
              <b class="grow">{order.title}</b>
              <span class={`chip order-${order.state}`}>{word("order", order.state)}</span>
            </div>
            <div class="row-line meta num">
              <span class="grow">
                {order.number} · {day(order.placed_at)}
              </span>
              <span>{order.amount}</span>
            </div>
            <Delivery order={order} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Delivery({ order }: { order: OrderView }): JSX.Element | null {
  if (order.delivery === "" && order.warranty_until === null) return null;
  const scanned = order.scanned_at === null ? "" : dayAndTime(order.scanned_at);
  const words = [known("order.delivery", order.delivery), `${order.carrier} ${order.tracking}`.trim(), order.scan, scanned];
  const until = order.warranty_until;
  return (
    <>
      {order.delivery !== "" && (
        <p class="meta" data-testid="order-delivery">
          {words.filter((each) => each !== "").join(" · ")}
        </p>
      )}
      {until !== null && (
        <p class="meta" data-testid="order-warranty">
          {w(until > now.value ? "order.warranty" : "order.expired", { day: day(until) })}
        </p>
      )}
    </>
  );
}

export function Notes({ notes, customerId }: { notes: readonly NoteView[]; customerId: number }): JSX.Element {
  const text = useSignal("");
  const add = async (): Promise<void> => {
    const written = text.value.trim();
    if (written === "") return;
    try {
      await addNote(customerId, written);
      text.value = "";
    } catch {
      showToast("error", w("note.failed"));
    }
  };
  return (
    <section class="panel" data-testid="notes">
      <h2>
        <Icon name="note" /> {t("notes.title")} <span class="count num">{notes.length}</span>
      </h2>
      {notes.length === 0 && <p class="meta">{t("notes.none")}</p>}
      <ul class="rows">
        {notes.map((note, index) => (
          <li key={index}>
            <p class="note-text">{note.text}</p>
            <p class="meta">
              {note.author} · {day(note.at)}
            </p>
          </li>
        ))}
      </ul>
      {customerId > 0 && (
        <form
          class="note-form"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <input
            data-testid="note-text"
            aria-label={w("note.text")}
            placeholder={w("note.text")}
            maxLength={4000}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
          <button type="submit" class="button small" data-testid="note-add">
            {w("note.add")}
          </button>
        </form>
      )}
    </section>
  );
}
