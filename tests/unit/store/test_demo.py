import hashlib
import wave
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from cti.customers.numbers import canonical
from cti.errors import NotFound
from cti.events import InteractionConnected, SegmentEnded
from cti.reports.service import by_queue
from cti.store.demo import demo_password, seed
from cti.store.demo_people import CUSTOMERS
from cti.store.interactions import InteractionFilter
from cti.store.lookups import StoredLookups
from cti.store.recordings import RecordingFilter
from cti.store.store import Store

NOW = datetime(2026, 11, 18, 8, 0, tzinfo=UTC).timestamp()  # 16:00 in China, a Wednesday
QUEUES = {"after_sales", "complaints", "operator", "after_sales_en"}


async def fill(store: Store, folder: Path) -> None:
    assert await seed(store, now=NOW, recordings=folder, hash_password=lambda p: f"hash of {p}")


async def test_the_caller_of_make_call_is_a_customer_with_a_history(store: Store, tmp_path: Path) -> None:
    await fill(store, tmp_path)
    found = await store.customers.find("+8613900000001")
    assert found is not None
    card = await store.customers.card(found.customer_id)
    assert (card.name, card.vip, card.city, card.new) == ("张伟", 3, "北京", False)
    assert any(o.number == "88123" and "洗衣机" in o.title for o in card.orders)
    assert len(card.orders) >= 3
    assert len(card.contacts) >= 3
    assert card.notes


async def test_everybody_of_the_demo_is_marked_and_has_the_demo_password(store: Store, tmp_path: Path) -> None:
    assert not await store.users.any_demo()
    await fill(store, tmp_path)
    users = await store.users.list()
    assert all(u.demo and u.password_hash == f"hash of {demo_password(u.login)}" for u in users)
    assert {u.role for u in users} == {"agent", "supervisor", "admin"}
    assert {q for u in users for q in u.queues} == QUEUES
    assert await store.users.any_demo()


async def test_the_history_is_consistent_and_lies_in_the_past(store: Store, tmp_path: Path) -> None:
    await fill(store, tmp_path)
    page = await store.interactions.search(InteractionFilter(), limit=1000)
    assert len(page.items) == 250
    assert await store.interactions.open() == []
    outcomes = [row.outcome for row in page.items]
    assert {"handled", "abandoned", "self_served"} == set(outcomes)
    assert outcomes.count("handled") > 190
    for row in page.items:
        assert NOW - 38 * 86400 < row.started_at < (row.ended_at or 0) < NOW
        assert bool(row.note) == bool(row.talked_s) or row.outcome == "abandoned"
        assert row.customer_name
    assert set(by_queue(await store.figures.visits(0), {})) == QUEUES
    details = [await store.interactions.get(row.interaction_id) for row in page.items]
    assert any(detail.transfers and len(detail.segments) > 1 for detail in details)


async def test_no_agent_is_in_two_calls_at_once(store: Store, tmp_path: Path) -> None:
    await fill(store, tmp_path)
    talks: dict[str, list[tuple[float, float]]] = {}
    for row in (await store.interactions.search(InteractionFilter(), limit=1000)).items:
        began: dict[int, float] = {}
        for fact in await store.interactions.ledger(row.interaction_id):
            if isinstance(fact, InteractionConnected):
                began[fact.segment] = fact.at
            elif isinstance(fact, SegmentEnded):
                talks.setdefault(fact.agent_id, []).append((began[fact.segment], fact.at))
    for spans in talks.values():
        spans.sort()
        assert all(end < following for (_, end), (following, _) in pairwise(spans))


async def test_some_conversations_can_be_played(store: Store, tmp_path: Path) -> None:
    await fill(store, tmp_path)
    rows = await store.recordings.find(RecordingFilter())
    assert len(rows) == 6
    for row in rows:
        path = tmp_path / row.path
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getframerate()) == (2, 8000)
            assert file.getnframes() / 8000 == row.duration_s
        detail = await store.interactions.get(row.interaction_id)
        assert detail.segments[0].talk_s == row.duration_s


async def test_only_an_empty_database_is_seeded(store: Store, tmp_path: Path) -> None:
    await store.customers.find_or_create("+8613911112222", caller_name="real", at=NOW)
    assert not await seed(store, now=NOW, recordings=tmp_path)
    assert await store.users.list() == []
    assert not (tmp_path / "demo").exists()


async def test_the_demo_is_the_same_every_time(store: Store, tmp_path: Path) -> None:
    await fill(store, tmp_path)
    other = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/other.db", spool=tmp_path / "other")
    await fill(other, tmp_path)
    wanted = InteractionFilter()
    assert await store.interactions.search(wanted) == await other.interactions.search(wanted)
    await other.close()


def test_every_number_of_the_demo_is_canonical_and_belongs_to_one_customer() -> None:
    numbers = [number for customer in CUSTOMERS for number in customer.numbers]
    assert [canonical(n) for n in numbers] == numbers
    assert all(n.startswith("+") for n in numbers)
    assert len(set(numbers)) == len(numbers)


async def test_the_menu_knows_where_an_order_is(store: Store, tmp_path: Path) -> None:
    await fill(store, tmp_path)
    lookups = StoredLookups(store.database)
    assert (await lookups.look_up("order_status", {"order_number": "88123"})).outcome == "delivered"
    assert (await lookups.look_up("order_status", {"order_number": "1"})).outcome == "not_found"
    with pytest.raises(NotFound):
        await lookups.look_up("weather", {})
