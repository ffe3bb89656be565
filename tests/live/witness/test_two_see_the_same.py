"""panoramisk and Asterisk's own call records against our mirror and our books: who tells the truth about a call?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.customers.numbers import canonical
from cti.desk import commands as ask
from cti.events import CallEnded, InteractionConnected, InteractionEnded, OfferEnded
from tests.harness.books import Books, Cdr, wait_cdr
from tests.harness.house import House, open_house
from tests.harness.witness import Account, Witness, our_account, watching

CUSTOMER, FIRST, SECOND = 440, 1000, 1600
CLOCK_S = 0.001
"""Both read the time stamp of the same event."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, witness=True) as opened:
        yield opened


@pytest.fixture
async def witness(house: House) -> AsyncIterator[Witness]:
    async with watching(house.asterisk) as watched:
        yield watched


async def both_saw(house: House, witness: Witness, channels: int) -> Account:
    """The witness's account, when the call is over for both; every word of it is in ours, and no more."""
    await witness.until_all_gone(channels)
    await house.wait(CallEnded)
    theirs, ours = witness.account, our_account(house.facts)
    for kind in Account.__dataclass_fields__:
        told, seen = sorted(getattr(ours, kind)), sorted(getattr(theirs, kind))
        assert [(who, what) for who, _, what in told] == [(who, what) for who, _, what in seen], kind
        for (_, at, _), (_, seen_at, _) in zip(told, seen, strict=True):
            assert abs(at - seen_at) < CLOCK_S, kind
    return theirs


async def records(house: House, interaction: str) -> tuple[dict[str, object], list[dict[str, object]], list[Cdr]]:
    """(our stored interaction, its segments, Asterisk's lines), after what is common to all calls was compared."""
    assert await house.daemon.store.writer.drain(5)
    books = Books(house.daemon.settings.root / "var" / "laidian.db")
    stored = books.interaction(interaction)
    segments = books.rows("SELECT * FROM segments WHERE interaction_id = ? ORDER BY segment", interaction)
    lines = await wait_cdr(house.asterisk.cdr_file, stored["linkedid"])
    own = sorted((line for line in lines if line.uniqueid == stored["channel"]), key=lambda line: line.start)
    assert abs(own[0].start - stored["started_at"]) < 1
    assert own[0].answer is not None
    assert abs(own[0].answer - stored["started_at"]) < 1
    assert abs(max(line.end for line in lines) - stored["ended_at"]) < 1
    assert {canonical(line.src, "CN") for line in own} == {stored["number"]}
    assert own[0].dst == ("s" if len(segments) > 1 else stored["dialled"])  # Asterisk writes where it was sent last
    talks = [line for line in lines if line.lastapp == "Bridge" and line.dstchannel]
    for segment, line in zip(segments, talks, strict=True):
        assert line.uniqueid.startswith(f"ld-{interaction}-")
        assert line.channel.startswith(f"PJSIP/d{segment['agent_id']}-")
        assert line.answer is not None
        assert abs(line.answer - segment["connected_at"]) < 1
        assert abs(line.end - segment["ended_at"]) < 1
        assert abs(line.billed_s - segment["talk_s"]) < 1
    return stored, segments, lines


async def test_an_answered_call(house: House, witness: Witness) -> None:
    async with house.agent("1001") as agent, house.caller("13900000001") as caller:
        await agent.play(FIRST)
        talk = await house.talk(caller, agent)
        await caller.wait_hears({FIRST}, steady_s=1.0)
        await caller.hang_up()
        await house.wait(InteractionEnded)
        seen = await both_saw(house, witness, 2)
        stored, segments, lines = await records(house, talk.interaction_id)
    assert [what for _, _, what in seen.hung_up] == ["16 Normal Clearing"] * 2
    assert len({bridge for _, _, bridge in seen.entered}) == 1
    assert len(seen.entered) == len(seen.left) == 2
    assert (stored["outcome"], stored["cause"], len(segments)) == ("handled", 16, 1)
    assert {line.disposition for line in lines} == {"ANSWERED"}


async def test_a_caller_who_hangs_up_in_the_queue(house: House, witness: Witness) -> None:
    async with house.caller("13900000002") as caller:
        queued = await house.enter_queue(caller)
        await caller.wait_sound(1.0)
        await caller.hang_up()
        await house.wait(InteractionEnded)
        seen = await both_saw(house, witness, 1)
        stored, segments, lines = await records(house, queued.interaction_id)
    assert not seen.entered
    assert (stored["outcome"], stored["ended_by"], segments) == ("abandoned", "customer", [])
    (line,) = lines
    assert (line.lastapp, line.dstchannel) == ("AGI", "")


async def test_a_blind_transfer(house: House, witness: Witness) -> None:
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller("13900000003") as caller:
        await first.play(FIRST)
        await second.play(SECOND)
        await second.answer_all(after=0.1)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        await caller.wait_hears({FIRST}, steady_s=1.0)
        await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="agent", target="1002")
        await house.wait(InteractionConnected, agent_id="1002")
        await caller.wait_hears({SECOND}, steady_s=1.0)
        await second.hang_up()
        await house.wait(InteractionEnded)
        seen = await both_saw(house, witness, 3)
        stored, segments, _ = await records(house, talk.interaction_id)
    assert len(seen.entered) == len(seen.left) == 4
    assert (stored["outcome"], stored["ended_by"]) == ("handled", "agent")
    assert [segment["ended_by"] for segment in segments] == ["transfer", "agent"]


async def test_an_agent_who_does_not_answer(house: House, witness: Witness) -> None:
    async with house.agent("1001") as agent, house.caller("13900000004") as caller:
        await house.ready("1001")
        queued = await house.enter_queue(caller)
        await agent.wait_call()
        await house.wait(OfferEnded, reason="rona")
        await caller.hang_up()
        await house.wait(InteractionEnded)
        seen = await both_saw(house, witness, 2)
        stored, segments, _ = await records(house, queued.interaction_id)
        (rung,) = await wait_cdr(house.asterisk.cdr_file, f"ld-{queued.interaction_id}-1")  # a call of its own
    assert not seen.entered
    assert (stored["outcome"], segments) == ("abandoned", [])
    assert (rung.disposition, rung.answer) == ("NO ANSWER", None)
