import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select

from cti.customers.directory import Identified
from cti.desk.views import OrderView
from cti.errors import Conflict, NotConnected, NotFound, Unusable
from cti.events import CustomerIdentified, RecordingFailed
from cti.store import interactions, recordings
from cti.store import tables as t
from cti.store.customer_card import ContactFilter
from cti.store.customers import CustomerChange
from cti.store.database import Database, make_engine
from cti.store.interactions import BadCursor, InteractionFilter
from cti.store.recordings import RecordingFilter
from cti.store.store import Store
from cti.store.users import User
from tests.unit.store.stories import (
    NUMBER,
    T0,
    abandoned,
    arrival,
    handled,
    interaction,
    offer,
    tell,
    transferred,
)

LI_NA = User(login="1001", name="李娜", role="agent", password_hash="$argon2id$x", queues=("after_sales",))


async def zhang(store: Store) -> int:
    return (await store.customers.find_or_create(NUMBER, caller_name="", at=T0)).customer_id


# --- schema ---


async def test_migrations_give_exactly_the_tables_of_the_code(store: Store) -> None:
    def differences(c: Connection) -> object:
        return compare_metadata(MigrationContext.configure(c), t.metadata)

    assert await store.database.read(differences) == []


async def test_opening_again_keeps_everything(store: Store, url: str, tmp_path: Path) -> None:
    await store.users.add(LI_NA, at=T0)
    again = await Store.open(url, spool=tmp_path / "other")
    assert await again.users.get("1001") == LI_NA
    await again.close()


@pytest.mark.parametrize("bad", ["", "mysql://x/y", "sqlite+aiosqlite://", "sqlite:///x.db"])
def test_an_unusable_url_says_so(bad: str) -> None:
    with pytest.raises(Unusable):
        make_engine(bad)


async def test_a_database_that_cannot_be_reached_is_unusable_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be used"):
        await Store.open("postgresql+asyncpg://laidian:secret@127.0.0.1:1/laidian", spool=tmp_path)
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(Unusable, match="cannot be used"):
        await Store.open(f"sqlite+aiosqlite:///{tmp_path}/folder.db", spool=tmp_path)


# --- customers ---


async def test_an_unknown_caller_becomes_a_customer_and_is_known_the_next_time(store: Store) -> None:
    made = await store.customers.find_or_create(NUMBER, caller_name="Zhang Wei", at=T0)
    assert (made.name, made.vip, made.created) == ("Zhang Wei", 0, True)
    known = await store.customers.find_or_create(NUMBER, caller_name="other", at=T0)
    assert known == Identified(customer_id=made.customer_id, name="Zhang Wei", vip=0, created=False)
    card = await store.customers.card(made.customer_id)
    assert (card.new, card.numbers) == (True, (NUMBER,))


async def test_twenty_calls_at_once_from_one_new_number_make_one_customer(store: Store) -> None:
    found = await asyncio.gather(
        *(store.customers.find_or_create(NUMBER, caller_name=str(n), at=T0) for n in range(20))
    )
    assert len({f.customer_id for f in found}) == 1
    assert [f.created for f in found].count(True) == 1
    assert len(await store.customers.search("+86")) == 1


async def test_a_caller_name_that_is_only_the_number_is_no_name(store: Store) -> None:
    assert (await store.customers.find_or_create(NUMBER, caller_name="13900000001", at=T0)).name == ""


async def test_control_characters_do_not_get_into_a_name(store: Store) -> None:
    made = await store.customers.find_or_create(NUMBER, caller_name="Eve\x00\r\n\x1b[31m" + "e" * 999, at=T0)
    assert made.name == ("Eve[31m" + "e" * 999)[:200]


async def test_the_card_shows_orders_notes_and_the_latest_contacts(store: Store) -> None:
    customer = await zhang(store)
    await store.users.add(LI_NA, at=T0)
    await store.customers.add_note(customer, author="1001", text="喜欢上午接电话", at=T0 + 1)
    await store.database.write(
        lambda c: c.execute(
            insert(t.orders),
            [
                {
                    "number": "88123",
                    "customer_id": customer,
                    "placed_at": T0,
                    "title": "洗衣机",
                    "amount": "¥ 2,999.00",
                    "state": "shipped",
                },
                {
                    "number": "77001",
                    "customer_id": customer,
                    "placed_at": T0 - 9,
                    "title": "冰箱",
                    "amount": "¥ 10",
                    "state": "delivered",
                },
            ],
        )
    )
    for n in range(22):
        await tell(store, *handled(interaction(n), T0 + 100 * n))
    await tell(store, *arrival(interaction(50), T0 + 9000))
    card = await store.customers.card(customer)
    assert [n.author for n in card.notes] == ["李娜"]
    assert card.orders[0] == OrderView(
        number="88123", placed_at=T0, title="洗衣机", amount="¥ 2,999.00", state="shipped"
    )
    assert [o.number for o in card.orders] == ["88123", "77001"]
    assert [x.interaction_id for x in card.contacts] == [interaction(n) for n in range(21, 1, -1)]
    latest = card.contacts[0]
    assert (latest.agent_name, latest.talked_s, latest.outcome, latest.note) == ("李娜", 30, "handled", "约了维修")
    assert latest.has_recording
    older = await store.customers.timeline(customer, ContactFilter(before=card.contacts[-1].at))
    assert [x.interaction_id for x in older] == [interaction(1), interaction(0)]


async def test_search_by_name_company_and_number_in_any_writing(store: Store) -> None:
    customer = await zhang(store)
    change = CustomerChange(name="张伟 100%", vip=3, city="北京", company="Acme_1")
    await store.customers.edit(customer, change, version=1, by="1001", at=T0)
    await store.customers.find_or_create("+442079460018", caller_name="Emma", at=T0)
    for text in ("张", "acme_1", "139 0000 0001", "0086-13900000001", "0000001", "100%"):
        assert [x.name for x in await store.customers.search(text)] == ["张伟 100%"], text
    assert [x.name for x in await store.customers.search("emma")] == ["Emma"]
    assert await store.customers.search("acmeX1") == []
    assert await store.customers.search("' OR 1=1 --") == []


async def test_an_empty_search_gives_who_called_last(store: Store) -> None:
    first = await zhang(store)
    second = (await store.customers.find_or_create("+442079460018", caller_name="Emma", at=T0)).customer_id
    assert await store.customers.search(" ") == []
    await tell(store, *abandoned(interaction(1), T0), *arrival(interaction(2), T0 + 1, customer_id=second))
    assert [x.customer_id for x in await store.customers.search("")] == [second, first]
    await tell(store, *arrival(interaction(3), T0 + 2, customer_id=first))
    assert [x.customer_id for x in await store.customers.search("", limit=1)] == [first]


async def test_an_edit_that_did_not_see_the_last_one_is_refused(store: Store) -> None:
    customer = await zhang(store)
    change = CustomerChange(name="张伟", vip=3)
    await store.customers.edit(customer, change, version=1, by="1001", at=T0)
    edited = await store.customers.summary(customer)
    assert (edited.version, edited.new, edited.vip) == (2, False, 3)
    with pytest.raises(Conflict, match="somebody else"):
        await store.customers.edit(customer, CustomerChange(name="x"), version=1, by="1002", at=T0)
    with pytest.raises(NotFound):
        await store.customers.edit(999, change, version=1, by="1001", at=T0)


async def test_a_number_is_added_once_and_may_be_shared(store: Store) -> None:
    one = await zhang(store)
    two = (await store.customers.find_or_create("+442079460018", caller_name="", at=T0)).customer_id
    await store.customers.add_number(one, "+861062345678")
    await store.customers.add_number(one, "+861062345678")
    assert (await store.customers.summary(one)).numbers == (NUMBER, "+861062345678")
    await store.customers.add_number(two, "+861062345678")
    assert (await store.customers.summary(two)).numbers == ("+442079460018", "+861062345678")
    with pytest.raises(NotFound):
        await store.customers.add_number(99, "+861062345679")
    with pytest.raises(NotFound):
        await store.customers.add_note(99, author="1001", text="x", at=T0)


async def test_calls_that_came_while_the_database_was_away_get_their_customer(store: Store) -> None:
    known = await zhang(store)
    facts = [f for n in (1, 2) for f in arrival(interaction(n), T0 + n) if not isinstance(f, CustomerIdentified)]
    unknown = arrival(interaction(3), T0, number="+442079460018", customer_id=0)
    withheld = [f for f in arrival(interaction(4), T0, number="") if not isinstance(f, CustomerIdentified)]
    await tell(store, *facts, *unknown, *withheld)
    assert await store.customers.adopt_orphans() == 3
    assert await store.customers.adopt_orphans() == 0
    found = {i.interaction_id: i.customer_id for i in (await store.interactions.search(InteractionFilter())).items}
    assert found[interaction(1)] == found[interaction(2)] == known
    assert found[interaction(3)] not in {None, known}
    assert found[interaction(4)] is None


# --- interactions and recordings ---


async def test_interactions_are_found_by_agent_number_customer_queue_time_and_outcome(store: Store) -> None:
    customer = await zhang(store)
    await tell(
        store,
        *handled(interaction(1), T0),
        *transferred(interaction(2), T0 + 100),
        *abandoned(interaction(3), T0 + 200),
    )

    async def found(**wanted: object) -> list[int]:
        page = await store.interactions.search(InteractionFilter(**wanted))  # type: ignore[arg-type]
        return [int(row.interaction_id[-8:]) for row in page.items]

    assert await found() == [3, 2, 1]
    assert await found(agent_id="1001") == [3, 2, 1]
    assert await found(agent_id="1002") == [2]
    assert await found(number=NUMBER, outcome="abandoned") == [3]
    assert await found(customer_id=customer, queue="complaints") == [2]
    assert await found(since=T0 + 100, until=T0 + 200) == [2]
    assert await found(complaint=True) == []


async def test_pages_follow_each_other_without_gap_or_repetition(store: Store) -> None:
    for n in range(7):
        await tell(store, *abandoned(interaction(n), T0 + n // 3))  # several began at the same moment
    seen: list[str] = []
    cursor = None
    while True:
        page = await store.interactions.search(InteractionFilter(), cursor=cursor, limit=3)
        seen += [row.interaction_id for row in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == [interaction(n) for n in range(6, -1, -1)]
    with pytest.raises(BadCursor):
        await store.interactions.search(InteractionFilter(), cursor="x'; DROP TABLE facts")
    with pytest.raises(NotFound):
        await store.interactions.get("nothing")


async def test_a_restarted_daemon_learns_who_waits_and_who_talks(store: Store) -> None:
    await tell(
        store,
        *handled(interaction(1), T0),
        *arrival(interaction(2), T0 + 10),
        *offer(interaction(2), 1, T0 + 20, "1001", "rona"),
        *transferred(interaction(3), T0)[:-2],
    )
    waiting, talking = await store.interactions.open()
    assert (waiting.interaction_id, waiting.queue, waiting.queued_at) == (interaction(2), "after_sales", T0 + 13)
    assert (waiting.agent_id, waiting.segments, waiting.offers, waiting.channel) == (
        "",
        0,
        1,
        f"trunk-{interaction(2)}",
    )
    assert [s.label for s in waiting.ivr] == ["售后"]
    assert (talking.agent_id, talking.connected_at, talking.queued_at, talking.segments) == ("1002", T0 + 33, None, 2)


async def test_recordings_are_found_by_interaction_agent_customer_number_and_time(store: Store) -> None:
    customer = await zhang(store)
    await tell(
        store,
        *handled(interaction(1), T0),
        *handled(interaction(2), T0 + 100, agent="1002"),
        *handled(interaction(3), T0 + 200)[:-3],
        RecordingFailed(at=T0 + 250, interaction_id=interaction(3), reason="there is no file"),
    )

    async def found(**wanted: object) -> list[int]:
        rows = await store.recordings.find(RecordingFilter(**wanted))  # type: ignore[arg-type]
        return [int(row.interaction_id[-8:]) for row in rows]

    assert await found() == [2, 1]
    assert await found(agent_id="1002") == [2]
    assert await found(number=NUMBER, until=T0 + 50) == [1]
    assert await found(customer_id=customer, since=T0 + 50) == [2]
    assert await found(interaction_id=interaction(1)) == [1]
    assert await found(interaction_id=interaction(3)) == []
    row = await store.recordings.get(interaction(1))
    assert (row.path, row.duration_s, row.size, row.channels) == (f"2026/09/21/{interaction(1)}.wav", 30, 960044, 2)
    assert (await store.recordings.get(interaction(3))).problem == "there is no file"
    assert [p.file for p in await store.recordings.parts(interaction(1))] == [f"{interaction(1)}.raw"]
    with pytest.raises(NotFound):
        await store.recordings.get("nothing")


# --- users and sessions ---


async def test_users_are_kept_with_queues_and_skills(store: Store) -> None:
    chen = User(login="2001", name="陈静", role="supervisor", password_hash="h", skills={"english": 7})
    await store.users.add(LI_NA, at=T0)
    await store.users.add(chen, at=T0)
    assert await store.users.list() == [LI_NA, chen]
    assert await store.users.list(role="supervisor") == [chen]
    with pytest.raises(Conflict):
        await store.users.add(LI_NA, at=T0)
    with pytest.raises(NotFound):
        await store.users.get("nobody")
    with pytest.raises(NotFound):
        await store.users.update(User(login="nobody", name="", role="agent", password_hash=""))


async def test_a_session_ends_by_log_out_by_time_and_with_its_user(store: Store) -> None:
    await store.users.add(LI_NA, at=T0)
    for token in ("a", "b", "c"):
        await store.sessions.add(token, login="1001", csrf=f"csrf-{token}", at=T0, expires_at=T0 + 60)
    session = await store.sessions.get("a", at=T0 + 59)
    assert session is not None
    assert (session.user, session.csrf, session.expires_at) == (LI_NA, "csrf-a", T0 + 60)
    assert await store.sessions.get("a", at=T0 + 60) is None
    await store.sessions.extend("a", expires_at=T0 + 100)
    assert await store.sessions.get("a", at=T0 + 60) is not None
    await store.sessions.end("a")
    assert await store.sessions.get("a", at=T0) is None
    await store.users.update(User(login="1001", name="李娜", role="agent", password_hash="h", disabled=True))
    assert await store.sessions.get("b", at=T0) is None
    assert await store.users.list() == []
    stored = await store.database.read(lambda c: c.execute(select(t.sessions)).all())
    assert stored == []


async def test_the_cookies_secret_is_not_in_the_database(store: Store) -> None:
    await store.users.add(LI_NA, at=T0)
    await store.sessions.add("secret-token", login="1001", csrf="x", at=T0, expires_at=T0 + 60)
    stored = await store.database.read(lambda c: c.scalars(select(t.sessions.c.token_hash)).all())
    assert "secret" not in "".join(stored)


async def test_a_database_that_is_not_there_is_not_connected_for_those_who_ask(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/not/there/yet.db")
    (tmp_path / "not/there").rmdir()
    database = Database(engine)
    with pytest.raises(NotConnected):
        await database.read(lambda c: c.scalar(select(1)))
    await database.close()


async def test_an_assignment_changes_what_is_given_and_nothing_else(store: Store) -> None:
    user = User(login="1001", name="李娜", role="agent", password_hash="", queues=("a", "b"), skills={"zh": 3})
    await store.users.add(user, at=1.0)
    await store.users.assign("1001", skills={"zh": 5}, groups=("experts",))
    await store.users.absent_from("1001", ("b",))
    again = await store.users.get("1001")
    assert (again.queues, again.skills, again.groups, again.absent_from) == (
        ("a", "b"),
        {"zh": 5},
        ("experts",),
        ("b",),
    )
    await store.users.assign("1001", queues=())
    assert (await store.users.get("1001")).queues == ()
    for work in (store.users.assign("x", queues=()), store.users.assign("x"), store.users.absent_from("x", ())):
        with pytest.raises(NotFound):
            await work


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # PostgreSQL plans by the size of the tables
async def test_an_agents_interactions_are_looked_up_once_and_not_for_each_row(store: Store) -> None:
    """The desk asks for them whenever it is idle: with 100,000 interactions it once took 15 s."""

    def plan(c: Connection) -> str:
        queries = (
            interactions._matching(select(t.interactions.c.id), InteractionFilter(agent_id="1001"), None),
            recordings._matching(RecordingFilter(agent_id="1001")),
        )
        texts = [str(query.compile(c, compile_kwargs={"literal_binds": True})) for query in queries]
        return "\n".join(row.detail for text in texts for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))

    assert "CORRELATED" not in await store.database.read(plan)
