"""One number, several customers: who is taken for the caller, and what an agent makes of it."""

import asyncio

import pytest

from cti.customers.directory import Candidate, Identified
from cti.errors import Conflict, NotFound
from cti.events import CustomerIdentified
from cti.store.customers import CustomerChange
from cti.store.interactions import InteractionFilter
from cti.store.store import Store
from tests.unit.store.stories import NUMBER, T0, abandoned, arrival, handled, interaction, tell

OTHER = "+442079460018"


async def family(store: Store) -> list[int]:
    """Three customers with one number; the second was talked to, the third only ever gave up."""
    ids = [await store.customers.create(name=name, number=NUMBER, by="1001", at=T0) for name in ("父", "母", "子")]
    await tell(store, *handled(interaction(1), T0 + 100, customer_id=ids[1]))
    await tell(store, *abandoned(interaction(2), T0 + 200, customer_id=ids[2]))
    return ids


async def test_the_caller_is_taken_for_whom_somebody_talked_to_last(store: Store) -> None:
    father, mother, child = await family(store)
    found = await store.customers.find_or_create(NUMBER, caller_name="x", at=T0)
    assert (found.customer_id, found.name, found.created) == (mother, "母", False)
    assert [(one.customer_id, one.last_at) for one in found.candidates] == [
        (mother, T0 + 100),
        (father, None),
        (child, None),
    ]
    assert found.candidates[0] == Candidate(customer_id=mother, name="母", vip=0, city="", company="", last_at=T0 + 100)
    await tell(store, *handled(interaction(3), T0 + 300, customer_id=child))
    assert [one.name for one in (await store.customers.find_or_create(NUMBER, caller_name="", at=T0)).candidates] == [
        "子",
        "母",
        "父",
    ]


async def test_who_alone_has_a_number_has_no_rivals(store: Store) -> None:
    made = await store.customers.find_or_create(OTHER, caller_name="Emma", at=T0)
    found = await store.customers.find(OTHER)
    assert found == Identified(customer_id=made.customer_id, name="Emma", vip=0, created=False)


async def test_whoever_an_agent_names_has_the_number_and_nobody_else_goes_for_it(store: Store) -> None:
    made = await store.customers.find_or_create(NUMBER, caller_name="", at=T0)
    known = await store.customers.create(name="王芳", number=OTHER, by="1001", at=T0)
    await tell(store, *arrival(interaction(1), T0, customer_id=made.customer_id))
    await store.customers.assign(known, number=NUMBER, instead_of=made.customer_id)
    assert (await store.customers.summary(known)).numbers == (OTHER, NUMBER)
    with pytest.raises(NotFound):  # it was nothing but the number
        await store.customers.card(made.customer_id)
    with pytest.raises(NotFound):
        await store.customers.assign(999, number=NUMBER, instead_of=0)


@pytest.mark.parametrize("why", ["edited", "note", "called before"])
async def test_somebody_of_whom_more_is_known_stays(store: Store, why: str) -> None:
    made = await store.customers.find_or_create(NUMBER, caller_name="", at=T0)
    if why == "edited":
        change = CustomerChange(name="李雷")
        await store.customers.edit(made.customer_id, change, version=1, by="1001", at=T0)
    elif why == "note":
        await store.customers.add_note(made.customer_id, author="1001", text="x", at=T0)
    else:
        await tell(store, *abandoned(interaction(1), T0, customer_id=made.customer_id))
    known = await store.customers.create(name="王芳", number="", by="1001", at=T0)
    await store.customers.assign(known, number="", instead_of=made.customer_id)
    assert (await store.customers.card(made.customer_id)).numbers == (NUMBER,)
    assert (await store.customers.card(known)).numbers == ()


async def test_what_an_agent_said_is_what_the_books_say(store: Store) -> None:
    ids = await family(store)
    said = CustomerIdentified(
        at=T0 + 400, interaction_id=interaction(4), customer_id=ids[0], customer_name="父", vip=0, by="1001"
    )
    await tell(store, *handled(interaction(4), T0 + 390, customer_id=ids[1]), said)
    assert [one.interaction_id for one in await store.customers.timeline(ids[0])] == [interaction(4)]
    assert [one.interaction_id for one in await store.customers.timeline(ids[1])] == [interaction(1)]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("张伟", "张伟"),
        ("  李娜\x00 ", "李娜"),
        ("Anonymous", ""),
        ("13900000001", ""),
        ("+86 139-0000-0002", ""),
        ("12", ""),
    ],
)
async def test_a_name_in_chinese_is_a_name_and_a_number_is_none(store: Store, sent: str, kept: str) -> None:
    assert (await store.customers.find_or_create(NUMBER, caller_name=sent, at=T0)).name == kept


async def test_calls_from_inside_become_nobodys_customer(store: Store) -> None:
    facts = [fact for fact in arrival(interaction(1), T0, number="1001") if not isinstance(fact, CustomerIdentified)]
    await tell(store, *facts)
    assert await store.customers.adopt_orphans() == 0
    assert (await store.interactions.search(InteractionFilter())).items[0].customer_id is None


async def test_of_ten_edits_from_one_version_one_is_kept(store: Store) -> None:
    one = await store.customers.create(name="A", number=NUMBER, by="1001", at=T0)

    async def edit(n: int) -> bool:
        change = CustomerChange(name=f"B{n}", numbers=(NUMBER, OTHER), extra={"x": str(n)})
        try:
            await store.customers.edit(one, change, version=1, by=f"a{n}", at=T0 + n)
        except Conflict:
            return False
        return True

    done = await asyncio.gather(*map(edit, range(10)))
    assert done.count(True) == 1
    card = await store.customers.card(one)
    assert card.updated_by == f"a{done.index(True)}"
    assert (card.name, card.extra, card.version) == (f"B{done.index(True)}", {"x": str(done.index(True))}, 2)
