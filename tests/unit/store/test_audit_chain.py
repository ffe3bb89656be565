"""Any change of what is stored of the audit log is found, and the first entry that does not hold is named."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, delete, insert, select, update

from cti.cli import main
from cti.errors import Unusable
from cti.store import tables as t
from cti.store.audit import seal
from cti.store.audit_anchor import AuditAnchor, read_anchor
from cti.store.audit_chain import Anchor, Broken, Entry, Link, emptied_note, link, verify
from cti.store.database import Database, make_engine, migrated_by
from cti.store.store import Store
from tests.harness.house import write_config
from tests.harness.postgres import private_postgres
from tests.unit.store.stories import T0, audited, tell

Rows = list[tuple[Link, Entry | None]]


def entry(n: int, **given: Any) -> Entry:
    told: dict[str, Any] = {
        "fact_id": f"f{n:04d}",
        "at": T0 + n / 7,
        "actor": "2001",
        "role": "supervisor",
        "command": "recording.listen",
        "subject": f"+86139{n:08d}",
        "allowed": True,
        "detail": "",
        "interaction_id": f"0mtest{n:08d}",
    }
    return Entry(**{**told, **given})


def chain(*entries: Entry) -> Rows:
    rows: Rows = []
    last: Link | None = None
    for one in entries:
        last = link(last, one)
        rows.append((last, one))
    return rows


def head(rows: Rows) -> Anchor:
    return Anchor(seq=rows[-1][0].seq, hash=rows[-1][0].hash)


def other(value: Any, text: str) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return text if text != value else text + "x"
    return text  # what was null


LINK_FIELDS, ENTRY_FIELDS = Link.__struct_fields__, Entry.__struct_fields__


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    count=st.integers(1, 12),
    where=st.integers(0, 11),
    field=st.sampled_from([*((True, f) for f in LINK_FIELDS), *((False, f) for f in ENTRY_FIELDS)]),
    text=st.text(max_size=12),
)
def test_a_change_of_any_field_of_any_entry_is_found(
    count: int, where: int, field: tuple[bool, str], text: str
) -> None:
    rows = chain(*(entry(n, detail=text) for n in range(count)))
    anchor, at = head(rows), where % count
    one, told = rows[at]
    of_link, name = field
    if of_link:
        one = Link(**{**fields(one), name: other(getattr(one, name), text)})
    elif told is not None:
        told = Entry(**{**fields(told), name: other(getattr(told, name), text)})
    rows[at] = (one, told)
    broken = verify(rows, anchor).broken
    assert broken is not None
    assert broken.seq == at + 1


def fields(one: Link | Entry) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


@settings(max_examples=200, deadline=None)
@given(count=st.integers(2, 12), data=st.data())
def test_what_was_removed_put_in_or_exchanged_is_found(count: int, data: st.DataObject) -> None:
    rows = chain(*(entry(n) for n in range(count)))
    anchor = head(rows)
    at = data.draw(st.integers(0, count - 1))
    renumber = data.draw(st.booleans())
    match data.draw(st.sampled_from(["remove", "forget", "insert", "exchange"])):
        case "remove":
            del rows[at]
        case "forget":
            rows[at] = (rows[at][0], None)
        case "insert":
            rows.insert(at, chain(entry(99))[0])
        case _:
            to = data.draw(st.integers(0, count - 1).filter(lambda to: to != at))
            rows[at], rows[to] = rows[to], rows[at]
            at = min(at, to)
    if renumber:
        rows = [(Link(**{**fields(one), "seq": n}), told) for n, (one, told) in enumerate(rows, 1)]
    broken = verify(rows, anchor).broken
    assert broken is not None
    # Whoever puts an entry in may make its own link right: then the one behind it does not hold.
    assert broken.seq in {at + 1, at + 2}


def test_a_cut_tail_and_a_chain_made_anew_are_found_by_the_anchor_alone() -> None:
    rows = chain(*(entry(n) for n in range(5)))
    anchor = head(rows)
    assert verify(rows, anchor).broken is None
    assert verify(rows[:3]).broken is None
    assert str(verify(rows[:3], anchor).broken) == "entry 4: it was cut off: by the anchor there were 5 entries"
    anew = chain(*(entry(n, actor="nobody") for n in range(7)))
    assert verify(anew).broken is None
    assert verify(anew, anchor).broken == Broken(
        seq=5, fact_id="f0004", what="it is not the one that the anchor outside the database names"
    )


def test_an_entry_may_be_emptied_only_when_an_erasure_names_it() -> None:
    def emptied(rows: Rows, *seqs: int) -> Rows:
        return [
            (Link(**{**fields(one), "salt": None}), Entry(**{**fields(told), "subject": "", "detail": ""}))
            if told is not None and one.seq in seqs
            else (one, told)
            for one, told in rows
        ]

    note = "2 interactions; " + emptied_note([2, 1, 4])
    assert note == "2 interactions; audit entries emptied: 1-2, 4"
    told = [entry(n) for n in range(4)]
    erased = chain(*told, entry(5, command="customer.erase", subject="7", detail=note))
    found = verify(emptied(erased, 1, 2, 4))
    assert (found.broken, found.entries, found.emptied) == (None, 5, 3)
    for rows, seqs in ((erased, (1, 3)), (chain(*told), (3,)), (chain(*told, entry(5, detail=note)), (1,))):
        assert verify(emptied(rows, *seqs)).broken == Broken(
            seq=seqs[-1], fact_id="", what="it was emptied, and no erasure names it"
        )
    refused = chain(*told, entry(5, command="customer.erase", detail=note, allowed=False))
    assert verify(emptied(refused, 1)).broken is not None
    assert emptied_note([]) == ""


# --- in the database ---


async def change(store: Store, statement: Any) -> None:
    await store.database.write(lambda c: c.execute(statement))


async def test_entries_are_chained_as_they_are_stored_and_a_replay_adds_none(store: Store) -> None:
    await tell(store, *(audited(T0 + n, f"200{n}") for n in range(3)))
    await tell(store, audited(T0 + 3, "2003", allowed=False))
    found = await store.audit.verify()
    assert (found.entries, found.broken, found.head) == (4, None, await store.audit.head())
    again = await store.database.read(lambda c: [dict(r) for r in c.execute(select(t.audit)).mappings()])
    await store.database.write(lambda c: seal(c, again))
    assert (await store.audit.verify()).entries == 4


@pytest.mark.parametrize("table", [t.audit, t.audit_chain], ids=lambda table: str(table.name))
async def test_every_column_of_the_database_is_under_the_chain(store: Store, table: Table) -> None:
    await tell(store, *(audited(T0 + n, f"200{n}") for n in range(3)))
    anchor = await store.audit.head()
    (second,) = await store.database.read(lambda c: c.execute(select(t.audit_chain).where(t.audit_chain.c.seq == 2)))
    here = table.c.fact_id == second.fact_id
    for column in table.columns:
        old = await store.database.read(lambda c, column=column: c.scalar(select(column).where(here)))  # type: ignore[misc]
        new = not old if isinstance(old, bool) else old + 7 if isinstance(old, int | float) else f"{old}x"
        await change(store, update(table).where(here).values({column.name: new}))
        broken = (await store.audit.verify(anchor)).broken
        assert broken is not None, column
        assert broken.seq == 2, column
        back = table.c.fact_id == (new if column.name == "fact_id" else second.fact_id)
        await change(store, update(table).where(back).values({column.name: old}))
    assert (await store.audit.verify(anchor)).broken is None


async def test_rows_that_are_put_in_or_removed_are_found(store: Store) -> None:
    await tell(store, *(audited(T0 + n, f"200{n}") for n in range(3)))
    anchor = await store.audit.head()
    assert anchor is not None
    strange = fields(entry(1))
    await change(store, insert(t.audit).values(strange))
    broken = (await store.audit.verify(anchor)).broken
    assert str(broken) == (
        "an entry outside the chain (f0001): it was put in beside the chain, or its link was removed"
    )
    await change(store, delete(t.audit).where(t.audit.c.fact_id == "f0001"))
    await change(store, delete(t.audit_chain).where(t.audit_chain.c.seq == 3))
    assert "cut off" in str((await store.audit.verify(anchor)).broken)


async def test_the_anchor_moves_forward_only(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "outside" / "head.json"
    anchor = AuditAnchor(store.audit, file)
    assert await anchor.move()
    assert read_anchor(file) is None
    await tell(store, audited(T0, "2001"), audited(T0 + 1, "2002"))
    assert await anchor.move()
    kept = read_anchor(file)
    assert kept is not None
    assert kept == await store.audit.head()
    await change(store, delete(t.audit_chain).where(t.audit_chain.c.seq == 2))
    assert not await AuditAnchor(store.audit, file).move()
    assert read_anchor(file) == kept
    file.write_text("{}")
    with pytest.raises(Unusable, match=r"head\.json"):
        read_anchor(file)


async def test_what_was_audited_before_the_chain_is_chained_by_the_migration(tmp_path: Path) -> None:
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path}/old.db"))
    await database.write_batch(migrated_by(lambda config: command.upgrade(config, "0008")))
    old = [fields(entry(n)) for n in (2, 0, 1)]
    await database.write(lambda c: c.execute(insert(t.audit), old))
    await database.close()
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/old.db", spool=tmp_path / "spool")
    found = await store.audit.verify()
    assert (found.entries, found.broken) == (3, None)
    chained = await store.database.read(lambda c: c.scalars(select(t.audit_chain.c.fact_id)).all())
    assert chained == ["f0000", "f0001", "f0002"]
    await store.close()


def test_the_command_says_what_is_wrong_in_one_sentence(tmp_path: Path) -> None:
    write_config(tmp_path)

    async def play() -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/var/laidian.db", spool=tmp_path / "spool")
        writer = asyncio.create_task(store.writer.run())
        await tell(store, audited(T0, "2001"), audited(T0 + 1, "2002"))
        await AuditAnchor(store.audit, tmp_path / "var" / "audit-head.json").move()
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        await store.close()

    async def meddle() -> None:
        database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path}/var/laidian.db"))
        await database.write(lambda c: c.execute(update(t.audit).values(allowed=False)))
        await database.close()

    asyncio.run(play())
    done = CliRunner().invoke(main, ["audit", "verify", "--root", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "The audit log is whole: 2 entries." in done.output
    asyncio.run(meddle())
    done = CliRunner().invoke(main, ["audit", "verify", "--root", str(tmp_path)])
    assert done.exit_code == 1
    assert "The audit log was changed: entry 1 (" in done.output


async def test_on_postgresql_two_who_append_at_once_make_one_chain(tmp_path: Path) -> None:
    with private_postgres() as postgres:
        store = await Store.open(postgres.create(), spool=tmp_path / "spool")

        def stored(c: Connection, row: dict[str, Any]) -> None:
            c.execute(insert(t.audit), row)
            seal(c, [row])

        async def append(who: str) -> None:
            for n in range(20):
                await store.database.write(partial(stored, row=fields(entry(n, fact_id=f"{who}{n}"))))

        await asyncio.gather(append("a"), append("b"))
        found = await store.audit.verify(await store.audit.head())
        assert (found.entries, found.broken) == (40, None)
        await change(store, update(t.audit).where(t.audit.c.fact_id == "b7").values(at=T0))
        broken = (await store.audit.verify()).broken
        assert broken is not None
        assert broken.fact_id == "b7"
        await store.close()
