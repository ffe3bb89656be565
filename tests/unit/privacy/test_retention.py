"""What has been kept for long enough goes, what is held or goes on stays, and no figure changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from cti.cli import main
from cti.events import Fact
from cti.privacy import retention
from cti.privacy.retention import Gone, Retention, cutoffs, until
from cti.settings import Settings, read
from cti.settings.keeping import RetentionSettings
from cti.store import tables as t
from cti.store.retention import QueueDue
from cti.store.store import Store
from tests.harness.house import QUEUES, write_config
from tests.unit.store.stories import NUMBER, T0, abandoned, audited, handled, interaction, tell

DAY = 86_400.0
NOW = T0 + 400 * DAY
KEPT = {"retention": {"recordings_days": 30, "interactions_days": 365, "at": "03:30"}}
LONGER = {**QUEUES, "after_sales": {**QUEUES["after_sales"], "retention": {"recordings_days": 0}}}


class Office:
    """A store with a recorded call of each day in `days` ago, of a customer who is known."""

    def __init__(self, root: Path, store: Store, settings: Settings) -> None:
        self.root, self.store = root, store
        self.retention = Retention(store, lambda: settings, clock=lambda: NOW)
        self.days: dict[int, str] = {}
        self.customer = 0

    async def call(self, days: int, *, story: Any = handled) -> str:
        name = interaction(len(self.days) + 1)
        facts: list[Fact] = story(name, NOW - days * DAY, customer_id=self.customer)
        await tell(self.store, *facts)
        row = await self.store.database.read(
            lambda c: c.scalar(select(t.recordings.c.path).where(t.recordings.c.interaction_id == name))
        )
        if row:
            file = self.root / "var" / "recordings" / row
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"RIFF" * 100)
        self.days[days] = name
        return name

    def recorded(self) -> set[str]:
        return {file.stem for file in (self.root / "var" / "recordings").rglob("*.wav")}

    async def named(self) -> set[str]:
        """Of whom it is known who they were."""
        i = t.interactions.c
        return set(await self.store.database.read(lambda c: c.scalars(select(i.id).where(i.number != "")).all()))

    async def figures(self) -> Any:
        spoken = {"number", "caller_name", "note", "fields", "text", "customer_id", "digits", "anonymised_at"}
        tables = (t.interactions, t.queue_visits, t.segments, t.offers, t.wrap_ups)
        return await self.store.database.read(
            lambda c: {
                table.name: [
                    tuple(v for n, v in row.items() if n not in spoken)
                    for row in c.execute(select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in tables
            }
        )


@asynccontextmanager
async def office(root: Path, **changes: Any) -> AsyncIterator[Office]:
    write_config(root, **(changes or KEPT))
    settings = read(root)
    store = await Store.open(settings.database_url, spool=root / "var" / "spool" / "facts")
    store.writer.own()
    writer = asyncio.create_task(store.writer.run())
    opened = Office(root, store, settings)
    opened.customer = (await store.customers.find_or_create(NUMBER, caller_name="张伟", at=T0)).customer_id
    yield opened
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await store.close()


async def test_what_is_over_goes_and_every_figure_stays(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        names = {days: await here.call(days) for days in (380, 370, 100, 31, 29, 1)}
        await tell(here.store, msgspec.structs.replace(audited(NOW, "2001"), subject=NUMBER, interaction_id=names[380]))
        before = await here.figures()
        assert await here.retention.show() == [QueueDue(queue="after_sales", recordings=4, interactions=2, held=0)]
        assert len(here.recorded()) == 6
        assert await here.retention.run() == Gone(recordings=4, interactions=2)
        assert here.recorded() == {names[29], names[1]}
        assert await here.named() == {names[days] for days in (100, 31, 29, 1)}
        assert await here.figures() == before
        told = str(await here.store.interactions.ledger(names[380]))
        assert NUMBER not in told
        assert "customer_id=0" in told
        assert (await here.store.interactions.get(names[370])).interaction.customer_id is None
        assert (await here.store.recordings.get(names[100])).problem == "its time was over"
        assert (await here.store.customers.card(here.customer)).name == "张伟"
        assert await here.retention.show() == []
        assert await here.retention.run() == Gone(recordings=0, interactions=0)
        log = await here.store.audit.list()
        assert {(row.actor, row.detail) for row in log if row.command == "retention.run"} == {
            ("retention", "2 interactions, 0 recordings; audit entries emptied: 1"),
            ("retention", "4 recordings"),
        }
        found = await here.store.audit.verify()
        assert (found.broken, found.emptied) == (None, 1)


async def test_it_is_said_that_files_still_name_who_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as here:
        await here.call(380)
        monkeypatch.setattr(here.store.writer, "forget", partial(asyncio.sleep, 0, False))
        assert await here.retention.run() == Gone(recordings=1, interactions=1, lingers=True)
        assert await here.retention.run() == Gone(recordings=0, interactions=0)


async def test_nothing_that_is_held_or_goes_on_is_touched(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        names = {days: await here.call(days) for days in (390, 385, 380)}
        open_one = await here.call(375, story=lambda *a, **k: abandoned(*a, **k)[:-1])
        await here.store.holds.add("interaction", names[390], reason="case 7", at=NOW, by="2001")
        customer = await here.store.holds.add("customer", str(here.customer), reason="case 8", at=NOW, by="2001")
        (due,) = await here.retention.show()
        assert (due.recordings, due.interactions, due.held) == (0, 0, 3)
        assert await here.retention.run() == Gone(recordings=0, interactions=0)
        await here.store.holds.release(customer.id, at=NOW, by="2001")
        queue = await here.store.holds.add("queue", "after_sales", reason="case 9", at=NOW, by="2001")
        assert await here.retention.run() == Gone(recordings=0, interactions=0)
        await here.store.holds.release(queue.id, at=NOW, by="2001")
        assert await here.retention.run() == Gone(recordings=2, interactions=2)
        assert await here.named() == {names[390], open_one}
        assert here.recorded() == {names[390]}


async def test_each_queue_has_its_own_time_and_a_day_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    monkeypatch.setattr(retention, "PAUSE_S", 0)
    kept = {"recordings_days": 30, "interactions_days": 365, "most": 4}
    async with office(tmp_path, queues=LONGER, retention=kept) as here:
        for days in (391, 390, 389, 388, 387):
            await here.call(days)
        await here.store.database.write(
            lambda c: c.execute(
                update(t.interactions).where(t.interactions.c.id == here.days[391]).values(queue="operator")
            )
        )
        assert [(one.queue, one.recordings, one.interactions) for one in await here.retention.show()] == [
            ("after_sales", 0, 4),
            ("operator", 1, 1),
        ]
        assert await here.retention.run() == Gone(recordings=1, interactions=4, more=True)
        assert here.recorded() == {here.days[387]}  # an interaction takes its recording along
        assert await here.retention.run() == Gone(recordings=0, interactions=1)


def test_nothing_goes_unless_a_time_is_given(tmp_path: Path) -> None:
    write_config(tmp_path)
    times = cutoffs(RetentionSettings(), read(tmp_path).queues, NOW)
    assert {*times.recordings.values(), *times.interactions.values()} == {0.0}


@pytest.mark.parametrize(("now", "hours"), [("2026-11-22T01:30", 2), ("2026-11-22T03:30", 24), ("2026-11-22T23:30", 4)])
def test_the_daily_work_begins_at_its_time(now: str, hours: float) -> None:
    assert until("03:30", datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Asia/Shanghai"))) == hours * 3600


def test_the_commands_show_what_would_go_and_do_it(tmp_path: Path) -> None:
    async def play() -> None:
        async with office(tmp_path) as here:
            await here.call(5000)  # long ago by any clock

    asyncio.run(play())

    def said(what: str) -> str:
        done = CliRunner().invoke(main, ["retention", what, "--root", str(tmp_path)])
        assert done.exit_code == 0, done.output
        return done.output

    assert said("show") == "after_sales\t1 recordings, 1 interactions\n"
    assert "1 recordings deleted, 1 interactions anonymised." in said("run")
    assert said("show") == "Nothing has been kept for long enough.\n"
