import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { CallView, CustomerFieldView, CustomerView } from "../gen/messages";
import { localised } from "../i18n/language";
import { dayAndTime, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { filled, openOnAnswer } from "./links";
import { customerForm, loadForm } from "./net";
import { mayMerge, sheet } from "./sheets";
import { w } from "./words";

/** Edit, merge, somebody else, and the site's links. */
export function CardActions({ current }: { current: CallView }): JSX.Element {
  const links = customerForm.value?.links ?? [];
  useEffect(() => void loadForm(), []);
  useEffect(() => openOnAnswer(links, current), [current.phase, links.length]);
  const has = current.customer !== null && current.customer.customer_id > 0;
  return (
    <div class="card-actions">
      {has && (
        <button type="button" class="button small" data-testid="customer-edit" onClick={() => (sheet.value = "edit")}>
          <Icon name="pen" size={14} /> {w("card.edit")}
        </button>
      )}
      <button type="button" class="button small" data-testid="customer-else" onClick={() => (sheet.value = "find")}>
        <Icon name="search" size={14} /> {w("who.else")}
      </button>
      {has && mayMerge() && (
        <button type="button" class="button small" data-testid="customer-merge" onClick={() => (sheet.value = "merge")}>
          <Icon name="people" size={14} /> {w("card.merge")}
        </button>
      )}
      {links.map((link) => (
        <a
          key={link.url}
          class="button small"
          data-testid="customer-link"
          href={filled(link.url, current)}
          target="_blank"
          rel="noopener noreferrer"
        >
          <Icon name="link" size={14} /> {localised(link.label)}
        </a>
      ))}
    </div>
  );
}

/** Other numbers, addresses, the site's own fields, and who edited last. */
export function CustomerFacts({ customer, number }: { customer: CustomerView; number: string }): JSX.Element | null {
  const others = customer.numbers.filter((one) => one !== number);
  const fields = (customerForm.value?.fields ?? []).filter(({ code }) => (customer.extra[code] ?? "") !== "");
  if (others.length + customer.addresses.length + fields.length === 0 && customer.updated_by === "") return null;
  return (
    <div class="customer-facts meta" data-testid="customer-facts">
      {others.length > 0 && <span class="num">{others.map(phoneNumber).join(" · ")}</span>}
      {customer.addresses.map((one, index) => (
        <span key={index} data-testid="customer-address">
          {one.label !== "" && <b>{one.label}</b>} {one.text}
        </span>
      ))}
      {fields.map((field) => (
        <span key={field.code} data-testid="customer-field" data-field={field.code}>
          {localised(field.label, field.code)} <b>{textOf(field, customer.extra[field.code] ?? "")}</b>
        </span>
      ))}
      {customer.updated_by !== "" && (
        <span data-testid="customer-edited">
          {w("card.edited", { name: customer.updated_by, when: dayAndTime(customer.updated_at) })}
        </span>
      )}
    </div>
  );
}

function textOf(field: CustomerFieldView, value: string): string {
  if (field.kind === "yes_no") return w(value === "yes" ? "card.yes" : "card.no");
  return localised(field.choices.find(({ code }) => code === value)?.label, value);
}
