import type { NewCommand, Notice, Problem, ServerMessage, Snapshot } from "../gen/messages";
import type { Reply } from "../gen/messages";
import { ServerClock } from "./clock";
import { ReconnectingSocket, type SocketState } from "./socket";
import { EMPTY_MIRROR, type Mirror, reduce, SequenceGap } from "./topics";

/** A command was refused, or its answer never came. `problem.code` "not_connected" and "timeout" are our own. */
export class CommandFailed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
    this.name = "CommandFailed";
  }
}

export interface ConnectionEvents {
  state(state: SocketState): void;
  mirror(mirror: Mirror): void;
  snapshot(snapshot: Snapshot): void;
  notice(notice: Notice): void;
  mayRetry(): Promise<boolean>;
  /** Nothing came for so long that the link must be dead, whatever the socket says. */
  silent?(): void;
}

interface Pending {
  resolve(result: Reply["result"]): void;
  reject(error: CommandFailed): void;
  timer: ReturnType<typeof setTimeout>;
}

const REPLY_DEADLINE_MS = 10_000;
/** The server sends a beat every 1.5 s. */
const SILENCE_MS = 3_600;

/**
 * Speaks the protocol of cti/web/messages.py: one snapshot, then changes that count up by one; commands with an id.
 *
 * A gap, a message that is no JSON, or a command without an answer means that the link cannot be trusted: it is opened
 * again and the snapshot replaces everything. Commands are never sent twice; those on the way fail.
 */
export class Connection {
  readonly #socket: ReconnectingSocket;
  readonly #pending = new Map<number, Pending>();
  #mirror: Mirror = EMPTY_MIRROR;
  #nextId = 1;
  #heardAt: number | null = null;

  constructor(
    url: string,
    private readonly clock: ServerClock,
    private readonly events: ConnectionEvents,
  ) {
    this.#socket = new ReconnectingSocket(url, {
      state: (state) => this.#onState(state),
      message: (text) => this.#onMessage(text),
      mayRetry: () => events.mayRetry(),
    });
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    this.#socket.stop();
  }

  /** Called about twice a second. A dead link is given up and opened again. */
  tick(now: number = Date.now()): void {
    if (this.#heardAt === null || now - this.#heardAt < SILENCE_MS) return;
    this.#heardAt = null;
    this.events.silent?.();
    this.#socket.reopen();
  }

  command(command: NewCommand): Promise<Reply["result"]> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (!this.#socket.send(JSON.stringify({ ...command, id }))) {
        reject(new CommandFailed(ownProblem("not_connected")));
        return;
      }
      const timer = setTimeout(() => this.#onSilence(id), REPLY_DEADLINE_MS);
      this.#pending.set(id, { resolve, reject, timer });
    });
  }

  #onState(state: SocketState): void {
    this.#heardAt = state === "open" ? Date.now() : null;
    if (state !== "open") this.#failPending("not_connected");
    else this.clock.reset();
    this.events.state(state);
  }

  #onMessage(text: string): void {
    this.#heardAt = Date.now();
    try {
      this.#take(JSON.parse(text) as ServerMessage);
    } catch (error) {
      if (!(error instanceof SequenceGap || error instanceof SyntaxError)) throw error;
      console.warn("the event stream is broken, taking a new snapshot:", error.message);
      this.#socket.reopen();
    }
  }

  #take(message: ServerMessage): void {
    switch (message.t) {
      case "reply":
        this.#onReply(message);
        return;
      case "beat":
        this.#socket.send("beat");
        return;
      case "notice":
        this.events.notice(message);
        return;
      case "snapshot":
      case "changes":
        this.clock.observe(message.at, Date.now() / 1000);
        this.#mirror = reduce(this.#mirror, message);
        if (message.t === "snapshot") this.events.snapshot(message);
        this.events.mirror(this.#mirror);
    }
  }

  #onReply(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    clearTimeout(pending.timer);
    if (reply.ok) pending.resolve(reply.result);
    else pending.reject(new CommandFailed(reply.error ?? ownProblem("failed")));
  }

  #onSilence(id: number): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.reject(new CommandFailed(ownProblem("timeout")));
    this.#socket.reopen();
  }

  #failPending(code: string): void {
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(new CommandFailed(ownProblem(code)));
    }
    this.#pending.clear();
  }
}

function ownProblem(code: string): Problem {
  return { code, message: "", field: "", state: "" };
}
