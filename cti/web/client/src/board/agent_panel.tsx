import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { AgentView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { order, socketState, supervision } from "../session";
import { queueName, reasonText } from "../ui/codes";
import { initials } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { Avatar, Confirm, Elapsed } from "../ui/parts";
import { toneOf } from "../ui/states";
import { selected } from "./agent_grid";
import { Assign } from "./assign";
import { ModeSwitch } from "./mode_switch";
import { stopSupervising } from "./modes";
import { showBehind, side } from "./side";
import { writeSkills } from "./skills";
import { explained } from "./why";

export function AgentPanel({ agent }: { agent: AgentView }): JSX.Element {
  const { tone, icon } = toneOf(agent.state, agent.reason);
  const mine = supervision.value?.agent_id === agent.agent_id ? supervision.value : null;
  const talking = agent.phase === "connected" || agent.phase === "held";
  return (
    <aside class="card agent-panel" data-testid="agent-panel" data-agent={agent.agent_id}>
      <header class="panel-head">
        <Avatar text={initials(agent.name)} tone={tone} size={40} />
        <div class="grow">
          <h2>
            <span class="ellipsis">{agent.name}</span>
            <span class="meta num">{agent.extension}</span>
          </h2>
          <p class={`state-text tone-${tone}`} title={`${t("agent.handled")}: ${agent.handled_today}`}>
            <Icon name={icon} size={14} /> {word("state", agent.state)}
            {agent.reason !== "" && ` · ${reasonText(agent.reason)}`} <Elapsed since={agent.since} />
          </p>
        </div>
        <button type="button" class="icon-button" aria-label={t("close")} onClick={() => (selected.value = "")}>
          <Icon name="close" />
        </button>
      </header>
      <p class="panel-tools">
        <button
          type="button"
          class="button small"
          data-testid="handled-today"
          data-count={agent.handled_today}
          onClick={() => showBehind({ what: "handled", agent: agent.agent_id })}
        >
          {t("agent.handled_link", { n: agent.handled_today })}
        </button>
        <button type="button" class="button small" data-testid="write-to" onClick={() => (side.value = { kind: "texts", to: agent.agent_id })}>
          <Icon name="chat" size={14} /> {t("text.write_to", { name: agent.name })}
        </button>
      </p>
      <dl class="facts">
        <dt>{t("agent.queues")}</dt>
        <dd>{agent.queues.map(queueName).join(", ") || t("none")}</dd>
        <dt>{t("agent.skills")}</dt>
        <dd>{writeSkills(agent.skills) || t("none")}</dd>
        <dt>{t("agent.with")}</dt>
        <dd>
          {agent.interaction_id === "" ? (
            t("none")
          ) : (
            <>
              {`${agent.customer} · ${queueName(agent.queue)} `}
              {agent.parties.map((party) => (
                <span key={party.party_id} class="chip" data-testid="panel-party" data-state={party.state}>
                  {t(`party.${party.state}`, { name: party.name })}
                </span>
              ))}
              <button type="button" class="link" data-testid="explain-call" onClick={() => (explained.value = agent.interaction_id)}>
                {t("explain.title")}
              </button>
            </>
          )}
        </dd>
      </dl>
      <section class="panel-part">
        <h3>{t("mode.title")}</h3>
        <ModeSwitch agentId={agent.agent_id} disabled={!talking || socketState.value !== "open"} />
        <p class={`mode-sentence ${mine?.mode ?? "none"}`} data-testid="mode-sentence">
          {mine === null ? t(talking ? "mode.none" : "mode.no_call") : t(`mode.${mine.mode}_sentence`)}
        </p>
        <button
          type="button"
          class="button wide"
          data-testid="stop-supervising"
          disabled={mine === null}
          onClick={() => void stopSupervising()}
        >
          <Icon name="stop" /> {t("mode.stop")}
        </button>
      </section>
      <Force agent={agent} talking={talking} />
      <Assign key={agent.agent_id} agent={agent} />
    </aside>
  );
}

type Question = "log_out" | "hang_up";

function Force({ agent, talking }: { agent: AgentView; talking: boolean }): JSX.Element {
  const question = useSignal<Question | null>(null);
  const state = agent.state;
  const online = socketState.value === "open";
  const present = state !== "logged_out";
  const force = (to: "ready" | "not_ready" | "logged_out"): void => {
    void order({ cmd: "force.state", agent_id: agent.agent_id, state: to });
  };
  const doIt = (): void => {
    if (question.value === "log_out") force("logged_out");
    else void order({ cmd: "force.hang_up", agent_id: agent.agent_id });
    question.value = null;
  };
  return (
    <section class="panel-part">
      <h3>{t("force.title")}</h3>
      <div class="force">
        <ForceButton testId="force-ready" icon="check" disabled={!online || !present || state === "ready"} label={t("force.ready")} onClick={() => force("ready")} />
        <ForceButton testId="force-not-ready" icon="pause" disabled={!online || !present || state === "not_ready"} label={t("force.not_ready")} onClick={() => force("not_ready")} />
        <ForceButton testId="force-log-out" icon="off" disabled={!online || !present} label={t("force.log_out")} onClick={() => (question.value = "log_out")} />
        <ForceButton testId="force-hang-up" icon="hangup" disabled={!online || !talking} label={t("force.hang_up")} onClick={() => (question.value = "hang_up")} />
      </div>
      {question.value !== null && (
        <Confirm
          text={t(`force.${question.value}_question`, { name: agent.name })}
          yes={t(`force.${question.value}`)}
          onYes={doIt}
          onNo={() => (question.value = null)}
        />
      )}
    </section>
  );
}

function ForceButton(props: {
  testId: string;
  icon: IconName;
  label: string;
  disabled: boolean;
  onClick: () => void;
}): JSX.Element {
  return (
    <button type="button" class="button" data-testid={props.testId} disabled={props.disabled} onClick={props.onClick}>
      <Icon name={props.icon} size={14} /> {props.label}
    </button>
  );
}
