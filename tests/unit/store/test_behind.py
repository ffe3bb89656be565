"""Every number on the board is as long as the list behind it, whatever the day was like."""

import random
from collections.abc import Iterator
from itertools import groupby

import pytest

from cti.agents.agent import AgentProfile
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.desk.views import AgentView, IntervalView, QueueView
from cti.events import (
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    InteractionQueued,
    InteractionStarted,
    Outcome,
    SegmentEnded,
)
from cti.reports.service import by_quarter, by_queue
from cti.store.behind import BehindQuery, What
from cti.store.interactions import BadCursor
from cti.store.store import Store
from tests.unit.store.stories import T0, handled, interaction, tell, transferred

QUEUES = ("sales", "care", "night")
AGENTS = ("1001", "1002")
TARGETS = {"sales": 20.0, "care": 5.0, "night": 60.0}
NUMBERS: tuple[tuple[What, str], ...] = (
    ("offered", "offered_today"),
    ("answered", "answered_today"),
    ("within_target", "within_today"),
    ("abandoned", "abandoned_today"),
    ("overflowed", "overflowed_today"),
)


def started(i: str, at: float) -> InteractionStarted:
    return InteractionStarted(
        at=at,
        interaction_id=i,
        medium="voice",
        channel=i,
        linkedid=i,
        customer_number="+8613900000001",
        caller_name="Li",
        dialled="4000",
    )


def one_life(i: str, at: float, rng: random.Random) -> Iterator[Fact]:
    """A caller who waits, is moved, overflows, comes back to an old place, is transferred, gives up - as it may be."""
    yield started(i, at)
    waits_since, queue, segment = at, rng.choice(QUEUES), 0
    yield InteractionQueued(at=at, interaction_id=i, queue=queue, priority=0, queued_at=at)
    for _ in range(rng.randrange(5)):
        at += rng.choice((1, 4, 19, 40))
        match rng.randrange(4):
            case 0:  # moved with the time waited so far, perhaps back to where it came from
                queue = rng.choice([other for other in QUEUES if other != queue])
                yield InteractionQueued(at=at, interaction_id=i, queue=queue, priority=0, queued_at=waits_since)
            case 1:
                yield InteractionOverflowed(at=at, interaction_id=i, queue=queue, why="longest_wait", way_out="")
                at, queue = at + rng.choice((0.0, 2.0)), rng.choice([other for other in QUEUES if other != queue])
                yield InteractionQueued(at=at, interaction_id=i, queue=queue, priority=0, queued_at=waits_since)
            case _:
                segment, agent = segment + 1, rng.choice(AGENTS)
                yield InteractionConnected(
                    at=at, interaction_id=i, agent_id=agent, segment=segment, queue=queue, waited_s=at - waits_since
                )
                at += rng.choice((3, 30))
                yield SegmentEnded(
                    at=at, interaction_id=i, agent_id=agent, segment=segment, talk_s=3, hold_s=0, ended_by="transfer"
                )
                if rng.random() < 0.5:
                    yield InteractionEnded(at=at, interaction_id=i, outcome="handled", ended_by="customer")
                    return
                waits_since, queue = at, rng.choice(QUEUES)
                yield InteractionQueued(at=at, interaction_id=i, queue=queue, priority=0, queued_at=at)
    outcomes: tuple[Outcome, ...] = ("abandoned", "abandoned", "overflowed", "voicemail")
    outcome = rng.choice(outcomes)
    if rng.random() < 0.8:  # else it still waits
        yield InteractionEnded(at=at + 2, interaction_id=i, outcome=outcome, ended_by="customer")


def a_day(seed: int) -> list[Fact]:
    rng = random.Random(seed)
    facts = [fact for n in range(25) for fact in one_life(f"i{n:02}", T0 + rng.randrange(5000), rng)]
    return sorted(facts, key=lambda fact: fact.at)


async def live(store: Store, facts: list[Fact]) -> None:
    """Stored as they come: what happens in one instant together, and no more."""
    for _, instant in groupby(facts, key=lambda fact: fact.at):
        await tell(store, *instant)


def board() -> tuple[Desk, Hub]:
    hub = Hub()
    desk = Desk(hub, version="1", demo=False)
    for name in QUEUES:
        desk.queues.configure(name, {"en": name}, TARGETS[name])
    for agent in AGENTS:
        desk.add_agent(AgentProfile(agent_id=agent, queues=QUEUES), "agent")
    return desk, hub


async def count(store: Store, what: What, **given: object) -> int:
    query = BehindQuery(**{"what": what, "since": T0, "targets": TARGETS, **given})  # type: ignore[arg-type]
    page = await store.behind.find(query, limit=3)
    items, cursor = list(page.items), page.next
    while cursor is not None:
        following = await store.behind.find(query, cursor=cursor, limit=3)
        assert following.count == page.count
        items, cursor = [*items, *following.items], following.next
    assert len(items) == page.count == len({(i.interaction_id, i.at, i.queue, i.agent_id) for i in items})
    assert [i.at for i in items] == sorted((i.at for i in items), reverse=True)
    return page.count


@pytest.mark.parametrize("seed", range(2))
async def test_as_many_as_the_number_says_live_and_after_a_restart(store: Store, seed: int) -> None:
    facts = a_day(seed)
    await live(store, facts)
    desk, hub = board()
    for fact in facts:
        desk.on_fact(fact)
    desk.flush()
    tiles = [view for view in hub.entities("queues").values() if isinstance(view, QueueView)]
    assert sum(tile.overflowed_today for tile in tiles) > 2
    visits = by_queue(await store.figures.visits(T0), TARGETS)
    for tile in tiles:
        seeded = visits[tile.name]
        assert (tile.offered_today, tile.answered_today, tile.within_today, tile.abandoned_today) == (
            seeded.offered,
            seeded.answered,
            seeded.within_target,
            seeded.abandoned,
        )
        assert tile.overflowed_today == seeded.overflowed
        for what, field in NUMBERS:
            assert await count(store, what, queue=tile.name) == getattr(tile, field), (tile.name, what)
        late = await count(store, "late", queue=tile.name)
        assert late == tile.answered_today - tile.within_today
    for agent in hub.entities("agents").values():
        assert isinstance(agent, AgentView)
        assert await count(store, "handled", agent_id=agent.agent_id) == agent.handled_today > 0


async def test_as_many_as_the_bar_of_the_chart_says(store: Store) -> None:
    facts = a_day(7)
    await live(store, facts)
    desk, hub = board()
    for fact in facts:
        desk.on_fact(fact)
    desk.flush()
    bars = [view for view in hub.entities("intervals").values() if isinstance(view, IntervalView)]
    assert len(bars) > 8
    seeded = by_quarter(await store.figures.visits(T0), TARGETS)
    for bar in bars:
        assert seeded[bar.start, bar.queue].offered == bar.offered
        where = {"since": bar.start, "until": bar.start + 900, "queue": bar.queue}
        assert await count(store, "offered", **where) == bar.offered
        assert await count(store, "answered", **where) == bar.answered
        assert await count(store, "abandoned", **where) == bar.abandoned
        assert await count(store, "within_target", **where) == bar.within_target


async def test_a_row_says_who_and_how_long(store: Store) -> None:
    await tell(store, *handled(interaction(1), T0), *transferred(interaction(2), T0 + 100))
    (second, first) = (await store.behind.find(BehindQuery(what="offered", since=T0, queue="after_sales"))).items
    assert (first.lasted_s, first.outcome, first.agent_id, first.disposition) == (
        7,
        "answered",
        "1001",
        "repair.booked",
    )
    assert (first.customer_name, first.customer_number, first.has_recording) == ("Zhang Wei", "+8613900000001", True)
    assert (second.interaction_id, second.agent_id) == (interaction(2), "1002")
    talks = await store.behind.find(BehindQuery(what="handled", since=T0, agent_id="1001"))
    assert [(row.lasted_s, row.outcome) for row in talks.items] == [(20, "transfer"), (30, "customer")]
    with pytest.raises(BadCursor):
        await store.behind.find(BehindQuery(what="offered", since=T0), cursor="drop table")
