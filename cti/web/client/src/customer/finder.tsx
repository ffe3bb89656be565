import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { CallView, CustomerHit } from "../gen/messages";
import { t } from "../i18n/language";
import { phoneNumber } from "../ui/format";
import { Vip } from "../ui/parts";
import { findCustomers } from "./net";
import { sheet } from "./sheets";
import { identify } from "./who";
import { w } from "./words";

const TYPING_MS = 250;

/** Customers by name, company or number, as one types. `without`: not this one. */
export function CustomerSearch(props: {
  without: number;
  action: string;
  onPick: (hit: CustomerHit) => void;
}): JSX.Element {
  const text = useSignal("");
  const hits = useSignal<readonly CustomerHit[] | null>(null);
  const failed = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const wanted = text.value;
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      findCustomers(wanted).then(
        (found) => {
          if (!current) return;
          hits.value = found.items.filter((hit) => hit.customer_id !== props.without);
          failed.value = false;
        },
        () => (failed.value = current),
      );
    }, TYPING_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [wanted]);
  return (
    <div class="customer-search">
      <input
        ref={field}
        type="search"
        data-testid="customer-search"
        aria-label={w("who.search")}
        placeholder={w("who.search")}
        value={wanted}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      {failed.value && <p class="failure small">{w("who.failed")}</p>}
      {hits.value?.length === 0 && <p class="meta">{w("who.nobody")}</p>}
      <ul class="rows">
        {(hits.value ?? []).map((hit) => (
          <li key={hit.customer_id} class="row-line" data-testid="customer-hit" data-customer={hit.customer_id}>
            <span class="grow">
              <b>{hit.name || "—"}</b> <Vip level={hit.vip} />{" "}
              <span class="meta num">{[hit.city, hit.company, ...hit.numbers.map(phoneNumber)].filter((each) => each !== "").join(" · ")}</span>
            </span>
            <button type="button" class="button small" onClick={() => props.onPick(hit)}>
              {props.action}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Who is calling, if it is not whom the card shows: somebody known, or somebody new. */
export function Finder({ current }: { current: CallView }): JSX.Element {
  const keep = useSignal(true);
  const name = useSignal("");
  const done = async (customerId: number): Promise<void> => {
    if (await identify(current, customerId, name.value.trim(), keep.value)) sheet.value = null;
  };
  return (
    <>
      <h2>{w("who.else")}</h2>
      <CustomerSearch
        without={current.customer?.customer_id ?? 0}
        action={w("who.this")}
        onPick={(hit) => void done(hit.customer_id)}
      />
      <form
        class="row-line"
        onSubmit={(event) => {
          event.preventDefault();
          void done(0);
        }}
      >
        <input
          class="grow"
          data-testid="new-customer-name"
          aria-label={w("who.new_name")}
          placeholder={w("who.new_name")}
          maxLength={200}
          required
          value={name.value}
          onInput={(event) => (name.value = event.currentTarget.value)}
        />
        <button type="submit" class="button" data-testid="new-customer">
          {w("who.new")}
        </button>
      </form>
      {current.number !== "" && (
        <label class="row-line">
          <input type="checkbox" checked={keep.value} onChange={(event) => (keep.value = event.currentTarget.checked)} />
          <span class="grow">{w("who.keep")}</span>
        </label>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={() => (sheet.value = null)}>
          {t("cancel")}
        </button>
      </div>
    </>
  );
}
