export type SocketState = "connecting" | "open" | "waiting" | "stopped";

export interface SocketEvents {
  state(state: SocketState): void;
  message(text: string): void;
  /** Called before each attempt but the first; false ends the attempts (the session is over). */
  mayRetry(): Promise<boolean>;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
const OPEN_DEADLINE_MS = 8_000;

/** Full jitter, so that 5,000 desks do not come back in one instant. `random` in 0..1. */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return Math.round(ceiling * (0.3 + 0.7 * random));
}

/**
 * A websocket that comes back. One object lives as long as the session; each attempt is a new WebSocket, and nothing of
 * an old one is heard any more once a new one was begun.
 */
export class ReconnectingSocket {
  #socket: WebSocket | null = null;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    private readonly url: string,
    private readonly events: SocketEvents,
  ) {}

  start(): void {
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    clearTimeout(this.#timer);
    this.#abandon();
    this.events.state("stopped");
  }

  /** Returns false when there is no open socket. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Give up the present socket, which is dead or out of step, and open another. */
  reopen(): void {
    if (this.#stopped) return;
    this.#abandon();
    this.#later();
  }

  /** A machine that wakes up, or comes back to the network, does not wait for the timer. */
  private readonly hurry = (): void => {
    if (this.#stopped || this.#socket !== null || document.hidden) return;
    clearTimeout(this.#timer);
    void this.#retry();
  };

  #open(): void {
    this.events.state("connecting");
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    const deadline = setTimeout(() => {
      if (this.#socket === socket) this.reopen();
    }, OPEN_DEADLINE_MS);
    socket.onopen = () => {
      clearTimeout(deadline);
      this.#attempt = 0;
      this.events.state("open");
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") this.events.message(event.data);
    };
    socket.onclose = () => {
      clearTimeout(deadline);
      if (this.#socket === socket) this.reopen();
    };
  }

  #abandon(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #later(): void {
    this.events.state("waiting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#retry(), retryDelay(this.#attempt, Math.random()));
    this.#attempt += 1;
  }

  async #retry(): Promise<void> {
    const may = await this.events.mayRetry();
    if (this.#stopped || this.#socket !== null) return;
    if (may) this.#open();
    else this.stop();
  }
}
