import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ServerClock } from "../src/net/clock";
import { CommandFailed, Connection } from "../src/net/connection";
import type { Mirror } from "../src/net/topics";

class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor() {
    FakeSocket.made.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }
}

const snapshot = { t: "snapshot", seq: 4, at: 1, role: "agent", agent_id: "li", topics: {} };

let mirrors: Mirror[];
let loggedIn: boolean;

function connect(): Connection {
  const connection = new Connection("ws://desk/ws/v1", new ServerClock(), {
    state: () => undefined,
    mirror: (mirror) => mirrors.push(mirror),
    snapshot: () => undefined,
    notice: () => undefined,
    mayRetry: () => Promise.resolve(loggedIn),
  });
  connection.start();
  return connection;
}

const latest = (): FakeSocket => FakeSocket.made.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
  mirrors = [];
  loggedIn = true;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("document", { addEventListener: () => undefined, removeEventListener: () => undefined, hidden: false });
  vi.spyOn(console, "warn").mockReturnValue(undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a connection", () => {
  it("matches replies to commands by their id, in any order", async () => {
    const connection = connect();
    latest().open();
    const first = connection.command({ cmd: "agent.ready" });
    const second = connection.command({ cmd: "agent.sign_out" });
    expect(latest().sent.map((text) => JSON.parse(text) as object)).toEqual([
      { cmd: "agent.ready", id: 1 },
      { cmd: "agent.sign_out", id: 2 },
    ]);
    const error = { code: "conflict", message: "", field: "", state: "busy" };
    latest().says({ t: "reply", id: 2, ok: false, result: null, error });
    latest().says({ t: "reply", id: 1, ok: true, result: { n: 1 }, error: null });
    await expect(first).resolves.toEqual({ n: 1 });
    await expect(second).rejects.toMatchObject({ problem: error });
  });

  it("refuses a command at once when it is not open, and never sends it later", async () => {
    const connection = connect();
    await expect(connection.command({ cmd: "agent.ready" })).rejects.toBeInstanceOf(CommandFailed);
    latest().open();
    expect(latest().sent).toEqual([]);
  });

  it("pain 23: takes a new snapshot after a gap instead of showing a wrong picture", async () => {
    connect();
    latest().open();
    latest().says(snapshot);
    latest().says({ t: "changes", seq: 6, at: 1, changes: [] });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakeSocket.made).toHaveLength(2);
    latest().open();
    latest().says({ ...snapshot, seq: 0 });
    expect(mirrors.map((mirror) => mirror.seq)).toEqual([4, 0]);
  });

  it("hears nothing of a socket that it gave up", async () => {
    connect();
    const old = latest();
    old.open();
    old.says(snapshot);
    old.onclose?.();
    await vi.advanceTimersByTimeAsync(1_000);
    latest().open();
    expect(old.onmessage).toBeNull();
    expect(old.onclose).toBeNull();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("does not let the deadline of an attempt that was given up end the next one", async () => {
    connect();
    latest().onclose?.();
    await vi.advanceTimersByTimeAsync(1_000);
    latest().open();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("fails what is on the way when the link is lost", async () => {
    const connection = connect();
    latest().open();
    const pending = connection.command({ cmd: "agent.ready" });
    latest().onclose?.();
    await expect(pending).rejects.toMatchObject({ problem: { code: "not_connected" } });
  });

  it("distrusts a link on which a command is not answered", async () => {
    const connection = connect();
    latest().open();
    const pending = expect(connection.command({ cmd: "agent.ready" })).rejects.toMatchObject({
      problem: { code: "timeout" },
    });
    await vi.advanceTimersByTimeAsync(25_000);
    await pending;
    expect(FakeSocket.made.length).toBeGreaterThan(1);
  });

  it("stops trying when the session is over", async () => {
    connect();
    latest().open();
    loggedIn = false;
    latest().onclose?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made).toHaveLength(1);
  });
});
