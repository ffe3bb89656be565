import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { AgentView, InteractionHit } from "../gen/messages";
import { t, word } from "../i18n/language";
import { now } from "../net/clock";
import { interactions } from "../net/rest";
import { agents, known, me, session } from "../session";
import { dispositionText, queueName } from "../ui/codes";
import { ago, duration, initials, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Avatar, Elapsed, Empty, Failure, Skeleton } from "../ui/parts";
import { PlayButton, PlayerRow } from "../ui/player";
import { toneOf } from "../ui/states";
import { DialColleague, DialNumber } from "./dial_box";

const STORED_MS = 2_000;

type Load = { readonly state: "loading" | "failed" } | { readonly state: "done"; readonly items: readonly InteractionHit[] };

/** Between calls: what I did last, so that a forgotten word can be looked up. Never an empty page. */
export function MyLastInteractions(): JSX.Element {
  const load = useSignal<Load>({ state: "loading" });
  const agent = session.value?.agent_id ?? "";
  const handled = me.value?.handled_today ?? 0;
  const fetchThem = (): void => {
    interactions({ agent, limit: 12 }).then(
      (found) => (load.value = { state: "done", items: found.items }),
      () => (load.value = { state: "failed" }),
    );
  };
  useEffect(() => {
    fetchThem();
    // The call that just ended is stored behind, so that its last words may not be there at the first look.
    const again = setTimeout(fetchThem, STORED_MS);
    return () => clearTimeout(again);
  }, [agent, handled]);
  return (
    <section class="card idle" data-testid="idle">
      <h2>
        <Icon name="history" /> {t("idle.mine")}
      </h2>
      {load.value.state === "loading" && <Skeleton rows={6} />}
      {load.value.state === "failed" && <Failure text={t("idle.failed")} retry={fetchThem} />}
      {load.value.state === "done" && load.value.items.length === 0 && (
        <Empty icon="phone" text={t("idle.none")} hint={t("idle.none_hint")} />
      )}
      {load.value.state === "done" && (
        <ul class="rows">
          {load.value.items.map((hit) => (
            <InteractionRow key={hit.interaction_id} hit={hit} />
          ))}
        </ul>
      )}
    </section>
  );
}

export function InteractionRow({ hit, onWhy }: { hit: InteractionHit; onWhy?: () => void }): JSX.Element {
  const what = hit.disposition === "" ? word("outcome", hit.outcome) : dispositionText(hit.disposition);
  const who = hit.customer_name || phoneNumber(hit.customer_number);
  return (
    <li class="interaction" data-testid="interaction" data-interaction={hit.interaction_id}>
      <Avatar text={initials(hit.customer_name)} size={32} />
      <div class="grow">
        <div class="row-line">
          <b class="grow">{who}</b>
          <span class={`chip outcome-${hit.outcome}`}>{hit.outcome === "" ? t("idle.going_on") : what}</span>
          <span class="meta num cell-time">{ago(hit.started_at, now.value)}</span>
          {onWhy !== undefined && (
            <button type="button" class="icon-button" data-testid="explain-past" title={t("explain.title")} aria-label={t("explain.title")} onClick={onWhy}>
              <Icon name="help" />
            </button>
          )}
          <DialNumber number={hit.customer_number} />
          {hit.has_recording ? <PlayButton interactionId={hit.interaction_id} /> : <span class="icon-space" />}
        </div>
        <p class="meta num">
          {facts(hit)}
        </p>
        <PlayerRow interactionId={hit.interaction_id} />
      </div>
    </li>
  );
}

function facts(hit: InteractionHit): string {
  const words = [
    phoneNumber(hit.customer_number),
    queueName(hit.queue),
    hit.agent_id === session.value?.agent_id ? "" : hit.agent_name,
    hit.waited_s === null ? "" : `${t("idle.waited")} ${duration(hit.waited_s)}`,
    hit.talked_s > 0 ? `${t("idle.talked")} ${duration(hit.talked_s)}` : "",
  ];
  return words.filter((each) => each !== "").join(" · ");
}

export function Team(): JSX.Element {
  if (!known.value) return <Skeleton rows={5} />;
  const team = Object.values(agents.value).filter(
    (agent) => agent.agent_id !== me.value?.agent_id && agent.state !== "logged_out",
  );
  team.sort((left, right) => left.name.localeCompare(right.name));
  return (
    <section class="card team" data-testid="team">
      <h2>
        <Icon name="people" /> {t("idle.team")} <span class="count num">{team.length}</span>
      </h2>
      {team.length === 0 && <Empty icon="people" text={t("idle.team_none")} />}
      <ul class="rows">
        {team.map((agent) => (
          <TeamRow key={agent.agent_id} agent={agent} />
        ))}
      </ul>
    </section>
  );
}

function TeamRow({ agent }: { agent: AgentView }): JSX.Element {
  const { tone, icon } = toneOf(agent.state, agent.reason);
  return (
    <li class="row-line">
      <span class={`dot tone-${tone}`}>
        <Icon name={icon} size={12} />
      </span>
      <span class="grow ellipsis">{agent.name}</span>
      <span class={`state-text tone-${tone}`}>{word("state", agent.state)}</span>
      <span class="meta cell-timer">
        <Elapsed since={agent.since} />
      </span>
      <DialColleague agent={agent} />
    </li>
  );
}
