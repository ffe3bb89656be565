import type { AgentView, QueueView } from "../gen/messages";

export type Target =
  | { readonly kind: "agent"; readonly key: string; readonly agent: AgentView }
  | { readonly kind: "group"; readonly key: string; readonly members: number; readonly ready: number }
  | { readonly kind: "queue"; readonly key: string; readonly queue: QueueView }
  | { readonly kind: "number"; readonly key: string };

/** `myself` is never a target. */
export interface Directory {
  readonly agents: Iterable<AgentView>;
  readonly queues: Iterable<QueueView>;
  readonly myself: string;
}

/** "anybody": whatever a call can go to. "people": whom one can talk with oneself, to consult or to dial. */
export type Reach = "anybody" | "people";

const MOST = 8;
const NUMBER = /^\+?[\d\s()-]{3,20}$/;
const ORDER = ["ready", "wrap_up", "busy", "offered", "not_ready", "logged_out"];

/**
 * Whom `typed` may mean: colleagues by name or extension (ready ones first), groups and queues by any of their names, and
 * the number itself when it can be one and is nobody's extension. Nothing typed: those who are ready, then the rest of
 * what `reach` allows.
 */
export function findTargets(typed: string, directory: Directory, reach: Reach): readonly Target[] {
  const wanted = typed.trim().toLowerCase();
  const agents = [...directory.agents];
  const colleagues = agents.filter((agent) => agent.agent_id !== directory.myself);
  const people = colleagues
    .filter((agent) => matchesAgent(agent, wanted))
    .sort((left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name))
    .map((agent): Target => ({ kind: "agent", key: agent.agent_id, agent }));
  const lines = reach === "people" ? [] : [...groupsOf(colleagues, wanted), ...queuesOf(directory.queues, wanted)];
  const extension = people.some((each) => each.kind === "agent" && each.agent.extension === wanted);
  const number: Target[] =
    NUMBER.test(wanted) && !extension ? [{ kind: "number", key: wanted.replace(/[\s()-]/g, "") }] : [];
  const room = MOST - Math.min(lines.length, 4) - number.length;
  return [...people.slice(0, room), ...lines, ...number].slice(0, MOST);
}

function groupsOf(agents: readonly AgentView[], wanted: string): readonly Target[] {
  const names = [...new Set(agents.flatMap((agent) => agent.groups))].filter((name) => name.toLowerCase().includes(wanted));
  return names.sort().map((name): Target => {
    const members = agents.filter((agent) => agent.groups.includes(name));
    const ready = members.filter((agent) => agent.state === "ready").length;
    return { kind: "group", key: name, members: members.length, ready };
  });
}

function queuesOf(queues: Iterable<QueueView>, wanted: string): readonly Target[] {
  return [...queues]
    .filter((queue) => [queue.name, ...Object.values(queue.label)].some((name) => name.toLowerCase().includes(wanted)))
    .map((queue): Target => ({ kind: "queue", key: queue.name, queue }));
}

function matchesAgent(agent: AgentView, wanted: string): boolean {
  if (wanted === "") return agent.state === "ready";
  return agent.name.toLowerCase().includes(wanted) || agent.extension.startsWith(wanted);
}

function rank(agent: AgentView): number {
  const place = ORDER.indexOf(agent.state);
  return place < 0 ? ORDER.length : place;
}
