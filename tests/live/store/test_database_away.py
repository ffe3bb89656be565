"""The daemon on a real PostgreSQL, which is killed and then frozen in the middle of calls: no caller notices."""

import asyncio
from pathlib import Path

import msgspec

from cti.events import AlarmRaised, Fact, InteractionConnected, InteractionEnded, RecordingPublished, SegmentEnded
from cti.store.projections import PROJECTIONS
from tests.harness.house import House, open_house, until
from tests.harness.postgres import private_postgres


def bodies(facts: list[Fact]) -> list[str]:
    return [msgspec.json.encode(fact).decode() for fact in facts if type(fact) in PROJECTIONS]


async def serve(house: House, number: str, count: int) -> None:
    """A whole call, in which both hear each other."""
    async with house.agent("1001") as agent, house.caller(number) as caller:
        await agent.play(1000)
        await caller.play(440)
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        await house.enter_queue(caller, count=count)
        await house.wait(InteractionConnected, within=30, count=count)
        await agent.wait_hears({440})
        await caller.wait_hears({1000})
        await caller.hang_up()
        await house.wait(SegmentEnded, within=30, count=count)


async def test_calls_go_on_and_every_fact_is_stored_once_and_in_order(tmp_path: Path) -> None:
    with private_postgres() as postgres:
        url = postgres.create()
        async with open_house(tmp_path, database=url) as house:
            writer = house.daemon.store.writer
            await serve(house, "13900000001", 1)
            assert await writer.drain(30)
            async with house.caller("13900000009") as caller:
                await caller.dial("4000")
                await caller.wait_established()
                postgres.kill()
                await serve(house, "13900000002", 2)
                await caller.hang_up()
            await house.wait(InteractionEnded, within=30, count=3)
            await until(lambda: writer.status.away, "the writer knows that the database is away", within=30)
            await until(lambda: any(one.kind == "database" for one in house.of(AlarmRaised)), "the alarm", within=30)
            assert writer.status.spool_bytes > 0
            await asyncio.to_thread(postgres.start)
            assert await writer.drain(60)
            postgres.freeze()
            await serve(house, "13900000003", 3)
            await asyncio.wait_for(writer.kept(), 10)  # in the journal, and synced
            postgres.thaw()
            await house.wait(InteractionEnded, within=30, count=4)
            await house.wait(RecordingPublished, within=30, count=3)
            assert await writer.drain(60)
            stored = [row["body"] for row in postgres.rows("SELECT body FROM facts ORDER BY id", url)]
            told = bodies(house.facts)
            assert writer.status.dropped == writer.status.refused == 0
            outcomes = postgres.rows("SELECT outcome FROM interactions ORDER BY started_at", url)
        assert stored[-len(told) :] == told
        assert len(set(stored)) == len(stored)
        assert sorted(row["outcome"] for row in outcomes) == ["abandoned", "handled", "handled", "handled"]
