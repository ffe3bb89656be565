import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { TaskView } from "../gen/messages";
import { t } from "../i18n/language";
import { now } from "../net/clock";
import { known, myTasks, order, session, socketState } from "../session";
import { ago, dayAndTime } from "../ui/format";
import { Icon } from "../ui/icons";
import { Menu } from "../ui/parts";
import { opened } from "./customer_sheet";
import { DialNumber } from "./dial_box";
import { morningIn } from "./form_rules";
import { NewTask } from "./new_task";
import { OwnerSelect } from "./owner_select";
import { dueCount, finishTask, isDue, ownerName, personName, postpone, taskText } from "./tasks";

/** Between calls: what was promised, the oldest promise first. */
export function MyTasks(): JSX.Element | null {
  const adding = useSignal(false);
  if (!known.value) return null;
  return (
    <section class="card tasks" data-testid="tasks">
      <header class="task-head">
        <h2>
          <Icon name="check" /> {t("task.title")} <span class="count num">{myTasks.value.length}</span>
        </h2>
        {dueCount.value > 0 && (
          <span class="chip overdue" data-testid="overdue-count">
            <Icon name="alarm" size={12} /> {t("task.overdue_count", { count: dueCount.value })}
          </span>
        )}
        <span class="grow" />
        <button type="button" class="button small" data-testid="new-task" onClick={() => (adding.value = !adding.value)}>
          <Icon name="pen" size={14} /> {t("task.new")}
        </button>
      </header>
      {adding.value && <NewTask onClose={() => (adding.value = false)} />}
      {myTasks.value.length === 0 && !adding.value && (
        <p class="meta">
          {t("task.none")} · {t("task.none_hint")}
        </p>
      )}
      <ul class="rows task-rows">
        {myTasks.value.map((task) => (
          <TaskRow key={task.task_id} task={task} />
        ))}
      </ul>
    </section>
  );
}

/** One task, with what may be done about it; the same for its owner and for a supervisor. */
export function TaskRow({ task, owner = false }: { task: TaskView; owner?: boolean }): JSX.Element {
  const due = isDue(task, now.value);
  const done = task.done_at !== null;
  const reassigning = useSignal(false);
  const shared = owner || task.owner_kind !== "agent";
  const facts = [
    shared ? ownerName(task) : "",
    task.created_by === session.value?.agent_id ? "" : t("task.from", { name: personName(task.created_by) }),
    done ? t("task.done_by", { name: personName(task.done_by) }) : "",
  ];
  return (
    <li class={`task${done ? " done" : ""}${due ? " due" : ""}`} data-testid="task" data-task={task.task_id} data-due={due}>
      <label class="task-check">
        <input
          type="checkbox"
          data-testid="task-done"
          checked={done}
          aria-label={t(done ? "task.undo" : "task.done")}
          disabled={socketState.value !== "open"}
          onChange={(event) => void finishTask(task, event.currentTarget.checked)}
        />
      </label>
      <div class="grow">
        <div class="row-line">
          <b class="grow ellipsis">
            {task.customer_id > 0 ? (
              <button
                type="button"
                class="task-text"
                data-testid="task-card"
                title={t("task.open_card")}
                onClick={() => (opened.value = task.customer_id)}
              >
                {taskText(task)}
              </button>
            ) : (
              taskText(task)
            )}
          </b>
          <span class={`num task-due ${due ? "tone-alarm" : "meta"}`} title={dayAndTime(task.due_at)}>
            {due && (
              <>
                <Icon name="alarm" size={12} /> {t("task.overdue")}{" "}
              </>
            )}
            {due ? ago(task.due_at, now.value) : dayAndTime(task.due_at)}
          </span>
        </div>
        <p class="meta">{facts.filter((fact) => fact !== "").join(" · ")}</p>
        {reassigning.value && (
          <OwnerSelect
            owner={{ kind: task.owner_kind, key: task.owner }}
            testId="task-owner"
            label={t("task.reassign")}
            onChoose={(next) => {
              reassigning.value = false;
              void order({ cmd: "task.change", task_id: task.task_id, owner_kind: next.kind, owner: next.key });
            }}
          />
        )}
      </div>
      {task.number !== "" && !done && <DialNumber number={task.number} />}
      {!done && (
        <>
          <Postpone task={task} />
          <button
            type="button"
            class="icon-button"
            data-testid="task-reassign"
            title={t("task.reassign")}
            aria-label={t("task.reassign")}
            aria-pressed={reassigning.value}
            onClick={() => (reassigning.value = !reassigning.value)}
          >
            <Icon name="transfer" size={14} />
          </button>
        </>
      )}
    </li>
  );
}

function Postpone({ task }: { task: TaskView }): JSX.Element {
  const choices = [
    [t("task.hour"), () => now.peek() + 3600],
    [t("wrap.follow_1"), () => morningIn(1, now.peek())],
    [t("wrap.follow_3"), () => morningIn(3, now.peek())],
  ] as const;
  return (
    <Menu testId="task-postpone" className="icon-button" title={t("task.postpone")} label={<Icon name="clock" size={14} />}>
      {choices.map(([label, at]) => (
        <button key={label} type="button" role="menuitem" data-testid="postpone-choice" onClick={() => void postpone(task, at())}>
          {label}
        </button>
      ))}
    </Menu>
  );
}
