import { describe, expect, it } from "vitest";

import type { Changes, QueueView, Snapshot, WaitingView } from "../src/gen/messages";
import { EMPTY_MIRROR, type Mirror, reduce, SequenceGap } from "../src/net/topics";

const queue = (name: string, waiting: number): QueueView => ({
  name,
  label: { zh: name, en: name },
  waiting,
  oldest: null,
  ready: 0,
  busy: 0,
  signed_in: 0,
  offered_today: 0,
  answered_today: 0,
  abandoned_today: 0,
  service_level_today: null,
  target_s: 20,
  overflowed_today: 0,
  wait_s: null,
  wait_error_s: null,
  within_today: 0,
  trouble: "",
});

const snapshot = (seq: number, topics: Snapshot["topics"]): Snapshot => ({
  t: "snapshot",
  seq,
  at: 1,
  role: "supervisor",
  agent_id: "boss",
  topics,
});

const changes = (seq: number, ...list: Changes["changes"][number][]): Changes => ({ t: "changes", seq, at: 1, changes: list });

const start: Mirror = reduce(EMPTY_MIRROR, snapshot(7, { queues: { a: queue("a", 0) } }));

describe("the mirror of the server's topics", () => {
  it("takes a snapshot whole, with empty topics where the snapshot has none", () => {
    expect(start.seq).toBe(7);
    expect(start.topics.queues["a"]?.waiting).toBe(0);
    expect(start.topics.waiting).toEqual({});
  });

  it("equals a fresh snapshot after snapshot and changes", () => {
    const after = reduce(
      start,
      changes(
        8,
        { t: "put", topic: "queues", key: "a", entity: queue("a", 2) },
        { t: "put", topic: "queues", key: "b", entity: queue("b", 1) },
        { t: "drop", topic: "queues", key: "a" },
      ),
    );
    expect(after).toEqual(reduce(EMPTY_MIRROR, snapshot(8, { queues: { b: queue("b", 1) } })));
  });

  it("leaves alone the objects of topics that nothing happened to", () => {
    const after = reduce(start, changes(8, { t: "put", topic: "queues", key: "a", entity: queue("a", 2) }));
    expect(after.topics.agents).toBe(start.topics.agents);
    expect(start.topics.queues["a"]?.waiting).toBe(0);
  });

  it.each([7, 9, 100])("refuses message %i after message 7", (seq) => {
    expect(() => reduce(start, changes(seq))).toThrow(SequenceGap);
  });

  it("refuses changes before the first snapshot only when they do not follow it", () => {
    expect(() => reduce(EMPTY_MIRROR, changes(5))).toThrow(SequenceGap);
  });

  it("forgets everything old with a new snapshot", () => {
    const waiting = { w1: { interaction_id: "w1" } as WaitingView };
    const after = reduce(reduce(start, changes(8)), snapshot(3, { waiting }));
    expect(after.seq).toBe(3);
    expect(after.topics.queues).toEqual({});
  });

  it("ignores a topic of a newer server", () => {
    const unknown = { t: "put", topic: "weather", key: "x", entity: {} } as unknown as Changes["changes"][number];
    expect(reduce(start, changes(8, unknown)).topics).toEqual(start.topics);
  });
});
