import type { JSX } from "preact";

import type { NoteView, OrderView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { day } from "../ui/format";
import { Icon } from "../ui/icons";

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
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Notes({ notes }: { notes: readonly NoteView[] }): JSX.Element {
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
    </section>
  );
}
