"""Follow-up tasks: made with a form or on their own, postponed, given to somebody else, done. They never dial."""

from cti.desk.audience import Actor
from cti.desk.commands import ChangeTask, CreateTask, FinishTask, SaveWrapUp
from cti.desk.tasks import saved_from
from cti.desk.views import CallView, DraftView, TaskView
from cti.errors import Forbidden, NotFound
from cti.events import OwnerKind, TaskSaved
from cti.floor.ids import interaction_id
from cti.floor.means import Means
from cti.rights import may_change_task


class Tasks:
    def __init__(self, means: Means) -> None:
        self._means = means

    async def create(self, command: CreateTask, actor: Actor) -> dict[str, str | int | float | bool | None]:
        """Result: `task_id`."""
        owner = command.owner or actor.agent_id
        self.must_be_somebody(command.owner_kind, owner)
        now = self._means.clock()
        task = TaskSaved(
            at=now,
            task_id=interaction_id(now),
            change="created",
            by=actor.agent_id,
            text=command.text.strip(),
            due_at=command.due_at,
            owner_kind=command.owner_kind,
            owner=owner,
            created_at=now,
            created_by=actor.agent_id,
            customer_id=command.customer_id,
            customer_name=command.customer_name,
            number=command.number,
        )
        self._means.bus.publish(task)
        return {"task_id": task.task_id}

    async def change(self, command: ChangeTask, actor: Actor) -> None:
        task = self._own(command.task_id, actor)
        owner = (task.owner_kind, task.owner)
        if command.owner is not None:
            self.must_be_somebody(command.owner_kind, command.owner)
            owner = (command.owner_kind, command.owner)
        self._means.bus.publish(
            saved_from(
                task,
                at=self._means.clock(),
                change="changed",
                by=actor.agent_id,
                due_at=task.due_at if command.due_at is None else command.due_at,
                text=task.text if command.text is None else command.text.strip(),
                owner_kind=owner[0],
                owner=owner[1],
            )
        )

    async def finish(self, command: FinishTask, actor: Actor) -> None:
        task = self._own(command.task_id, actor)
        if command.done == (task.done_at is not None):
            return
        now, by = self._means.clock(), actor.agent_id
        done = (now, by) if command.done else (None, "")
        change = "done" if command.done else "reopened"
        self._means.bus.publish(saved_from(task, at=now, change=change, by=by, done_at=done[0], done_by=done[1]))

    def follow_up(self, command: SaveWrapUp, form: CallView | DraftView, actor: Actor) -> None:
        """What a finished form asks for; of one form there is one task, however often it is finished."""
        now = self._means.clock()
        about = form if isinstance(form, DraftView) else self._means.desk.subject(command.interaction_id)
        task_id = f"{command.interaction_id}-{actor.agent_id}"
        before = self._means.desk.tasks.tasks.get(task_id)
        self._means.bus.publish(
            TaskSaved(
                at=now,
                task_id=task_id,
                change="created" if before is None else "changed",
                by=actor.agent_id,
                text=command.follow_up_text.strip(),
                due_at=command.follow_up_at or now,
                owner_kind=command.follow_up_kind,
                owner=command.follow_up_owner or actor.agent_id,
                created_at=before.created_at if before else now,
                created_by=actor.agent_id,
                interaction_id=command.interaction_id,
                customer_id=about.customer_id,
                customer_name=about.customer_name,
                number=about.number,
            )
        )

    def must_be_somebody(self, kind: OwnerKind, owner: str) -> None:
        """NotFound when nobody could ever see a task of this owner; "" is the agent who asks."""
        members = self._means.roster.members
        match kind:
            case "agent":
                there = owner in members or not owner
            case "queue":
                there = self._means.engine.queue(owner) is not None
            case "group":
                there = any(owner in member.profile.groups for member in members.values())
        if not there:
            raise NotFound(kind, owner)

    def _own(self, task_id: str, actor: Actor) -> TaskView:
        """Forbidden for who neither owns it nor made it nor supervises."""
        desk = self._means.desk.tasks
        task = desk.tasks.get(task_id)
        if task is None:
            raise NotFound("task", task_id)
        if not may_change_task(actor, task.created_by, sees=desk.sees(actor.agent_id, task)):
            raise Forbidden("this is not your task")
        return task
