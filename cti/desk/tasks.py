"""Follow-up tasks as supervisors see them (topic `tasks`) and as their owners do (topic `my_tasks`), from facts."""

from collections.abc import Iterable

import msgspec

from cti.agents.agent import AgentProfile
from cti.desk.surface import Surface
from cti.desk.views import MyTasksView, TaskView
from cti.events import OwnerKind, TaskSaved

Owner = tuple[OwnerKind, str]


def owners(profile: AgentProfile, queues: Iterable[str] = ()) -> frozenset[Owner]:
    """As whom somebody sees tasks; `queues` are own ones beside those of the profile."""
    return frozenset[Owner](
        {
            ("agent", profile.agent_id),
            *(("queue", queue) for queue in (*profile.queues, *queues)),
            *(("group", group) for group in profile.groups),
        }
    )


def _view(fact: TaskSaved) -> TaskView:
    return TaskView(**{name: getattr(fact, name) for name in TaskView.__struct_fields__})


class TaskDesk:
    """`tasks`: by id, those that are open and those done today."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.tasks: dict[str, TaskView] = {}
        self._of: dict[Owner, set[str]] = {}
        self._people: dict[str, frozenset[Owner]] = {}

    def sees(self, agent_id: str, task: TaskView) -> bool:
        """Whether it is the agent's own, or of one of the agent's queues and groups."""
        return (task.owner_kind, task.owner) in self._people.get(agent_id, frozenset())

    def restore(self, kept: Iterable[TaskView]) -> None:
        for task in kept:
            self._put(task)
        for agent_id in self._people:
            self._show(agent_id)

    def person(self, profile: AgentProfile, absent_from: tuple[str, ...]) -> None:
        """Somebody new, or with other queues and groups."""
        self._people[profile.agent_id] = owners(profile, absent_from)
        self._show(profile.agent_id)

    def remove(self, agent_id: str) -> None:
        """The tasks of somebody who is gone stay with supervisors, who may give them to others."""
        self._people.pop(agent_id, None)
        self._surface.drop("my_tasks", agent_id)

    def begin_day(self) -> None:
        """What was done is no longer shown."""
        for task in [task for task in self.tasks.values() if task.done_at is not None]:
            self._drop(task)
            del self.tasks[task.task_id]
            self._surface.drop("tasks", task.task_id)
        for agent_id in self._people:
            self._show(agent_id)

    def saved(self, fact: TaskSaved) -> None:
        task, before = _view(fact), self.tasks.get(fact.task_id)
        self._put(task)
        touched = {(one.owner_kind, one.owner) for one in (task, before) if one is not None}
        for agent_id, own in self._people.items():
            if not own.isdisjoint(touched):
                self._show(agent_id)

    def _put(self, task: TaskView) -> None:
        if before := self.tasks.get(task.task_id):
            self._drop(before)
        self.tasks[task.task_id] = task
        self._of.setdefault((task.owner_kind, task.owner), set()).add(task.task_id)
        self._surface.put("tasks", task.task_id, task)

    def _drop(self, task: TaskView) -> None:
        owner: Owner = (task.owner_kind, task.owner)
        self._of[owner].discard(task.task_id)
        if not self._of[owner]:
            del self._of[owner]

    def _show(self, agent_id: str) -> None:
        mine = [self.tasks[task_id] for owner in self._people[agent_id] for task_id in self._of.get(owner, ())]
        if not mine:
            self._surface.drop("my_tasks", agent_id)
            return
        mine.sort(key=lambda task: (task.done_at is not None, task.due_at, task.task_id))
        self._surface.put("my_tasks", agent_id, MyTasksView(items=tuple(mine)))


def saved_from(task: TaskView, **changes: object) -> TaskSaved:
    """The fact that `task` with `changes` is now so; `at`, `change` and `by` are among these."""
    return TaskSaved(**{**msgspec.structs.asdict(task), **changes})
