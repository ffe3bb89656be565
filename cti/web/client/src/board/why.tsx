import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { CandidateView, Explanation, OfferExplanation, VisitExplanation, WaitExplanation } from "../gen/messages";
import { localised, t, word } from "../i18n/language";
import { now } from "../net/clock";
import { explanation, RequestFailed } from "../net/rest";
import { waiting } from "../session";
import { queueName } from "../ui/codes";
import { clockTime, phoneNumber, spoken } from "../ui/format";
import { Icon } from "../ui/icons";
import { Elapsed, Empty, Failure, Remaining, Skeleton } from "../ui/parts";
import { CallerMenu } from "./caller_menu";

/** The interaction that is being explained; "" for none. */
export const explained = signal("");

const REFRESH_MS = 2_000;

/** Why a caller waits, or why the call went where it went. Asked anew every two seconds while it is open. */
export function WhyPanel({ interactionId, onClose }: { interactionId: string; onClose: () => void }): JSX.Element {
  const told = useSignal<Explanation | null>(null);
  const failure = useSignal<"none" | "unknown" | "failed">("none");
  const close = useRef<HTMLButtonElement>(null);
  const ask = async (alive: () => boolean): Promise<void> => {
    try {
      const answer = await explanation(interactionId);
      if (alive()) [told.value, failure.value] = [answer, "none"];
    } catch (error) {
      if (!alive()) return;
      failure.value = error instanceof RequestFailed && error.status === 404 ? "unknown" : "failed";
    }
  };
  useEffect(() => {
    const before = document.activeElement;
    let open = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = async (): Promise<void> => {
      await ask(() => open);
      if (open) timer = setTimeout(() => void again(), REFRESH_MS);
    };
    void again();
    close.current?.focus();
    return () => {
      open = false;
      clearTimeout(timer);
      if (before instanceof HTMLElement) before.focus();
    };
  }, [interactionId]);
  const caller = waiting.value[interactionId];
  const known = told.value;
  return (
    <div class="drawer-shade" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <aside class="drawer why" role="dialog" aria-label={t("explain.title")} data-testid="why" data-interaction={interactionId}>
        <header class="panel-head">
          <div class="grow">
            <h2>{t("explain.title")}</h2>
            <p class="meta">
              {caller !== undefined && `${caller.customer_name || caller.caller_name || phoneNumber(caller.number)} · `}
              {caller !== undefined && <Elapsed since={caller.queued_at} />} <span class="mono">{interactionId}</span>
            </p>
          </div>
          {caller !== undefined && <CallerMenu caller={caller} />}
          <button ref={close} type="button" class="icon-button" aria-label={t("close")} data-testid="close-why" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div class="drawer-body">
          {failure.value === "failed" && <Failure text={t("explain.failed")} retry={() => void ask(() => true)} />}
          {failure.value === "unknown" && known === null && <Empty icon="help" text={t("explain.unknown")} />}
          {known === null && failure.value === "none" && <Skeleton rows={8} />}
          {known !== null && <Told told={known} />}
        </div>
      </aside>
    </div>
  );
}

function Told({ told }: { told: Explanation }): JSX.Element {
  const nothing = told.wait === null && told.offers.length === 0 && told.visits.length === 0;
  return (
    <>
      {told.wait !== null && <Wait told={told} wait={told.wait} />}
      {told.wait === null && <p class="why-verdict">{word("interaction", told.state)}</p>}
      {nothing && <Empty icon="help" text={t("explain.never")} />}
      {told.offers.length > 0 && (
        <section class="panel-part" data-testid="why-offers">
          <h3>{t("explain.offers")}</h3>
          {[...told.offers].reverse().map((offer) => (
            <Offer key={offer.offer_id} offer={offer} />
          ))}
        </section>
      )}
      {told.wait === null &&
        told.visits.map((visit) => <Visit key={`${visit.queue} ${visit.queued_at}`} visit={visit} />)}
    </>
  );
}

function Wait({ told, wait }: { told: Explanation; wait: WaitExplanation }): JSX.Element {
  return (
    <section data-testid="why-wait">
      <p class="why-verdict" data-testid="why-verdict" title={wait.said}>
        {localised(wait.verdict)}
      </p>
      <p class="why-facts">
        {told.position !== null && <Chip>{t("explain.position", { n: told.position })}</Chip>}
        <Chip>{t("explain.points", { n: Math.round(wait.points * 10) / 10 })}</Chip>
        {told.estimate_s !== null && <Chip>{t("explain.estimate", { time: spoken(told.estimate_s) })}</Chip>}
        {wait.next_change !== null && wait.next_change > now.value && (
          <Chip testId="why-change">
            {t("explain.change")} <Remaining until={wait.next_change} />
          </Chip>
        )}
      </p>
      <Asked wait={wait} />
      {told.ahead.length > 0 && (
        <p class="meta" data-testid="why-ahead">
          {t("explain.ahead")}{" "}
          {told.ahead.map((one) => `${one.position}. ${nameOf(one.interaction_id)} (${Math.round(one.points)})`).join(" · ")}
        </p>
      )}
      <Candidates candidates={wait.candidates} leftOff={wait.left_off} none={t("explain.no_candidates")} />
    </section>
  );
}

function nameOf(interactionId: string): string {
  const caller = waiting.value[interactionId];
  return caller === undefined ? interactionId : caller.customer_name || caller.caller_name || phoneNumber(caller.number);
}

function Asked({ wait }: { wait: WaitExplanation }): JSX.Element | null {
  const asked = [
    ...wait.doors.map((door) => localised(door)),
    ...Object.entries(wait.skills).map(([skill, level]) => t("explain.level", { skill, level })),
  ];
  if (asked.length === 0) return null;
  return (
    <p class="meta">
      {t("explain.asks")} {asked.join(" · ")}
    </p>
  );
}

function Chip({ children, testId }: { children: ComponentChildren; testId?: string }): JSX.Element {
  return (
    <span class="chip num" data-testid={testId}>
      {children}
    </span>
  );
}

function Candidates(props: {
  candidates: readonly CandidateView[];
  leftOff: number;
  none: string;
}): JSX.Element {
  if (props.candidates.length === 0) return <p class="meta">{props.none}</p>;
  return (
    <>
      <table class="why-table">
        <thead>
          <tr>
            <th scope="col">{t("explain.agent")}</th>
            <th scope="col">{t("explain.score")}</th>
            <th scope="col">{t("explain.why")}</th>
          </tr>
        </thead>
        <tbody>
          {props.candidates.map((one) => (
            <tr key={one.agent_id} class={one.chosen ? "chosen" : ""} data-testid="candidate" data-agent={one.agent_id} data-code={one.code}>
              <th scope="row">{one.agent_name}</th>
              <td class="num">{localised(one.score) || "–"}</td>
              <td title={one.said}>
                {one.chosen ? (
                  <b>
                    <Icon name="check" size={14} /> {t("explain.chosen")}
                  </b>
                ) : (
                  <span class={one.code === "other" ? "mono" : ""}>{localised(one.rejection)}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {props.leftOff > 0 && <p class="meta">{t("explain.left_off", { n: props.leftOff })}</p>}
    </>
  );
}

function Offer({ offer }: { offer: OfferExplanation }): JSX.Element {
  return (
    <div class="why-offer" data-testid="why-offer" data-agent={offer.agent_id}>
      <p>
        <b>
          {clockTime(offer.made_at)} {offer.agent_name}
        </b>{" "}
        <span class="chip">{word("offer", offer.end || "going_on")}</span>
      </p>
      <p class="meta num">
        {offer.chosen_by === null
          ? t("explain.unexplained")
          : t("explain.chosen_by", { by: localised(offer.chosen_by), idle: offer.idle, fitting: offer.fitting })}
      </p>
      {offer.candidates.length > 0 && <Candidates candidates={offer.candidates} leftOff={0} none="" />}
    </div>
  );
}

function Visit({ visit }: { visit: VisitExplanation }): JSX.Element {
  return (
    <section class="panel-part" data-testid="why-visit" data-queue={visit.queue}>
      <h3>
        {clockTime(visit.queued_at)} {t("explain.waited_in", { queue: queueName(visit.queue) })}
      </h3>
      {visit.wait === null ? (
        <p class="meta">{t("explain.unexplained")}</p>
      ) : (
        <>
          <p>
            {clockTime(visit.wait.at)} {localised(visit.wait.verdict)}
          </p>
          <Asked wait={visit.wait} />
          <Candidates candidates={visit.wait.candidates} leftOff={visit.wait.left_off} none={t("explain.no_candidates")} />
        </>
      )}
    </section>
  );
}
