import type { JSX } from "preact";

import type { CallView, CustomerView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { now } from "../net/clock";
import { dispositionText, queueName } from "../ui/codes";
import { ago, duration, initials, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Avatar, Vip } from "../ui/parts";
import { CardActions, CustomerFacts } from "../customer/facts";
import { Sheet, sheet } from "../customer/sheets";
import { Candidates } from "../customer/who";
import { w } from "../customer/words";
import { Notes, Orders } from "./orders";
import { Timeline } from "./timeline";

/** The screen-pop: who calls, what they bought, what was before. It stays until the wrap-up is finished. */
export function CustomerCard({ current }: { current: CallView }): JSX.Element {
  const customer = current.customer;
  return (
    <article
      class={`pop phase-${current.phase}`}
      data-testid="pop"
      data-interaction={current.interaction_id}
      data-offer={current.offer_id}
      data-phase={current.phase}
    >
      <PopHead current={current} />
      <PopFacts current={current} />
      <Candidates current={current} />
      {customer !== null && sheet.value === null && <CustomerFacts customer={customer} number={current.number} />}
      {sheet.value !== null ? (
        <Sheet current={current} />
      ) : customer === null ? (
        <p class="empty meta">{current.number === "" ? w("who.withheld") : t("pop.no_card")}</p>
      ) : (
        <div class="pop-body">
          <Timeline customer={customer} />
          <div class="pop-side">
            <Orders orders={customer.orders} />
            <Notes notes={customer.notes} customerId={customer.customer_id} />
          </div>
        </div>
      )}
    </article>
  );
}

function PopHead({ current }: { current: CallView }): JSX.Element {
  const customer = current.customer;
  const name = customer?.name || current.caller_name || t("pop.unknown");
  const place = [customer?.city, customer?.company].filter((each) => each !== undefined && each !== "").join(" · ");
  return (
    <header class="pop-head">
      <Avatar text={initials(customer?.name || current.caller_name)} tone={(customer?.vip ?? 0) > 0 ? "vip" : "busy"} size={48} />
      <div class="pop-who">
        <h1>
          <span data-testid="pop-name">{name}</span>
          <span data-testid="pop-vip" data-level={customer?.vip ?? 0}>
            <Vip level={customer?.vip ?? 0} />
          </span>
          {customer?.new === true && <span class="chip new">{t("pop.new")}</span>}
        </h1>
        <p>
          <Icon name="phone" size={14} />{" "}
          <span class="num pop-number" data-testid="pop-number">
            {phoneNumber(current.number) || t("call.hidden_number")}
          </span>
          {place !== "" && <span class="meta"> · {place}</span>}
        </p>
        <LastContact customer={customer} />
        {current.direction !== "internal" && current.asked_by === "" && <CardActions current={current} />}
      </div>
      {current.phase === "offered" && (
        <span class="ring-badge" role="status">
          <Icon name="bell" size={18} /> {t("phase.offered")}
        </span>
      )}
    </header>
  );
}

function LastContact({ customer }: { customer: CustomerView | null }): JSX.Element {
  const last = customer?.contacts[0];
  if (last === undefined) return <p class="meta">{t("pop.first_contact")}</p>;
  const words = [
    ago(last.at, now.value),
    last.disposition === "" ? queueName(last.queue) : dispositionText(last.disposition),
    word("outcome", last.outcome),
  ];
  return (
    <p class="meta" data-testid="pop-last">
      {t("pop.last", { facts: words.filter((each) => each !== "").join(" · ") })}
    </p>
  );
}

function PopFacts({ current }: { current: CallView }): JSX.Element {
  const steps = current.ivr.filter((step) => step.digits !== "" || step.label !== "");
  return (
    <dl class="pop-facts">
      <div>
        <dt>{t("pop.queue")}</dt>
        <dd>{queueName(current.queue)}</dd>
      </div>
      <div class="grow">
        <dt>{t("pop.ivr")}</dt>
        <dd data-testid="pop-ivr">
          {steps.length === 0
            ? t("none")
            : steps.map((step, index) => (
                <span key={index} class="ivr-step">
                  {step.digits !== "" && <b class="num">{step.digits}</b>} {step.label}
                </span>
              ))}
        </dd>
      </div>
      <div>
        <dt>{t("pop.waited")}</dt>
        <dd class="num big" data-testid="pop-waited">
          {duration(current.waited_s)}
        </dd>
      </div>
    </dl>
  );
}
