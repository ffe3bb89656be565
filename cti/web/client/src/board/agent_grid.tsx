import { signal } from "@preact/signals";
import type { JSX } from "preact";

import type { AgentView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { agents } from "../session";
import { queueName, reasonText } from "../ui/codes";
import { Icon } from "../ui/icons";
import { Elapsed, Empty } from "../ui/parts";
import { toneOf } from "../ui/states";
import { PhoneTrouble } from "./phone_trouble";
import { census, seats } from "./figures";
import { MODE_ICON } from "./modes";

/** The agent whose panel is open. */
export const selected = signal("");

export function AgentGrid(): JSX.Element {
  const all = Object.values(agents.value);
  return (
    <section class="card agents" data-testid="agents">
      <h2>
        <Icon name="people" /> {t("board.agents")}
        <span class="legend">
          {census(all).map(([state, count]) => {
            const { tone, icon } = toneOf(state, "");
            return (
              <span key={state} class={`legend-item tone-${tone}`}>
                <Icon name={icon} size={12} /> {word("state", state)} <b class="num">{count}</b>
              </span>
            );
          })}
        </span>
      </h2>
      {all.length === 0 && <Empty icon="people" text={t("board.no_agents")} />}
      <div class="agent-grid">
        {seats(all).map((agent) => (
          <AgentTile key={agent.agent_id} agent={agent} />
        ))}
      </div>
    </section>
  );
}

function AgentTile({ agent }: { agent: AgentView }): JSX.Element {
  const { tone, icon } = toneOf(agent.state, agent.reason);
  const state = agent.state;
  const chosen = selected.value === agent.agent_id;
  const party = agent.parties[0];
  const customer = agent.customer || queueName(agent.queue);
  const what =
    agent.interaction_id === ""
      ? agent.queues.map(queueName).join(" · ")
      : party === undefined
        ? customer
        : `${customer} · ${t(`party.${party.state}`, { name: party.name })}`;
  return (
    <button
      type="button"
      class={`agent-tile tone-${tone}${chosen ? " chosen" : ""}`}
      data-testid="agent-tile"
      data-agent={agent.agent_id}
      data-state={state}
      aria-pressed={chosen}
      onClick={() => (selected.value = chosen ? "" : agent.agent_id)}
    >
      <span class="agent-name">
        <b class="ellipsis">{agent.name}</b>
        <span class="meta num">{agent.extension}</span>
      </span>
      <span class="agent-state">
        <Icon name={icon} size={14} />
        <span class="ellipsis">
          {state === "not_ready" && agent.reason !== "" ? reasonText(agent.reason) : phaseWord(agent)}
        </span>
        {state !== "logged_out" && <Elapsed since={agent.since} />}
      </span>
      <span class="agent-what meta ellipsis">
        {agent.supervised_mode !== null && (
          <span class="spied" data-testid="supervised-mark" data-mode={agent.supervised_mode}>
            <Icon name={MODE_ICON[agent.supervised_mode]} size={12} />
          </span>
        )}
        {agent.parties.length > 0 && (
          <span class="party-mark" data-testid="party-mark" data-state={agent.parties[0]?.state ?? ""}>
            <Icon name="people" size={12} />
          </span>
        )}
        {state === "logged_out" || what === "" ? "\u00a0" : what}
      </span>
      <PhoneTrouble agent={agent} />
    </button>
  );
}

function phaseWord(agent: AgentView): string {
  return agent.phase === "held" ? t("phase.held") : word("state", agent.state);
}
