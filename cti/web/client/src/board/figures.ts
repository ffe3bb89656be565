import type { AgentView, IntervalView, QueueView, WaitingView } from "../gen/messages";

export type Trouble = "alarm" | "warn" | "calm";

/** The worst of its alarms, which the server judges by the limits of config/queues.yaml. */
export function troubleOf(queue: QueueView): Trouble {
  return queue.trouble === "" ? "calm" : queue.trouble;
}

const SEVERITY: Readonly<Record<Trouble, number>> = { alarm: 2, warn: 1, calm: 0 };

/** The one in most trouble first: by severity, then by the longest wait, then by name so that calm tiles stand still. */
export function byTrouble(queues: readonly QueueView[]): readonly QueueView[] {
  return [...queues].sort(
    (left, right) =>
      SEVERITY[troubleOf(right)] - SEVERITY[troubleOf(left)] ||
      (left.oldest ?? Infinity) - (right.oldest ?? Infinity) ||
      left.name.localeCompare(right.name),
  );
}

/** Those that the address names, in its order; all, the one in most trouble first, when it names none. */
export function chosen(
  queues: readonly QueueView[],
  names: readonly string[],
): { readonly shown: readonly QueueView[]; readonly unknown: readonly string[] } {
  if (names.length === 0) return { shown: byTrouble(queues), unknown: [] };
  const found = new Map(queues.map((queue) => [queue.name, queue]));
  return {
    shown: names.flatMap((name) => found.get(name) ?? []),
    unknown: names.filter((name) => !found.has(name)),
  };
}

/** As the distributor takes them within a queue: higher priority first, then who came first. */
export function inOrder(waiting: readonly WaitingView[]): readonly WaitingView[] {
  return [...waiting].sort((left, right) => right.priority - left.priority || left.queued_at - right.queued_at);
}

const STATES = ["offered", "busy", "wrap_up", "ready", "not_ready", "logged_out"];

/** Present agents by name, so that nobody's tile jumps with the state; those who are logged out at the end. */
export function seats(agents: readonly AgentView[]): readonly AgentView[] {
  const out = (agent: AgentView): number => Number(agent.state === "logged_out");
  return [...agents].sort(
    (left, right) => out(left) - out(right) || left.name.localeCompare(right.name, "zh-CN") || left.agent_id.localeCompare(right.agent_id),
  );
}

/** How many agents are in which state, in the order of the legend. */
export function census(agents: readonly AgentView[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>(STATES.map((state) => [state, 0]));
  for (const agent of agents) {
    const state = agent.state;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].filter(([state, count]) => count > 0 && state !== "logged_out");
}

const QUARTER_S = 900;

/** The last `count` quarters of an hour up to now, of one queue ("": all), with zeros where nothing happened. */
export function lastQuarters(
  intervals: readonly IntervalView[],
  nowAt: number,
  count: number,
  queue = "",
): readonly IntervalView[] {
  const known = new Map(intervals.filter((each) => each.queue === queue).map((each) => [each.start, each]));
  const last = Math.floor(nowAt / QUARTER_S) * QUARTER_S;
  return Array.from({ length: count }, (_, index) => {
    const start = last - (count - 1 - index) * QUARTER_S;
    return known.get(start) ?? { start, queue, offered: 0, answered: 0, abandoned: 0, within_target: 0 };
  });
}
