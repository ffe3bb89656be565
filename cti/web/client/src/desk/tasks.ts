import { computed, effect } from "@preact/signals";

import type { TaskView } from "../gen/messages";
import { t } from "../i18n/language";
import { now } from "../net/clock";
import { agents, call, myTasks, order, session } from "../session";
import { queueName } from "../ui/codes";
import { phoneNumber } from "../ui/format";
import { showToast } from "../ui/toasts";

export const isDue = (task: TaskView, at: number): boolean => task.done_at === null && task.due_at <= at;

/** How many of my tasks are due, for the title of the page. */
export const dueCount = computed(() => myTasks.value.filter((task) => isDue(task, now.value)).length);

/** What a list shows of a task in one line: whom it is about and what is to be done. */
export function taskText(task: TaskView): string {
  const who = task.customer_name || phoneNumber(task.number);
  return [who, task.text || t("task.no_text")].filter((part) => part !== "").join(" · ");
}

export function ownerName(task: TaskView): string {
  if (task.owner_kind === "queue") return t("task.of_queue", { name: queueName(task.owner) });
  if (task.owner_kind === "group") return t("task.of_group", { name: task.owner });
  return personName(task.owner);
}

export function personName(agentId: string): string {
  return agents.value[agentId]?.name ?? agentId;
}

export interface TaskFilter {
  /** "" for everybody, else "<kind>:<owner>". */
  readonly owner: string;
  readonly overdue: boolean;
  readonly done: boolean;
}

/** Those that fit, what is open first, then by when it is due. */
export function chosenTasks(tasks: readonly TaskView[], filter: TaskFilter, at: number): readonly TaskView[] {
  const fits = (task: TaskView): boolean =>
    (filter.owner === "" || `${task.owner_kind}:${task.owner}` === filter.owner) &&
    (!filter.overdue || isDue(task, at)) &&
    (filter.done || task.done_at === null);
  const rank = (task: TaskView): number => (task.done_at === null ? 0 : 1);
  return tasks.filter(fits).sort((one, two) => rank(one) - rank(two) || one.due_at - two.due_at);
}

export const finishTask = (task: TaskView, done: boolean): Promise<boolean> =>
  order({ cmd: "task.done", task_id: task.task_id, done });

export const postpone = (task: TaskView, dueAt: number): Promise<boolean> =>
  order({ cmd: "task.change", task_id: task.task_id, due_at: dueAt });

const TOLD = "laidian.tasks_told";

/** Says of each task once that it is due, and again when it was postponed; never over a call. Called once. */
export function followTasks(): void {
  effect(() => {
    if (session.value === null) sessionStorage.removeItem(TOLD);
  });
  effect(() => {
    if (call.value !== null) return;
    const due = myTasks.value.filter((task) => isDue(task, now.value));
    if (due.length === 0) return;
    const told = new Set(JSON.parse(sessionStorage.getItem(TOLD) ?? "[]") as string[]);
    const fresh = due.filter((task) => !told.has(mark(task)));
    if (fresh.length === 0) return;
    for (const task of fresh) tell(taskText(task));
    sessionStorage.setItem(TOLD, JSON.stringify(due.map(mark)));
  });
}

const mark = (task: TaskView): string => `${task.task_id} ${task.due_at}`;

function tell(what: string): void {
  const text = t("task.due_now", { what });
  showToast("warning", text);
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  new Notification(text).onclick = () => window.focus();
}
