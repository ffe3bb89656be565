"""Merging moves everything to one customer, and undoing gives each back what was theirs."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from cti.customers.merging import Address
from cti.errors import Conflict, NotFound
from cti.store import tables as t
from cti.store.customers import CustomerChange
from cti.store.store import Store
from tests.unit.store.stories import NUMBER, T0, handled, interaction, tell

OTHER, THIRD = "+442079460018", "+861062345678"


async def two(store: Store) -> tuple[int, int]:
    """One customer with calls, notes and orders, and the same person again under another number."""
    one = await store.customers.create(name="张伟", number=NUMBER, by="1001", at=T0)
    again = await store.customers.create(name="张 伟", number=OTHER, by="1001", at=T0)
    change = CustomerChange(vip=3, city="北京", addresses=(Address(label="家", text="人民路"),), extra={"m": "1"})
    await store.customers.edit(again, change, version=1, by="1002", at=T0 + 1)
    await tell(store, *handled(interaction(1), T0 + 10, customer_id=one))
    await tell(store, *handled(interaction(2), T0 + 20, customer_id=again))
    await store.customers.add_note(again, author="1001", text="喜欢上午", at=T0)
    order = {"number": "7", "customer_id": again, "placed_at": T0, "title": "x", "amount": "1", "state": "paid"}
    await store.database.write(lambda c: c.execute(insert(t.orders).values(**order)))
    return one, again


async def merge(store: Store, kept: int, other: int, **choices: str) -> int:
    plan = await store.merges.plan(kept, other)
    versions = (plan.kept.version, plan.other.version)
    return await store.merges.merge(kept, other, versions=versions, choices=choices, by="2001", at=T0 + 50)  # type: ignore[arg-type]  # sides


def everything(c: Connection) -> dict[str, list[object]]:
    """All that belongs to customers, but for versions and who was the last editor."""
    k = t.customers.c
    unchanged = [column for column in k if column.name not in {"version", "updated_at", "updated_by"}]
    return {
        "customers": [tuple(row) for row in c.execute(select(*unchanged).order_by(k.id))],
        **{
            table.name: [tuple(row) for row in c.execute(select(table).order_by(*table.primary_key.columns))]
            for table in (t.customer_numbers, t.customer_notes, t.orders, t.interactions)
        },
    }


async def test_a_merged_customer_has_everything_in_one_timeline(store: Store) -> None:
    one, again = await two(store)
    plan = await store.merges.plan(one, again)
    assert plan.moving == {"interactions": 1, "notes": 1, "orders": 1, "tasks": 0}
    await merge(store, one, again, name="other")
    card = await store.customers.card(one)
    assert (card.name, card.vip, card.city, card.extra) == ("张 伟", 3, "北京", {"m": "1"})
    assert card.numbers == (NUMBER, OTHER)
    assert [one.interaction_id for one in card.contacts] == [interaction(2), interaction(1)]
    assert ([note.text for note in card.notes], [order.number for order in card.orders]) == (["喜欢上午"], ["7"])
    assert await store.customers.card(again) == card
    assert [hit.customer_id for hit in await store.customers.search("伟")] == [one]
    found = await store.customers.find(OTHER)
    assert found is not None
    assert (found.customer_id, found.candidates) == (one, ())
    with pytest.raises(Conflict, match="has been merged into"):
        await store.customers.edit(again, CustomerChange(name="x"), version=3, by="1001", at=T0)


async def test_a_fact_on_its_way_finds_the_merged_customer(store: Store) -> None:
    one, again = await two(store)
    await merge(store, one, again)
    await tell(store, *handled(interaction(3), T0 + 60, customer_id=again))
    assert interaction(3) in [contact.interaction_id for contact in await store.customers.timeline(one)]


async def test_an_undo_gives_both_back(store: Store) -> None:
    one, again = await two(store)
    before = await store.database.read(everything)
    merge_id = await merge(store, one, again)
    assert await store.merges.undo(merge_id, by="2001", at=T0 + 60) == (one, again)
    assert await store.database.read(everything) == before
    with pytest.raises(Conflict, match="undone already"):
        await store.merges.undo(merge_id, by="2001", at=T0 + 61)
    with pytest.raises(NotFound):
        await store.merges.undo(99, by="2001", at=T0 + 61)
    (row,) = await store.merges.of(one)
    assert (row.merge_id, row.other_name, row.undone_at) == (merge_id, "张 伟", T0 + 60)


async def test_an_undo_keeps_what_was_edited_and_who_called_meanwhile(store: Store) -> None:
    one, again = await two(store)
    merge_id = await merge(store, one, again)
    version = (await store.customers.summary(one)).version
    change = CustomerChange(city="上海", numbers=(NUMBER, OTHER, THIRD))
    await store.customers.edit(one, change, version=version, by="1001", at=T0 + 55)
    await tell(store, *handled(interaction(4), T0 + 56, number=OTHER, customer_id=one))
    await tell(store, *handled(interaction(5), T0 + 57, customer_id=one))
    await store.merges.undo(merge_id, by="2001", at=T0 + 60)
    ours, theirs = await store.customers.card(one), await store.customers.card(again)
    assert (ours.city, ours.numbers, ours.vip) == ("上海", (NUMBER, THIRD), 0)
    assert (theirs.city, theirs.numbers, theirs.vip) == ("北京", (OTHER,), 3)
    assert [contact.interaction_id for contact in ours.contacts] == [interaction(5), interaction(1)]
    assert [contact.interaction_id for contact in theirs.contacts] == [interaction(4), interaction(2)]


async def test_merges_upon_merges_are_undone_from_the_last(store: Store) -> None:
    one, again = await two(store)
    third = await store.customers.create(name="Z", number=THIRD, by="1001", at=T0)
    before = await store.database.read(everything)
    first = await merge(store, one, again)
    second = await merge(store, third, one)
    assert (await store.customers.card(again)).customer_id == third
    with pytest.raises(Conflict, match=f"merge {second} came after"):
        await store.merges.undo(first, by="2001", at=T0 + 61)
    await store.merges.undo(second, by="2001", at=T0 + 62)
    await store.merges.undo(first, by="2001", at=T0 + 63)
    assert await store.database.read(everything) == before


async def test_what_cannot_be_merged_is_said(store: Store) -> None:
    one, again = await two(store)
    with pytest.raises(Conflict, match="with themselves"):
        await store.merges.plan(one, one)
    with pytest.raises(NotFound):
        await store.merges.plan(one, 99)
    with pytest.raises(Conflict, match="edited by somebody else"):
        await store.merges.merge(one, again, versions=(1, 1), choices={}, by="2001", at=T0)
    await merge(store, one, again)
    with pytest.raises(Conflict, match="has been merged into"):
        await store.merges.plan(one, again)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=5))
async def test_merging_and_undoing_is_nothing_whatever_they_had(tmp_path: Path, calls: list[tuple[int, bool]]) -> None:
    name = uuid4().hex
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/{name}.db", spool=tmp_path / name)
    try:
        ids = [await store.customers.create(name=f"C{n}", number=NUMBER, by="x", at=T0) for n in range(2)]
        for n, (notes, first) in enumerate(calls):
            who = ids[first]
            row = {"id": interaction(n), "customer_id": who, "started_at": T0 + n, "ended_at": T0 + n + 1}
            await store.database.write(lambda c, row=row: c.execute(insert(t.interactions).values(**row)))  # type: ignore[misc]  # bound here
            for _ in range(notes):
                await store.customers.add_note(who, author="x", text=f"{n}", at=T0)
        before = await store.database.read(everything)
        merge_id = await merge(store, ids[0], ids[1])
        await store.merges.undo(merge_id, by="x", at=T0 + 99)
        assert await store.database.read(everything) == before
    finally:
        await store.close()
