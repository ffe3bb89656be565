"""After an erasure no byte of the name and the number is left, and every figure is what it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from cti.errors import Conflict, NotFound
from cti.events import CommandAudited, Fact, TaskSaved, TextRead, TextSent
from cti.store import tables as t
from cti.store.personal import Traces
from cti.store.projections import decode_fact
from cti.store.store import Store
from tests.unit.store.stories import T0, abandoned, handled, interaction, tell, transferred

NAME, NUMBER, LOCAL = "司马相如", "+8613912345678", "13912345678"
OTHER_NUMBER = "+8613800000002"
BY = CommandAudited(
    at=T0 + 9000, actor="9001", role="admin", command="customer.erase", subject="", allowed=True, detail=""
)


def of(facts: list[Fact], number: str, name: str, customer_id: int) -> Iterator[Fact]:
    """The same story of somebody else."""
    for fact in facts:
        changes: dict[str, Any] = {}
        if "customer_number" in fact.__struct_fields__:
            changes["customer_number"] = number
        for field in ("customer_name", "caller_name"):
            if field in fact.__struct_fields__:
                changes[field] = name
        if "customer_id" in fact.__struct_fields__:
            changes["customer_id"] = customer_id
        if "note" in fact.__struct_fields__:
            changes |= {"note": f"{name} 要求回电 {LOCAL}", "fields": {"serial": f"X-{name}"}}
        yield msgspec.structs.replace(fact, **changes)


def audit(command: str, subject: str, detail: str, interaction_id: str = "") -> CommandAudited:
    return CommandAudited(
        at=T0 + 50,
        actor="2001",
        role="supervisor",
        command=command,
        subject=subject,
        allowed=True,
        detail=detail,
        interaction_id=interaction_id,
    )


def task(task_id: str, interaction_id: str, customer_id: int, text: str) -> TaskSaved:
    return TaskSaved(
        at=T0 + 60,
        task_id=task_id,
        change="created",
        by="1001",
        text=text,
        due_at=T0 + 999,
        owner_kind="agent",
        owner="1001",
        created_at=T0 + 60,
        created_by="1001",
        interaction_id=interaction_id,
        customer_id=customer_id,
        customer_name=NAME,
        number=NUMBER,
    )


async def people(store: Store) -> tuple[int, int]:
    """Who is to go, and somebody else; both have talked, and others have talked about the first."""
    gone = (await store.customers.find_or_create(NUMBER, caller_name=NAME, at=T0)).customer_id
    stays = (await store.customers.find_or_create(OTHER_NUMBER, caller_name="王五", at=T0)).customer_id
    twin = (await store.customers.find_or_create("+8613912345679", caller_name="文君", at=T0)).customer_id
    await store.database.write(
        lambda c: [
            c.execute(t.customers.update().where(t.customers.c.id == gone).values(
                company="成都酒坊", addresses=[{"label": "家", "text": f"{NAME} 成都市"}], extra={"id": "510104"}
            )),
            c.execute(t.customer_notes.insert().values(customer_id=gone, at=T0, author="1001", text=f"{NAME} 喜欢酒")),
            c.execute(t.orders.insert().values(
                number="O-1", customer_id=gone, placed_at=T0, title="古琴", amount="¥1", state="sent"
            )),
            c.execute(t.customer_merges.insert().values(
                kept_id=gone, other_id=twin, at=T0, by="1001",
                record={side: image(NAME, NUMBER) for side in ("kept", "other", "after")} | {"moved": {}},
            )),
            c.execute(t.customers.update().where(t.customers.c.id == twin).values(merged_into=gone)),
            c.execute(t.recording_comments.insert().values(
                interaction_id=interaction(1), at_s=1, author="2001", text=f"{NAME} 很生气", created_at=T0
            )),
        ]
    )  # fmt: skip
    told: list[Fact] = [
        *of(handled(interaction(1), T0), NUMBER, NAME, gone),
        *of(transferred(interaction(2), T0 + 100), NUMBER, NAME, gone),
        *of(abandoned(interaction(3), T0 + 200), NUMBER, NAME, gone),
        *of(handled(interaction(4), T0 + 300), OTHER_NUMBER, "王五", stays),
        task("t1", interaction(1), gone, f"给{NAME}打电话"),
        task("t2", "", gone, "寄发票"),
        audit("recording.listen", NUMBER, "", interaction(1)),
        audit("customer.edit", str(gone), f"name: x -> {NAME}"),
        audit("text.send", "1001", f"call {NAME} at 0{LOCAL} please"),
        audit("customer.edit", str(stays), "city: a -> b"),
        TextSent(
            at=T0, text_id="x1", sender="2001", to="agent", target="1001", recipients=("1001",),
            text=f"{NAME} 的电话是 {LOCAL},不是 9{LOCAL}",
        ),
    ]  # fmt: skip
    await tell(store, *told)
    return gone, stays


def image(name: str, number: str) -> dict[str, Any]:
    return {
        "name": name, "vip": 0, "city": "", "company": "", "branch": "", "agent_id": "", "new": False,
        "extra": {}, "numbers": [number], "addresses": [],
    }  # fmt: skip


def everywhere(folder: Path) -> dict[str, list[bytes]]:
    """File -> which spellings of the name and the number are in its bytes."""
    spelled = [NAME.encode(), json.dumps(NAME)[1:-1].encode(), NAME.encode("utf-16-le"), LOCAL.encode()]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {
        file.name: found
        for file in files
        if (found := [one for one in spelled if one in file.read_bytes().replace(b"9" + LOCAL.encode(), b"")])
    }


async def figures(store: Store) -> Any:
    """Every row of the projections without the words: what reports are made of."""
    spoken = {"number", "caller_name", "note", "fields", "text", "customer_name", "digits", "channel", "anonymised_at"}
    tables = (t.interactions, t.queue_visits, t.segments, t.offers, t.transfers, t.wrap_ups, t.tasks, t.agent_states)
    return await store.database.read(
        lambda c: {
            table.name: sorted(
                (tuple(c_ for n, c_ in row.items() if n not in spoken) for row in c.execute(select(table)).mappings()),
                key=repr,
            )
            for table in tables
        }
    )


async def test_no_byte_is_left_and_every_figure_stays(store: Store, tmp_path: Path) -> None:
    gone, stays = await people(store)
    before = await figures(store)
    assert everywhere(tmp_path)
    customer = await store.erasure.find(gone)
    assert (len(customer.ids), customer.numbers, len(customer.interactions)) == (
        2,
        (NUMBER, "+8613912345679"),
        3,
    )
    assert [interaction_id for interaction_id, _ in customer.files] == [interaction(1)]
    done = await store.erasure.erase(customer, msgspec.structs.replace(BY, subject=str(gone)), "zz-1")
    assert (done.interactions, done.recordings, done.emptied) == (3, 1, 3)
    assert await store.writer.forget()
    assert everywhere(tmp_path) == {}
    await tell(store, TextRead(at=T0, text_id="x1", agent_id="1001"))  # the journal goes on in a new file
    assert len(list((tmp_path / "spool").glob("*.journal"))) == 1
    assert await figures(store) == before
    for fact in await store.interactions.ledger(""):
        assert "发票" not in str(fact)
    for n in (1, 2, 3):
        for fact in await store.interactions.ledger(interaction(n)):
            assert NAME not in str(fact)
        assert (await store.interactions.get(interaction(n))).interaction.customer_name == ""
    assert (await store.interactions.get(interaction(4))).interaction.note == "王五 要求回电 [erased]"
    with pytest.raises(NotFound):
        await store.customers.card(gone)
    assert (await store.customers.card(stays)).name == "王五"
    (text,) = await store.database.read(lambda c: c.scalars(select(t.texts.c.text)).all())
    assert text == f"[erased] 的电话是 [erased],不是 9{LOCAL}"
    assert (await store.recordings.get(interaction(1))).problem == "erased"


async def test_the_audit_log_holds_and_says_which_entries_were_emptied(store: Store) -> None:
    gone, stays = await people(store)
    customer = await store.erasure.find(gone)
    await store.erasure.erase(customer, msgspec.structs.replace(BY, subject=str(gone), detail="by letter"), "zz-1")
    found = await store.audit.verify()
    assert (found.broken, found.entries, found.emptied) == (None, 5, 3)
    last = (await store.audit.list(limit=1))[0]
    assert (last.command, last.subject) == ("customer.erase", str(gone))
    assert last.detail == "by letter; 3 interactions, 1 recordings; audit entries emptied: 1-3"
    kept = await store.audit.list(actor="2001")
    assert [(row.subject, row.detail) for row in kept if row.subject] == [(str(stays), "city: a -> b")]
    assert len(await store.interactions.ledger("")) == 6  # every one is still there, and still a fact


async def test_a_shared_number_and_a_common_name_stay_with_the_others(store: Store) -> None:
    gone, stays = await people(store)
    await store.database.write(
        lambda c: [
            c.execute(t.customer_numbers.insert().values(customer_id=stays, number=NUMBER)),
            c.execute(t.customers.update().where(t.customers.c.id == stays).values(name=NAME)),
        ]
    )
    customer = await store.erasure.find(gone)
    assert (NUMBER in customer.numbers, NAME in customer.names) == (False, False)
    await store.erasure.erase(customer, msgspec.structs.replace(BY, subject=str(gone)), "zz-1")
    card = await store.customers.card(stays)
    assert (card.name, NUMBER in card.numbers) == (NAME, True)
    row = (await store.interactions.get(interaction(1))).interaction
    assert (row.number, row.caller_name, row.note) == ("", "", "")
    (text,) = await store.database.read(lambda c: c.scalars(select(t.texts.c.text)).all())
    assert NAME in text


async def test_what_goes_on_is_held_or_belongs_to_another_is_not_erased(store: Store) -> None:
    gone, stays = await people(store)
    customer = await store.erasure.find(gone)
    with pytest.raises(NotFound):
        await store.erasure.find(99)
    with pytest.raises(Conflict, match="has been merged into"):
        await store.erasure.find(customer.ids[1])
    for kind, key in (("customer", str(gone)), ("interaction", interaction(2)), ("queue", "after_sales")):
        hold = await store.holds.add(kind, key, reason="case 7", at=T0, by="2001")  # type: ignore[arg-type]
        with pytest.raises(Conflict, match=f"is held: the {kind} {key}, by 2001: case 7"):
            await store.erasure.erase(customer, BY, "zz-1")
        with pytest.raises(Conflict, match="held already"):
            await store.holds.add(kind, key, reason="again", at=T0, by="2001")  # type: ignore[arg-type]
        assert await store.holds.release(hold.id, at=T0, by="2001") == hold
        with pytest.raises(NotFound):
            await store.holds.release(hold.id, at=T0, by="2001")
    for kind, key in (("customer", "99"), ("customer", "x"), ("interaction", "none")):
        with pytest.raises(NotFound):
            await store.holds.add(kind, key, reason="?", at=T0, by="2001")  # type: ignore[arg-type]
    await store.holds.add("customer", str(stays), reason="somebody else", at=T0, by="2001")
    await tell(store, *of(handled(interaction(8), T0 + 500)[:-4], NUMBER, NAME, gone))
    with pytest.raises(Conflict, match="not over yet"):
        await store.erasure.check(await store.erasure.find(gone))


async def test_the_export_has_all_that_is_known_and_nothing_of_others(store: Store) -> None:
    gone, _ = await people(store)
    told = await store.erasure.export(await store.erasure.find(gone))
    text = json.dumps(told, ensure_ascii=False, default=str)
    for known in (NAME, LOCAL, "成都酒坊", "510104", "喜欢酒", "古琴", "寄发票", "很生气", interaction(3)):
        assert known in text, known
    assert "王五" not in text
    assert {"customers", "customer_numbers", "customer_notes", "orders", "interactions", "segments", "facts"} <= set(
        told
    )
    assert not {"users", "sessions", "scores", "audit"} & set(told)
    assert len(told["tasks"]) == 2


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (NUMBER, ""),
        (LOCAL, ""),
        (f"00{NUMBER[1:]}", ""),
        (f"0{LOCAL}", ""),
        (f"打 {LOCAL}!", "打 [erased]!"),
        (f"PJSIP/{NUMBER}-0001", "PJSIP/[erased]-0001"),
        (f"1{LOCAL}", f"1{LOCAL}"),
        (f"{LOCAL}1", f"{LOCAL}1"),
        ("司马", "司马"),
        (f"致{NAME}先生", "致[erased]先生"),
    ],
)
def test_a_number_is_found_however_it_is_dialled_and_no_longer_one_is_hit(text: str, after: str) -> None:
    assert Traces([NUMBER], [NAME], country="+86").text(text) == after


def test_a_foreign_number_and_nothing_at_all() -> None:
    traces = Traces(["+85291234567"], ["X"], country="+86")
    assert [traces.text(one) for one in ("+85291234567", "0085291234567", "91234567", "X")] == ["", "", "91234567", "X"]
    assert Traces([], [], country="+86").value({"a": ["b", 1, None]}) == {"a": ["b", 1, None]}


def test_every_fact_is_still_one_of_its_kind_after_it_lost_its_words() -> None:
    for fact in (*handled(interaction(1), T0), *transferred(interaction(2), T0), task("t", "", 1, "x"), BY):
        body = msgspec.json.encode(fact).decode()
        assert type(decode_fact(Traces([], [], country="+86").fact(body, own=True))) is type(fact)
