"""Forms and follow-up tasks on the whole floor: what is refused, what is kept, who sees what."""

from typing import Any

import pytest

from cti.acd.queue import QueueRules
from cti.agents.wrap_up import FormField, FormRules
from cti.desk import commands as ask
from cti.desk.views import CallView, DraftsView, MyTasksView, TaskView
from cti.events import TaskSaved, WrapUpSaved
from tests.unit.floor.shop import CARES, QUEUES, Shop

DAMAGED = FormRules(dispositions={"damaged": (FormField(code="order", required=True),), "solved": ()}, required=True)


@pytest.fixture
def strict(shop: Shop) -> Shop:
    """The queue sales asks for a disposition."""
    shop.rules.forms = {"sales": DAMAGED}
    return shop


def drafts(shop: Shop, agent_id: str = "1001") -> dict[str, str]:
    """Interaction -> note."""
    view = shop.hub.entities("drafts").get(agent_id)
    return {draft.interaction_id: draft.note for draft in view.items} if isinstance(view, DraftsView) else {}


def tasks(shop: Shop, agent_id: str) -> list[TaskView]:
    view = shop.hub.entities("my_tasks").get(agent_id)
    return list(view.items) if isinstance(view, MyTasksView) else []


def call(shop: Shop, agent_id: str = "1001") -> CallView:
    view = shop.hub.entities("call")[agent_id]
    assert isinstance(view, CallView)
    return view


def save(shop: Shop, interaction: str, who: str = "1001", **form: Any) -> str:
    return shop.ask(who, ask.SaveWrapUp, interaction_id=interaction, **form)


def test_a_finished_form_must_be_complete_and_nothing_of_it_is_lost_meanwhile(strict: Shop) -> None:
    customer, i = strict.talk()
    assert not save(strict, i, note="half a")
    strict.hang_up(customer)
    assert strict.state("1001") == "wrap_up"
    assert save(strict, i, note="half a", final=True) == "a disposition must be chosen"
    assert save(strict, i, note="half a", disposition="damaged", final=True) == "'order' must be filled in"
    assert (call(strict).note, strict.state("1001")) == ("half a", "wrap_up")
    assert not [fact for fact in strict.of(WrapUpSaved) if fact.final]
    assert not save(strict, i, note="half a", disposition="damaged", fields={"order": "88"}, final=True)
    last = strict.of(WrapUpSaved)[-1]
    assert (last.queue, last.fields, last.final) == ("sales", {"order": "88"}, True)
    assert strict.state("1001") == "ready"
    assert not drafts(strict)


def test_time_runs_out_the_agent_is_ready_and_the_form_stays_unfinished_until_it_is_finished(strict: Shop) -> None:
    customer, i = strict.talk()
    strict.hang_up(customer)
    strict.run(5)
    assert strict.state("1001") == "ready"
    assert drafts(strict) == {i: ""}, "nothing was typed, but it must be filled in"
    second = strict.call()
    strict.answer("1001")
    j = strict.floor.conversations.by_channel[second].interaction_id
    assert not save(strict, i, note="still typing about the first")
    assert not save(strict, j, note="about the second")
    assert drafts(strict) == {j: "about the second", i: "still typing about the first"}
    assert (call(strict).interaction_id, call(strict).note) == (j, "about the second")
    assert save(strict, i, note="x", final=True) == "a disposition must be chosen"
    assert not save(strict, i, note="x", disposition="solved", final=True)
    assert strict.state("1001") == "busy", "finishing an old form does not end the present call"
    assert drafts(strict) == {j: "about the second"}
    assert "form is closed" in save(strict, i, note="again")
    assert "form is closed" in save(strict, j, who="1002", note="not theirs")
    strict.hang_up(second)
    assert not strict.ask("1001", ask.SignOut)
    strict.sign_in("1001")
    assert drafts(strict) == {j: "about the second"}


def test_what_needs_no_disposition_and_has_no_word_leaves_nothing_behind(shop: Shop) -> None:
    customer, _ = shop.talk()
    shop.hang_up(customer)
    shop.run(5)
    assert shop.state("1001") == "ready"
    assert not drafts(shop)
    assert not shop.of(WrapUpSaved)


def test_a_form_that_comes_late_because_the_line_was_lost_is_taken(shop: Shop) -> None:
    customer, i = shop.talk()
    shop.hang_up(customer)
    shop.run(5)
    assert shop.state("1001") == "ready"
    assert not save(shop, i, note="typed while the line was down")
    assert drafts(shop) == {i: "typed while the line was down"}
    assert not save(shop, i, note="and finished", final=True)
    assert "form is closed" in save(shop, i, note="again")


@pytest.fixture
def waiting() -> Any:
    """The queue sales waits for its form."""
    sales = QueueRules(name="sales", ring_s=5, wrap_up_s=3, wrap_up_ends=False)
    shop = Shop(0, queues=(sales, *QUEUES[1:]), cares=CARES)
    shop.rules.forms = {"sales": FormRules(dispositions=DAMAGED.dispositions, required=True, waits=True)}
    yield shop
    shop.close()


def test_a_queue_that_waits_for_the_form_gives_no_call_before_it_is_complete(waiting: Shop) -> None:
    customer, i = waiting.talk()
    waiting.hang_up(customer)
    assert call(waiting).wrap_up_until is not None
    waiting.run(100)
    assert waiting.state("1001") == "wrap_up"
    assert call(waiting).wrap_up_until is None
    told = waiting.ask("1001", ask.Ready)
    assert told == "the form has to be finished first: a disposition must be chosen"
    assert waiting.state("1001") == "wrap_up"
    assert not save(waiting, i, disposition="solved")
    assert not waiting.ask("1001", ask.Ready), "complete, if only as a draft"
    assert waiting.state("1001") == "ready"


def test_a_finished_form_makes_one_task_which_goes_from_hand_to_hand(shop: Shop) -> None:
    customer, i = shop.talk()
    due = shop.now() + 3600
    shop.hang_up(customer)
    told = save(shop, i, follow_up_at=due, follow_up_kind="agent", follow_up_owner="nobody", final=True)
    assert told == "there is no agent nobody"
    assert not save(shop, i, follow_up_at=due, follow_up_text=" call back ", final=True)
    (task,) = tasks(shop, "1001")
    assert (task.task_id, task.text, task.due_at) == (f"{i}-1001", "call back", due)
    assert (task.owner, task.interaction_id, bool(task.number)) == ("1001", i, True)
    assert set(shop.hub.entities("tasks")) == {task.task_id}

    assert shop.ask("1002", ask.ChangeTask, task_id=task.task_id, text="mine") == "this is not your task"
    assert not shop.ask("1001", ask.ChangeTask, task_id=task.task_id, due_at=due + 60, owner="1002")
    assert not tasks(shop, "1001")
    assert [(one.due_at, one.owner) for one in tasks(shop, "1002")] == [(due + 60, "1002")]
    assert not shop.ask("2001", ask.ChangeTask, task_id=task.task_id, owner_kind="queue", owner="care")
    assert [len(tasks(shop, who)) for who in ("1001", "1002", "1003")] == [1, 0, 1], "those who work in care"
    assert not shop.ask("1003", ask.FinishTask, task_id=task.task_id)
    assert [one.done_by for one in tasks(shop, "1001")] == ["1003"]
    assert not shop.ask("1003", ask.FinishTask, task_id=task.task_id, done=False)
    assert [one.done_at for one in tasks(shop, "1001")] == [None]
    assert [fact.change for fact in shop.of(TaskSaved)] == ["created", "changed", "changed", "done", "reopened"]
    assert not shop.exchange.channels, "a task dials nobody"


def test_a_task_of_ones_own_and_what_is_refused(shop: Shop) -> None:
    shop.sign_in("1001")
    assert not shop.ask(
        "1001", ask.CreateTask, due_at=shop.now() - 5, text="overdue", customer_name="王小明", number="139"
    )
    assert not shop.ask("1001", ask.CreateTask, due_at=shop.now() + 5, text="later", owner="1002")
    assert [task.text for task in tasks(shop, "1001")] == ["overdue"]
    assert [task.created_by for task in tasks(shop, "1002")] == ["1001"]
    assert not shop.ask("1001", ask.FinishTask, task_id=tasks(shop, "1002")[0].task_id), "who made it may"
    assert shop.ask("1001", ask.CreateTask, due_at=1, owner_kind="group", owner="none") == "there is no group none"
    assert shop.ask("1001", ask.CreateTask, due_at=1, owner_kind="queue", owner="none") == "there is no queue none"
    assert shop.ask("1001", ask.FinishTask, task_id="none") == "there is no task none"
    shop.desk.flush(shop.now())
    shop.desk.flush(shop.now() + 86_400)
    assert not tasks(shop, "1002"), "what was done is shown until midnight"
    assert [task.text for task in tasks(shop, "1001")] == ["overdue"]
