import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { CustomerCard } from "../gen/messages";
import { t } from "../i18n/language";
import { get } from "../net/rest";
import { phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Failure, Skeleton, Vip } from "../ui/parts";
import { DialNumber } from "./dial_box";
import { NewTask } from "./new_task";
import { Notes, Orders } from "./orders";
import { Timeline } from "./timeline";

/** The customer whose card lies open without a call; 0 for none. */
export const opened = signal(0);

/** A customer's card between calls: to look something up before calling back, or to make a note to oneself. */
export function CustomerSheet(): JSX.Element | null {
  if (opened.value === 0) return null;
  return <Sheet key={opened.value} customerId={opened.value} />;
}

function Sheet({ customerId }: { customerId: number }): JSX.Element {
  const card = useSignal<CustomerCard | null>(null);
  const failed = useSignal(false);
  const adding = useSignal(false);
  const close = (): void => void (opened.value = 0);
  const fetchIt = (): void => {
    failed.value = false;
    get<CustomerCard>(`/customers/${customerId}`).then(
      (found) => (card.value = found),
      () => (failed.value = true),
    );
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") close();
    };
    fetchIt();
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const customer = card.value?.customer ?? null;
  const number = customer?.numbers[0] ?? "";
  return (
    <div class="drawer-shade" onClick={(event) => event.target === event.currentTarget && close()}>
      <aside class="drawer customer-sheet" data-testid="customer-sheet" aria-label={customer?.name ?? t("loading")}>
        <header class="panel-head">
          <h2 class="grow" data-testid="sheet-name">
            {customer?.name} <Vip level={customer?.vip ?? 0} />
            <span class="meta num"> {phoneNumber(number)}</span>
          </h2>
          {number !== "" && <DialNumber number={number} />}
          <button type="button" class="button small" data-testid="sheet-task" onClick={() => (adding.value = !adding.value)}>
            <Icon name="pen" size={14} /> {t("task.new")}
          </button>
          <button type="button" class="icon-button" aria-label={t("close")} data-testid="close-sheet" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <div class="drawer-body">
          {failed.value && <Failure text={t("timeline.failed")} retry={fetchIt} />}
          {customer === null && !failed.value && <Skeleton rows={8} />}
          {adding.value && customer !== null && (
            <NewTask about={{ customerId, name: customer.name, number }} onClose={() => (adding.value = false)} />
          )}
          {customer !== null && (
            <>
              <Timeline customer={customer} />
              <Orders orders={customer.orders} />
              <Notes notes={customer.notes} customerId={customerId} />
            </>
          )}
        </div>
      </aside>
    </div>
  );
}
