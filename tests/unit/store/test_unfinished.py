"""Forms and tasks outlive the daemon; a finished form is found by what it says."""

import msgspec

from cti.desk.desk import Desk
from cti.desk.forms import VALUES
from cti.desk.hub import Hub
from cti.desk.views import DraftsView
from cti.events import TaskSaved, WrapUpSaved
from cti.store.interactions import InteractionFilter
from cti.store.store import Store
from tests.unit.store.stories import NUMBER, T0, arrival, handled, interaction, tell


def draft(i: str, at: float, **form: object) -> WrapUpSaved:
    known = {"queue": "after_sales", "note": "half a sen", "fields": {"order": "88"}, "final": False}
    return WrapUpSaved(at=at, interaction_id=i, agent_id="1001", **{**known, **form})  # type: ignore[arg-type]


def task(n: int, **fields: object) -> TaskSaved:
    known: dict[str, object] = {
        "at": T0,
        "change": "created",
        "by": "1001",
        "text": "call",
        "due_at": T0 + n,
        "owner_kind": "agent",
        "owner": "1001",
        "created_at": T0,
        "created_by": "1001",
    }
    return TaskSaved(task_id=f"t{n}", **{**known, **fields})  # type: ignore[arg-type]


async def test_unfinished_forms_come_back_whole_and_finished_or_old_ones_do_not(store: Store) -> None:
    one, two, old = interaction(1), interaction(2), interaction(3)
    follow_up: dict[str, object] = {
        "follow_up_at": T0 + 99,
        "follow_up_kind": "queue",
        "follow_up_owner": "care",
        "follow_up_text": "ask",
    }
    await tell(
        store,
        *arrival(one, T0),
        draft(one, T0 + 5, disposition="damaged", complaint=True, **follow_up),
        *arrival(two, T0),
        draft(two, T0 + 5),
        draft(two, T0 + 6, final=True),
        draft(old, T0 - 100),
    )
    ((agent, found),) = await store.unfinished.forms(T0)
    assert (agent, found.interaction_id, found.at, found.number) == ("1001", one, T0 + 5, NUMBER)
    wanted = draft(one, T0 + 5, disposition="damaged", complaint=True, **follow_up)
    assert {name: getattr(found, name) for name in VALUES} == {name: getattr(wanted, name) for name in VALUES}
    assert found.queue == "after_sales"

    hub = Hub()
    Desk(hub, version="1", demo=False).forms.restore([(agent, found)])
    view = hub.entities("drafts")["1001"]
    assert isinstance(view, DraftsView)
    assert view.items == (found,)


async def test_open_tasks_come_back_as_they_are_now(store: Store) -> None:
    await tell(
        store,
        task(1),
        task(2),
        task(1, change="changed", owner="1002", due_at=T0 + 500),
        task(3, change="done", done_at=T0 - 1, done_by="1001"),
        task(4, change="done", done_at=T0 + 1, done_by="1001"),
    )
    found = {one.task_id: one for one in await store.unfinished.tasks(T0)}
    assert sorted(found) == ["t1", "t2", "t4"]
    assert (found["t1"].owner, found["t1"].due_at, found["t4"].done_by) == ("1002", T0 + 500, "1001")
    assert msgspec.json.encode(found["t2"])


async def test_a_finished_form_is_found_and_stands_in_the_timeline(store: Store) -> None:
    i = interaction(1)
    await tell(store, *handled(i, T0), draft(i, T0 + 60, disposition="damaged", complaint=True, final=True))
    page = await store.interactions.search(InteractionFilter(disposition="damaged", complaint=True))
    assert [(row.interaction_id, row.fields) for row in page.items] == [(i, {"order": "88"})]
    assert not (await store.interactions.search(InteractionFilter(disposition="solved"))).items
    (contact,) = await store.customers.timeline(1)
    assert (contact.complaint, contact.fields, contact.disposition) == (True, {"order": "88"}, "damaged")
