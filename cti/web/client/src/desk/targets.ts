import type { AgentView, QueueView } from "../gen/messages";

export type Target =
  | { readonly kind: "agent"; readonly key: string; readonly agent: AgentView }
  | { readonly kind: "queue"; readonly key: string; readonly queue: QueueView }
  | { readonly kind: "number"; readonly key: string };

const MOST = 8;
const NUMBER = /^\+?[\d\s()-]{3,20}$/;
const ORDER = ["ready", "wrap_up", "busy", "offered", "not_ready", "logged_out"];

/**
 * Whom `typed` may mean: agents by name or extension (ready ones first), queues by any of their names, and the number
 * itself when it can be one. Nothing typed: those who are ready, then the queues. `myself` is never a target.
 */
export function findTargets(
  typed: string,
  agents: Iterable<AgentView>,
  queues: Iterable<QueueView>,
  myself: string,
): readonly Target[] {
  const wanted = typed.trim().toLowerCase();
  const people = [...agents]
    .filter((agent) => agent.agent_id !== myself && matchesAgent(agent, wanted))
    .sort((left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name))
    .map((agent): Target => ({ kind: "agent", key: agent.agent_id, agent }));
  const lines = [...queues]
    .filter((queue) => [queue.name, ...Object.values(queue.label)].some((name) => name.toLowerCase().includes(wanted)))
    .map((queue): Target => ({ kind: "queue", key: queue.name, queue }));
  const exact = people.some((each) => each.kind === "agent" && each.agent.extension === wanted);
  const number: Target[] =
    NUMBER.test(wanted) && !exact ? [{ kind: "number", key: wanted.replace(/[\s()-]/g, "") }] : [];
  const room = MOST - Math.min(lines.length, 3) - number.length;
  return [...people.slice(0, room), ...lines, ...number].slice(0, MOST);
}

function matchesAgent(agent: AgentView, wanted: string): boolean {
  if (wanted === "") return agent.state === "ready";
  return agent.name.toLowerCase().includes(wanted) || agent.extension.startsWith(wanted);
}

function rank(agent: AgentView): number {
  const place = ORDER.indexOf(agent.state);
  return place < 0 ? ORDER.length : place;
}
