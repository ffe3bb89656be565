import { computed, effect, signal } from "@preact/signals";

import type { CallView, MeView, NewCommand, Notice, QueueView, Reply, SessionView, WorkCodes } from "./gen/messages";
import { t, word } from "./i18n/language";
import { problemText } from "./i18n/problems";
import { clock } from "./net/clock";
import { CommandFailed, Connection } from "./net/connection";
import * as rest from "./net/rest";
import { ticking } from "./net/ticking";
import type { SocketState } from "./net/socket";
import { EMPTY_MIRROR, type Mirror, NOTHING } from "./net/topics";
import { tab } from "./phone/tab";
import { showToast } from "./ui/toasts";

/** undefined: not asked yet. */
export const session = signal<SessionView | null | undefined>(undefined);
export const socketState = signal<SocketState>("stopped");
export const mirror = signal<Mirror>(EMPTY_MIRROR);
/** How many snapshots came: each one after the first means that the link, or the daemon, was away. */
export const snapshots = signal(0);
export const codes = signal<WorkCodes | null>(null);

const topics = computed(() => mirror.value.topics);
/** False until the first snapshot: what is shown before that is a skeleton. */
export const known = computed(() => mirror.value.seq >= 0);
export const queues = computed(() => topics.value.queues);
export const waiting = computed(() => topics.value.waiting);
export const agents = computed(() => topics.value.agents);
export const intervals = computed(() => topics.value.intervals);
export const minutes = computed(() => topics.value.minutes);
export const alarms = computed(() => topics.value.alarms);
export const texts = computed(() => topics.value.texts);
export const system = computed(() => topics.value.system["daemon"] ?? null);

const myId = computed(() => session.value?.agent_id ?? "");
export const me = computed<MeView | null>(() => topics.value.me[myId.value] ?? null);
export const call = computed<CallView | null>(() => topics.value.call[myId.value] ?? null);
export const inbox = computed(() => topics.value.inbox[myId.value]?.texts ?? []);
/** My unfinished forms, the latest first; that of the present call is among them. */
export const unfinished = computed(() => topics.value.drafts[myId.value]?.items ?? []);
/** My tasks and those of my queues and groups: what is open first, by when it is due. */
export const myTasks = computed(() => topics.value.my_tasks[myId.value]?.items ?? []);
/** Everybody's, for supervisors. */
export const allTasks = computed(() => topics.value.tasks);
export const supervision = computed(() => topics.value.supervision[myId.value] ?? null);
export const isSupervisor = computed(() => session.value?.role === "supervisor" || session.value?.role === "admin");
export const isDemo = computed(() => system.value?.demo ?? session.value?.demo ?? rest.demoServer.value);

export const queueList = computed<readonly QueueView[]>(() => Object.values(queues.value));

/** The server has been away for longer than a reconnect usually takes. */
export const offline = signal(false);
const RECONNECT_MS = 1_500;

let connection: Connection | null = null;

/** Finds out who we are; called once when the page opens. Raises RequestFailed when the server cannot be asked. */
export async function resumeSession(): Promise<void> {
  session.value = await rest.currentSession();
}

/** `code`: of the second factor, "" before the server has asked for one. */
export async function logIn(login: string, password: string, code = ""): Promise<SessionView> {
  const opened = await rest.logIn({ login, password, code });
  session.value = opened;
  return opened;
}

export async function logOut(): Promise<void> {
  await rest.logOut();
  session.value = null;
}

/** Sends a command and lets the caller deal with CommandFailed. */
export function send(command: NewCommand): Promise<Reply["result"]> {
  if (connection === null) {
    return Promise.reject(new CommandFailed({ code: "not_connected", message: "", field: "", state: "" }));
  }
  return connection.command(command);
}

/** Sends a command; a refusal becomes a toast. Resolves to whether it was done. */
export async function order(command: NewCommand): Promise<boolean> {
  try {
    await send(command);
    return true;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    showToast("error", problemText(error.problem));
    return false;
  }
}

const isOpen = computed(() => socketState.value === "open");

effect(() => {
  if (isOpen.value || session.value === null) {
    offline.value = false;
    return undefined;
  }
  if (offline.peek()) return undefined;
  const timer = setTimeout(() => (offline.value = session.peek() !== null), RECONNECT_MS);
  return () => clearTimeout(timer);
});

/** While somebody is logged in there is a connection, and none otherwise. */
export function followSession(): void {
  ticking(() => connection?.tick());
  effect(() => {
    const id = session.value?.must === "" ? session.value.agent_id : undefined;
    connection?.stop();
    connection = null;
    mirror.value = { topics: NOTHING, seq: -1 };
    if (id !== undefined) connection = connect();
  });
}

function connect(): Connection {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new Connection(`${scheme}://${location.host}/ws/v1?tab=${tab}`, clock, {
    state: (state) => (socketState.value = state),
    mirror: (next) => (mirror.value = next),
    snapshot: () => {
      snapshots.value += 1;
      if (codes.value === null) void loadCodes();
    },
    notice: onNotice,
    mayRetry: stillLoggedIn,
    silent: () => (offline.value = true),
  });
  opened.start();
  return opened;
}

async function stillLoggedIn(): Promise<boolean> {
  try {
    const found = await rest.currentSession();
    if (found === null) session.value = null;
    return found !== null;
  } catch {
    return true; // the server is away, which is why we retry
  }
}

async function loadCodes(): Promise<void> {
  codes.value = await rest.workCodes().catch(() => codes.value);
}

let configuredAt = 0;

/** A reload of the configuration: what people choose from is another list now. */
effect(() => {
  const at = system.value?.configured_at ?? configuredAt;
  if (at === configuredAt) return;
  configuredAt = at;
  void loadCodes();
});

function onNotice(notice: Notice): void {
  const own = word("notice", notice.code); // in the language of the page
  showToast(notice.level, own === notice.code ? notice.message || own : own);
}

let dialling = false;

/** A word to the agent whose callback came to nothing: the call is gone, and there is nothing to wrap up. */
effect(() => {
  if (dialling && call.value === null && known.value) showToast("info", t("callback.not_reached"));
  dialling = call.value?.phase === "dialling" && call.value.medium === "callback";
});
