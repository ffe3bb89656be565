import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { CustomerSheet } from "../desk/customer_sheet";
import { TaskRow } from "../desk/task_list";
import { chosenTasks, isDue, ownerName } from "../desk/tasks";
import { t } from "../i18n/language";
import { now } from "../net/clock";
import { allTasks } from "../session";
import { Icon } from "../ui/icons";
import { Empty } from "../ui/parts";

/** Every follow-up task of the floor: whose, and what is overdue. */
export function TaskPanel({ onClose }: { onClose: () => void }): JSX.Element {
  const owner = useSignal("");
  const overdue = useSignal(false);
  const done = useSignal(false);
  const tasks = Object.values(allTasks.value);
  const shown = chosenTasks(tasks, { owner: owner.value, overdue: overdue.value, done: done.value }, now.value);
  const owners = new Map(tasks.map((task) => [`${task.owner_kind}:${task.owner}`, ownerName(task)]));
  return (
    <div class="drawer-shade" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <aside class="drawer" data-testid="task-panel" aria-label={t("task.all")}>
        <header class="panel-head">
          <h2 class="grow">
            {t("task.all")} <span class="count num">{shown.length}</span>
          </h2>
          <button type="button" class="icon-button" aria-label={t("close")} data-testid="close-tasks" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div class="drawer-search task-filter">
          <select
            data-testid="filter-owner"
            aria-label={t("task.filter_owner")}
            value={owner.value}
            onChange={(event) => (owner.value = event.currentTarget.value)}
          >
            <option value="">{t("task.filter_everyone")}</option>
            {[...owners].map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          <Check label={t("task.filter_overdue")} testId="filter-overdue" on={overdue.value} set={(on) => (overdue.value = on)} />
          <Check label={t("task.filter_done")} testId="filter-done" on={done.value} set={(on) => (done.value = on)} />
        </div>
        <div class="drawer-body">
          {shown.length === 0 && <Empty icon="check" text={t("task.filter_none")} />}
          <ul class="rows">
            {shown.map((task) => (
              <TaskRow key={task.task_id} task={task} owner />
            ))}
          </ul>
        </div>
      </aside>
      <CustomerSheet />
    </div>
  );
}

function Check({ label, testId, on, set }: { label: string; testId: string; on: boolean; set: (on: boolean) => void }): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" data-testid={testId} checked={on} onChange={(event) => set(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** Opens the panel, and says how many promises of the floor are overdue. */
export function TaskButton({ onOpen }: { onOpen: () => void }): JSX.Element {
  const due = Object.values(allTasks.value).filter((task) => isDue(task, now.value)).length;
  return (
    <button type="button" class="button" data-testid="open-tasks" onClick={onOpen}>
      <Icon name="check" /> {t("task.all_open")}
      {due > 0 && <span class="chip overdue">{t("task.overdue_count", { count: due })}</span>}
    </button>
  );
}
