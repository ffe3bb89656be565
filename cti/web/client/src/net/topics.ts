import type { Change, ServerMessage, Topics } from "../gen/messages";

export const NOTHING: Topics = {
  me: {},
  call: {},
  queues: {},
  waiting: {},
  agents: {},
  intervals: {},
  system: {},
  supervision: {},
  minutes: {},
  alarms: {},
  inbox: {},
  texts: {},
  drafts: {},
  tasks: {},
  my_tasks: {},
};

export interface Mirror {
  readonly topics: Topics;
  /** Sequence number of the last message that is in `topics`; -1 before the first snapshot. */
  readonly seq: number;
}

export const EMPTY_MIRROR: Mirror = { topics: NOTHING, seq: -1 };

/** A message was missed; only a new snapshot helps. */
export class SequenceGap extends Error {
  constructor(expected: number, got: number) {
    super(`expected message ${expected}, got ${got}`);
    this.name = "SequenceGap";
  }
}

/**
 * The state after `message`. Entities are replaced as a whole, never changed: a topic whose object is the same object as
 * before has not changed. Raises SequenceGap; messages that carry no state return `mirror` itself.
 */
export function reduce(mirror: Mirror, message: ServerMessage): Mirror {
  switch (message.t) {
    case "snapshot":
      return { topics: { ...NOTHING, ...message.topics }, seq: message.seq };
    case "changes":
      if (message.seq !== mirror.seq + 1) throw new SequenceGap(mirror.seq + 1, message.seq);
      return { topics: applyAll(mirror.topics, message.changes), seq: message.seq };
    default:
      return mirror;
  }
}

function applyAll(topics: Topics, changes: readonly Change[]): Topics {
  const touched: Record<string, Record<string, unknown>> = {};
  for (const change of changes) {
    const before = (topics as unknown as Record<string, Readonly<Record<string, unknown>>>)[change.topic];
    if (before === undefined) continue; // a topic of a newer server
    const entities = (touched[change.topic] ??= { ...before });
    if (change.t === "put") entities[change.key] = change.entity;
    else delete entities[change.key];
  }
  return { ...topics, ...touched } as Topics;
}
