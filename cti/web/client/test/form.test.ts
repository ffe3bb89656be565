import "./browser_globals";

import { beforeEach, describe, expect, it, vi } from "vitest";

import { CommandFailed } from "../src/net/connection";
import type { DispositionView, DraftView, FieldView, NewCommand, TaskView, WorkCodes } from "../src/gen/messages";
import { EMPTY_MIRROR, NOTHING } from "../src/net/topics";
import { call, NOW } from "./views";

const sent: NewCommand[] = [];
let refusal: CommandFailed | null = null;
let reachable = true;
vi.mock("../src/session", async (original) => ({
  ...(await original<typeof import("../src/session")>()),
  order: (command: NewCommand) => {
    if (reachable) sent.push(command);
    return Promise.resolve(reachable);
  },
  send: (command: NewCommand) => {
    if (refusal !== null) return Promise.reject(refusal);
    sent.push(command);
    return Promise.resolve(null);
  },
}));

const session = await import("../src/session");
const { drafts, edit, finish, followForm, form, refusal: refused, savedState } = await import("../src/desk/form");
const rules = await import("../src/desk/form_rules");
const { chosenTasks } = await import("../src/desk/tasks");

const field = (code: string, change: Partial<FieldView> = {}): FieldView => ({
  code,
  label: { en: code },
  kind: "text",
  required: false,
  options: [],
  ...change,
});
const leaf = (code: string, change: Partial<DispositionView> = {}): DispositionView => ({
  code,
  label: { en: code },
  children: [],
  fields: [],
  complaint: false,
  follow_up_days: null,
  ...change,
});
const DAMAGED = leaf("damaged", {
  complaint: true,
  follow_up_days: 2,
  fields: [
    field("order", { required: true }),
    field("claim", { kind: "number" }),
    field("visit", { kind: "date" }),
    field("how", { kind: "choice", options: [{ code: "box", label: { en: "Box" } }] }),
  ],
});
const CODES: WorkCodes = {
  dispositions: [leaf("solved")],
  not_ready_reasons: [],
  flows: [],
  trees: { "": [leaf("solved")], parcels: [leaf("delivery", { children: [DAMAGED] })] },
  forms: { parcels: { tree: "parcels", required: true, waits: false }, after_sales: { tree: "", required: false, waits: false } },
};

const values = (change: Partial<import("../src/desk/form_rules").FormValues> = {}) => ({ ...rules.EMPTY, ...change });

describe("what a queue's form asks for", () => {
  it("is the queue's own tree, the default one for others, and a leaf of it", () => {
    expect(rules.treeOf(CODES, "parcels")[0]?.code).toBe("delivery");
    expect(rules.treeOf(CODES, "never heard of")[0]?.code).toBe("solved");
    expect(rules.leafOf(rules.treeOf(CODES, "parcels"), "damaged")).toBe(DAMAGED);
    expect(rules.leafOf(rules.treeOf(CODES, "parcels"), "delivery")).toBeNull();
  });

  it.each([
    ["parcels", values(), { field: "disposition", kind: "choose" }],
    ["after_sales", values(), null],
    ["parcels", values({ disposition: "solved" }), { field: "disposition", kind: "gone" }],
    ["parcels", values({ disposition: "damaged" }), { field: "fields.order", kind: "required" }],
    ["parcels", values({ disposition: "damaged", fields: { order: " " } }), { field: "fields.order", kind: "required" }],
    ["parcels", values({ disposition: "damaged", fields: { order: "1", claim: "x" } }), { field: "fields.claim", kind: "not_a_number" }],
    ["parcels", values({ disposition: "damaged", fields: { order: "1", visit: "soon" } }), { field: "fields.visit", kind: "not_a_date" }],
    ["parcels", values({ disposition: "damaged", fields: { order: "1", how: "bag" } }), { field: "fields.how", kind: "not_an_option" }],
    ["parcels", values({ disposition: "damaged", fields: { order: "1", claim: "9.5", visit: "2026-11-30", how: "box" } }), null],
  ])("%s: %o lacks %o", (queue, filled, lack) => {
    expect(rules.lackOf(CODES, queue, filled)).toEqual(lack);
  });

  it("proposes a complaint and a follow-up, and overwrites no choice of the agent", () => {
    const tree = rules.treeOf(CODES, "parcels");
    const proposed = rules.choose(values(), tree, "damaged", NOW);
    expect([proposed.complaint, proposed.followUpAt]).toEqual([true, rules.morningIn(2, NOW)]);
    expect(rules.choose(values({ followUpAt: 5 }), tree, "damaged", NOW).followUpAt).toBe(5);
    expect(rules.choose(proposed, tree, "", NOW).complaint).toBe(true);
  });

  it("means a time still to come by today", () => {
    expect(rules.morningIn(0, NOW)).toBeGreaterThan(NOW);
    expect(rules.morningIn(1, NOW)).toBeGreaterThan(NOW);
  });
});

const draft = (id: string, note: string): DraftView => ({
  interaction_id: id,
  at: NOW,
  queue: "parcels",
  customer_id: 1,
  customer_name: "张伟",
  number: "",
  disposition: "",
  note,
  fields: {},
  complaint: false,
  follow_up_at: null,
  follow_up_kind: "agent",
  follow_up_owner: "",
  follow_up_text: "",
});

function server(present: ReturnType<typeof call> | null, ...unfinished: readonly DraftView[]): void {
  const topics = { ...NOTHING, call: present === null ? {} : { anna: present } };
  session.mirror.value = { topics: unfinished.length > 0 ? { ...topics, drafts: { anna: { items: unfinished } } } : topics, seq: 1 };
}

describe("forms", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    sent.length = 0;
    refusal = null;
    reachable = true;
    session.session.value = null;
    session.mirror.value = EMPTY_MIRROR;
    session.session.value = { agent_id: "anna", login: "anna", name: "Anna", role: "agent", csrf: "", expires_at: 0, demo: false, version: "", rights: [], must: "" };
    session.codes.value = CODES;
    session.socketState.value = "open";
  });
  followForm();

  it("come from the server, so that a page opened after a crash shows what was typed", () => {
    server(call({ note: "half a sen", fields: { order: "88" }, queue: "parcels" }), draft("i1", "half a sen"), draft("i0", "older"));
    expect([form.value?.note, form.value?.fields["order"], form.value?.queue]).toEqual(["half a sen", "88", "parcels"]);
    expect(drafts.value.map((each) => [each.interactionId, each.note, each.title])).toEqual([["i0", "older", "张伟"]]);
  });

  it("are saved while typing goes on, and never overwritten by the server meanwhile", async () => {
    server(call());
    for (const note of ["a", "ab", "abc"]) {
      edit(form.value!, { note });
      await vi.advanceTimersByTimeAsync(400);
    }
    expect(sent.map((command) => "note" in command && command.note)).toEqual(["ab"]);
    edit(form.value!, { note: "abcd" });
    server(call({ note: "abc" }), draft("i1", "abc"));
    expect(form.value?.note).toBe("abcd");
    expect(savedState("i1")).toBe("dirty");
    await vi.advanceTimersByTimeAsync(1000);
    expect(savedState("i1")).toBe("saved");
  });

  it("stay reachable when the next call comes, and are finished beside it", async () => {
    server(call());
    edit(form.value!, { note: "about the first" });
    await vi.advanceTimersByTimeAsync(1000);
    server(call({ interaction_id: "i2" }), draft("i1", "about the first"));
    expect(form.value?.note).toBe("");
    expect(drafts.value.map((each) => each.note)).toEqual(["about the first"]);
    edit(drafts.value[0]!, { disposition: "damaged", fields: { order: "88" } });
    await finish(drafts.value[0]!);
    expect(sent.at(-1)).toMatchObject({ interaction_id: "i1", final: true, fields: { order: "88" }, disposition: "damaged" });
    server(call({ interaction_id: "i2" }));
    expect(drafts.value).toEqual([]);
  });

  it("that are refused say at which field, and keep every word", async () => {
    server(call({ queue: "parcels", phase: "wrap_up" }));
    edit(form.value!, { note: "kept", disposition: "damaged" });
    refusal = new CommandFailed({ code: "bad_request", message: "'order' must be filled in", field: "fields.order", state: "" });
    await finish(form.value!);
    expect(refused.value).toMatchObject({ interactionId: "i1", field: "fields.order", kind: "required" });
    expect(form.value?.note).toBe("kept");
    expect(sent.at(-1)).toMatchObject({ final: false, note: "kept" });
    edit(form.value!, { fields: { order: "1" } });
    expect(refused.value).toBeNull();
  });

  it("that the server never got are shown as such instead of being lost", async () => {
    server(call());
    reachable = false;
    edit(form.value!, { note: "typed while the server was away" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(savedState("i1")).toBe("unsaved");
    server(null);
    expect(drafts.value.map((each) => each.note)).toEqual(["typed while the server was away"]);
    session.session.value = null;
    expect(drafts.value).toEqual([]);
  });
});

describe("tasks", () => {
  const task = (id: string, change: Partial<TaskView> = {}): TaskView => ({
    task_id: id,
    text: id,
    due_at: NOW,
    owner_kind: "agent",
    owner: "1001",
    created_at: NOW,
    created_by: "1001",
    interaction_id: "",
    customer_id: 0,
    customer_name: "",
    number: "",
    done_at: null,
    done_by: "",
    ...change,
  });

  it("are listed by what is asked for, the open ones first", () => {
    const tasks = [
      task("late", { due_at: NOW + 60 }),
      task("done", { done_at: NOW, due_at: NOW - 60 }),
      task("due", { due_at: NOW - 5 }),
      task("queue", { owner_kind: "queue", owner: "care" }),
    ];
    const ids = (filter: Parameters<typeof chosenTasks>[1]): string[] => chosenTasks(tasks, filter, NOW).map((each) => each.task_id);
    expect(ids({ owner: "", overdue: false, done: true })).toEqual(["due", "queue", "late", "done"]);
    expect(ids({ owner: "", overdue: true, done: false })).toEqual(["due", "queue"]);
    expect(ids({ owner: "queue:care", overdue: false, done: false })).toEqual(["queue"]);
  });
});
