import random
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, select

import cti.events
from cti.events import (
    AlarmFact,
    BridgeEntered,
    BridgeLeft,
    CallEnded,
    ChannelFact,
    DialFact,
    Fact,
    InteractionEnded,
    InteractionFact,
    InteractionOverflowed,
    InteractionQueued,
    LineQualityMeasured,
    OfferMade,
    OriginateFailed,
    PartyFact,
    WaitExplained,
)
from cti.reports.service import by_queue
from cti.store import tables as t
from cti.store.projections import PROJECTIONS, Row, Rows, rows
from cti.store.statements import statements
from cti.store.store import Store
from cti.store.writer import FactWriter
from tests.unit.store.stories import T0, abandoned, agent_states, audited, handled, interaction, tell, transferred


def leaves(kind: type[Fact]) -> set[type[Fact]]:
    return {kind} | {leaf for sub in kind.__subclasses__() for leaf in leaves(sub)}


def test_every_fact_is_stored_except_the_mirror_of_asterisk() -> None:
    ours = {kind for kind in leaves(Fact) if kind.__module__ == cti.events.__name__}
    mirror = {kind for kind in ours if issubclass(kind, ChannelFact)} | {CallEnded, OriginateFailed}
    assert {BridgeEntered, BridgeLeft} <= mirror
    assert set(PROJECTIONS) == ours - mirror - {Fact, InteractionFact, PartyFact, AlarmFact, DialFact}


async def test_the_line_of_each_agent_is_the_mean_over_the_time_that_was_measured(store: Store) -> None:
    i = interaction(1)

    def line(at: float, agent_id: str, mos: float, loss: float, seconds: float) -> LineQualityMeasured:
        figures = {"mos": mos, "loss": loss, "jitter_ms": 4.0, "rtt_ms": 40.0, "seconds": seconds}
        return LineQualityMeasured(at=T0 + at, interaction_id=i, agent_id=agent_id, **figures)

    await tell(store, *handled(i, T0))
    assert (await store.interactions.get(i)).lines == ()
    await tell(store, line(40, "1002", 4.4, 0, 30), line(70, "1001", 4.0, 0.1, 30), line(80, "1001", 2.0, 0.5, 10))
    await tell(store, *handled(interaction(2), T0))
    first, then = (await store.interactions.get(i)).lines
    assert (first.agent_id, first.mos, first.worst, first.seconds) == ("1002", 4.4, 4.4, 30)
    assert (then.agent_id, then.mos, then.worst, then.seconds) == ("1001", 3.5, 2.0, 40)
    assert (then.loss, then.jitter_ms, then.rtt_ms) == pytest.approx((0.2, 4, 40))
    assert (await store.interactions.get(interaction(2))).lines == ()


async def test_a_handled_call_is_found_with_all_that_happened(store: Store) -> None:
    i = interaction(1)
    await tell(store, *handled(i, T0))
    detail = await store.interactions.get(i)
    row = detail.interaction
    assert (row.outcome, row.ended_by, detail.cause, detail.certain) == ("handled", "customer", 16, True)
    assert (row.started_at, row.connected_at, row.ended_at) == (T0, T0 + 10, T0 + 40)
    assert (row.waited_s, row.talked_s, row.agent_id, row.queue) == (7, 30, "1001", "after_sales")
    assert (row.disposition, row.note, row.has_recording) == ("repair.booked", "约了维修", True)
    assert (detail.language, detail.dialled) == ("zh", "4008001234")
    assert [(s.step, s.digits, s.label) for s in detail.ivr] == [("menu", "2", "售后")]
    assert [(o.agent_id, o.made_at, o.ended_at, o.reason) for o in detail.offers] == [
        ("1001", T0 + 8, T0 + 10, "answered")
    ]
    assert [(w.note, w.final) for w in detail.wrap_ups] == [("约了维修", True)]
    assert [type(f).__name__ for f in await store.interactions.ledger(i)] == [type(f).__name__ for f in handled(i, T0)]
    assert await store.interactions.ledger(i) == handled(i, T0)


async def test_pain_16_every_agent_is_credited_with_the_own_segment(store: Store) -> None:
    i = interaction(1)
    await tell(store, *transferred(i, T0))
    detail = await store.interactions.get(i)
    assert [(s.agent_id, s.how, s.talk_s, s.hold_s, s.ended_by) for s in detail.segments] == [
        ("1001", "offer", 20, 5, "transfer"),
        ("1002", "transfer", 3600, 0, "agent"),
    ]
    assert [(x.from_agent, x.kind, x.target) for x in detail.transfers] == [("1001", "queue", "complaints")]
    assert [(v.queue, v.ended_at, v.outcome) for v in detail.visits] == [
        ("after_sales", T0 + 10, "answered"),
        ("complaints", T0 + 33, "answered"),
    ]
    assert detail.interaction.waited_s == 7  # until the first agent, not the second
    credited = await store.figures.agents(T0)
    assert (credited["1001"].talk_s, credited["1002"].talk_s) == (20, 3600)


async def test_pain_12_a_call_is_counted_once_whatever_happened_to_it(store: Store) -> None:
    """A RONA queues it again in its old place; the counters see one contact."""
    await tell(store, *handled(interaction(1), T0), *abandoned(interaction(2), T0), *transferred(interaction(3), T0))
    figures = by_queue(await store.figures.visits(T0), {"after_sales": 5, "complaints": 5})
    counted = figures["after_sales"]
    assert (counted.offered, counted.answered, counted.abandoned, counted.within_target) == (3, 2, 1, 0)
    assert (figures["complaints"].offered, figures["complaints"].within_target) == (1, 1)
    assert counted.asa_s == 7


async def test_who_gave_up_has_waited_until_the_end(store: Store) -> None:
    await tell(store, *abandoned(interaction(2), T0))
    detail = await store.interactions.get(interaction(2))
    assert (detail.interaction.waited_s, detail.interaction.agent_id) == (60, "")
    assert [(v.queue, v.outcome) for v in detail.visits] == [("after_sales", "abandoned")]


async def test_an_overflowed_visit_is_not_abandoned(store: Store) -> None:
    i = interaction(4)
    facts = abandoned(i, T0)
    moved = msgspec.structs.replace(facts[-2], at=T0 + 30, queue="operator", queued_at=T0 + 30)
    await tell(store, *facts[:-1], moved, facts[-1])
    visits = (await store.interactions.get(i)).visits
    assert [(v.queue, v.outcome) for v in visits] == [("after_sales", "overflowed"), ("operator", "abandoned")]


async def test_a_wait_that_ran_out_is_over_when_the_caller_leaves_the_queue(store: Store) -> None:
    """Not when the message has been left; and the wait goes on elsewhere with the old time."""
    i, j = interaction(5), interaction(6)
    for one, way_out in ((i, "voicemail"), (j, "queue:operator")):
        facts = abandoned(one, T0)
        queued = facts[-2]
        assert isinstance(queued, InteractionQueued)
        left = InteractionOverflowed(
            at=T0 + 30, interaction_id=one, queue=queued.queue, why="longest_wait", way_out=way_out
        )
        on = (msgspec.structs.replace(queued, at=T0 + 30, queue="operator"),) if one == j else ()
        await tell(store, *facts[:-1], left, *on, facts[-1])
    visits = (await store.interactions.get(i)).visits
    assert [(v.queue, v.outcome, v.ended_at) for v in visits] == [("after_sales", "overflowed", T0 + 30)]
    visits = (await store.interactions.get(j)).visits
    assert {(v.queue, v.outcome) for v in visits} == {("after_sales", "overflowed"), ("operator", "abandoned")}
    assert len({v.queued_at for v in visits}) == 1


async def test_who_is_moved_there_and_back_is_answered_where_the_wait_began(store: Store) -> None:
    i = interaction(5)
    facts = handled(i, T0)
    queued = next(fact for fact in facts if isinstance(fact, InteractionQueued))
    there = msgspec.structs.replace(queued, at=T0 + 4, queue="operator")
    back = msgspec.structs.replace(queued, at=T0 + 5)
    at = facts.index(queued) + 1
    for fact in (*facts[:at], there, back, *facts[at:]):
        await tell(store, fact)
    await tell(store, msgspec.structs.replace(queued, at=T0 + 60))  # lost, and in the queue once more: it was answered
    visits = (await store.interactions.get(i)).visits
    assert {(visit.queue, visit.outcome, visit.ended_at) for visit in visits} == {
        ("after_sales", "answered", T0 + 10),
        ("operator", "overflowed", T0 + 5),
    }


async def test_the_last_explanation_of_a_wait_and_that_of_each_offer_are_kept(store: Store) -> None:
    """Also when the explanation comes in a batch of its own, or after the end of the wait."""
    i = interaction(1)
    facts = handled(i, T0)
    why = {"verdict": "nobody", "at": T0 + 4, "candidates": []}
    explained = WaitExplained(at=T0 + 4, interaction_id=i, queue="after_sales", queued_at=T0 + 3, why={"verdict": "x"})
    offers = [msgspec.structs.replace(f, why={"idle": 2}) if isinstance(f, OfferMade) else f for f in facts]
    await tell(store, *offers[:5], explained)
    await tell(store, *offers[5:], msgspec.structs.replace(explained, why=why))
    detail = await store.interactions.get(i)
    assert [(visit.outcome, visit.why) for visit in detail.visits] == [("answered", why)]
    assert [offer.why for offer in detail.offers] == [{"idle": 2}]
    assert explained in await store.interactions.ledger(i)


async def test_pain_15_the_state_of_an_agent_survives_with_its_clock_and_reason(
    store: Store, url: str, tmp_path: Path
) -> None:
    await tell(store, *agent_states("1001", T0, "ready", "not_ready"), *agent_states("1002", T0 + 5, "ready"))
    again = await Store.open(url, spool=tmp_path / "other")
    now = {a.agent_id: (a.state, a.reason, a.since) for a in await again.figures.agents_now()}
    assert now == {"1001": ("not_ready", "lunch", T0 + 1), "1002": ("ready", "", T0 + 5)}
    log = await again.figures.agent_log("1001", since=T0, until=T0 + 100)
    assert [(s.state, s.since, s.until) for s in log] == [("ready", T0, T0 + 1), ("not_ready", T0 + 1, None)]
    await again.close()


async def test_an_end_without_a_beginning_is_kept(store: Store) -> None:
    """The daemon came in the middle of a call: partial knowledge is normal."""
    i = interaction(9)
    await tell(store, InteractionEnded(at=T0, interaction_id=i, outcome="failed", ended_by="unknown", certain=False))
    detail = await store.interactions.get(i)
    assert (detail.interaction.started_at, detail.interaction.outcome, detail.certain) == (T0, "failed", False)


async def test_audit_is_listed_with_what_was_refused(store: Store) -> None:
    await tell(store, audited(T0, "2001"), audited(T0 + 1, "1003", allowed=False))
    assert [(a.actor, a.allowed) for a in await store.audit.list()] == [("1003", False), ("2001", True)]
    assert [a.actor for a in await store.audit.list(before=T0 + 1)] == ["2001"]
    assert [a.actor for a in await store.audit.list(actor="1003")] == ["1003"]


async def test_a_note_with_a_nul_is_kept_without_it(store: Store) -> None:
    wrap_up = handled(interaction(1), T0)[-1]
    await tell(store, *handled(interaction(1), T0)[:-1], msgspec.structs.replace(wrap_up, note="a\0b"))
    assert (await store.interactions.get(interaction(1))).interaction.note == "ab"


async def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    projected = [table for table in t.metadata.sorted_tables if table.name not in {"facts", "audit_chain"}]
    return await store.database.read(
        lambda c: {table.name: sorted(map(tuple, c.execute(select(table))), key=repr) for table in projected}
    )


STORY = [
    *handled(interaction(1), T0),
    *transferred(interaction(2), T0 + 5),
    *abandoned(interaction(3), T0 + 9),
    *agent_states("1001", T0, "ready", "offered", "busy", "wrap_up", "ready"),
    audited(T0, "2001"),
]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_batches_of_any_size_and_replays_give_the_same_tables(store: Store, tmp_path: Path, seed: int) -> None:
    """Statement by statement in batches equals fact by fact; projecting a prefix again changes nothing in the end."""
    await tell(store, *STORY)
    expected = await dump(store)

    other = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/other.db", spool=tmp_path / "other")
    writer = FactWriter(other.database, other.writer._inbox.journal)
    entries = [(f"{n:08d}", fact, msgspec.json.encode(fact)) for n, fact in enumerate(STORY)]
    dice = random.Random(seed)
    at = 0
    while at < len(entries):
        until = at + dice.randint(1, 6)
        batch = [rows(*entry) for entry in entries[max(0, at - dice.randint(0, 3)) : until]]
        await other.database.write_batch(lambda c, batch=batch: project(c, writer, batch))  # type: ignore[misc]
        at = until
    assert without_ids(await dump(other)) == without_ids(expected)
    await other.close()


async def test_what_is_compiled_once_gives_what_sqlalchemy_gives(store: Store, tmp_path: Path) -> None:
    await tell(store, *STORY)
    other = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/other.db", spool=tmp_path / "other")
    grouped = grouped_rows([rows(f"{n:08d}", fact, msgspec.json.encode(fact)) for n, fact in enumerate(STORY)])

    def work(c: Connection) -> None:
        for name, statement in statements("sqlite").items():
            if found := grouped.get(name):
                c.execute(statement, found)

    await other.database.write_batch(work)
    assert without_ids(await dump(store)) == without_ids(await dump(other))
    await other.close()


def project(c: Connection, writer: FactWriter, batch: list[Rows]) -> None:
    writer._prepared.run(c, grouped_rows(batch))


def grouped_rows(batch: list[Rows]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for name, row in (one for rows_ in batch for one in rows_):
        grouped.setdefault(name, []).append(row)
    return grouped


def without_ids(tables: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Fact ids differ from run to run."""
    with_ids = {"ivr_steps", "transfers", "agent_states", "audit"}
    return {name: sorted((r[1:] if name in with_ids else r for r in rs), key=repr) for name, rs in tables.items()}
