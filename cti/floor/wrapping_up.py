"""The form after a conversation: drafts as the agent types, and the finished form, which must be complete."""

from collections import deque

from cti.agents.wrap_up import lack_of
from cti.desk.audience import Actor
from cti.desk.commands import SaveWrapUp
from cti.desk.forms import VALUES
from cti.desk.views import CallView, DraftView
from cti.errors import BadValue, Conflict, NotFound
from cti.events import AgentStateChanged, WrapUpSaved
from cti.floor.means import Means
from cti.floor.tasks import Tasks

LATE_FORMS = 5


class WrappingUp:
    """`_late`: forms of the last wrap-ups that nothing was heard of: a page that lost the line may still send them."""

    def __init__(self, means: Means, tasks: Tasks) -> None:
        self._means = means
        self._tasks = tasks
        self._late: dict[str, deque[DraftView]] = {}

    def save(self, command: SaveWrapUp, actor: Actor) -> bool:
        """Publishes it; True when that was the last thing to do in the agent's wrap-up.

        Conflict for a form that is closed, BadValue with the field for a final one that is not complete: what was
        saved of it before is kept.
        """
        call, form = self._own(command.interaction_id, actor.agent_id)
        if command.final:
            self._check(command, form.queue)
        self._publish(command, actor.agent_id, form.queue)
        if late := self._late.get(actor.agent_id):
            self._late[actor.agent_id] = deque(
                (one for one in late if one.interaction_id != command.interaction_id), LATE_FORMS
            )
        if command.final and command.follow_up_at is not None:
            self._tasks.follow_up(command, form, actor)
        return command.final and call is not None and call.phase == "wrap_up"

    def _own(self, interaction_id: str, agent_id: str) -> tuple[CallView | None, CallView | DraftView]:
        """The agent's present call, if the form is of that one, and the form."""
        call = self._means.desk.call(agent_id)
        if call is not None and call.interaction_id == interaction_id:
            return call, call
        draft = self._means.desk.forms.draft(agent_id, interaction_id)
        if draft is None:
            draft = next((one for one in self._late.get(agent_id, ()) if one.interaction_id == interaction_id), None)
        if draft is None:
            raise Conflict("this call's form is closed", "ended")
        return None, draft

    def _check(self, command: SaveWrapUp, queue: str) -> None:
        lack = lack_of(self._means.rules.form(queue), command.disposition, command.fields)
        if lack is not None:
            raise BadValue(lack.message, lack.field)
        if command.follow_up_at is not None:
            try:
                self._tasks.must_be_somebody(command.follow_up_kind, command.follow_up_owner)
            except NotFound as error:
                raise BadValue(str(error), "follow_up_owner") from error

    def _publish(self, command: SaveWrapUp, agent_id: str, queue: str) -> None:
        self._means.bus.publish(
            WrapUpSaved(
                at=self._means.clock(),
                interaction_id=command.interaction_id,
                agent_id=agent_id,
                queue=queue,
                disposition=command.disposition,
                note=command.note,
                fields=command.fields,
                follow_up_at=command.follow_up_at,
                follow_up_kind=command.follow_up_kind,
                follow_up_owner=command.follow_up_owner,
                follow_up_text=command.follow_up_text,
                complaint=command.complaint,
                final=command.final,
            )
        )

    def must_be_complete(self, agent_id: str) -> None:
        """Before a wrap-up is ended without its form: BadValue when the queue waits for it and it is not complete."""
        call = self._means.desk.call(agent_id)
        if call is None or call.phase != "wrap_up":
            return
        rules = self._means.rules.form(call.queue)
        lack = lack_of(rules, call.disposition, call.fields) if rules.waits else None
        if lack is not None:
            raise BadValue(f"the form has to be finished first: {lack.message}", lack.field)

    def on_state(self, fact: AgentStateChanged) -> None:
        """A form that must be filled in is an unfinished one as soon as its wrap-up begins, whatever happens then."""
        if fact.state != "wrap_up" or fact.previous == "wrap_up":
            return
        call = self._means.desk.call(fact.agent_id)
        if call is None or call.interaction_id != fact.interaction_id:
            return
        if self._means.desk.forms.draft(fact.agent_id, call.interaction_id) is not None:
            return
        if self._means.rules.form(call.queue).required:
            self._publish(SaveWrapUp(id=0, interaction_id=call.interaction_id), fact.agent_id, call.queue)
        else:
            self._late.setdefault(fact.agent_id, deque(maxlen=LATE_FORMS)).append(self._empty(call, fact.at))

    def _empty(self, call: CallView, at: float) -> DraftView:
        about = self._means.desk.subject(call.interaction_id)
        return DraftView(
            interaction_id=call.interaction_id,
            at=at,
            queue=call.queue,
            customer_id=about.customer_id,
            customer_name=about.customer_name,
            number=about.number,
            **{name: getattr(call, name) for name in VALUES},
        )
