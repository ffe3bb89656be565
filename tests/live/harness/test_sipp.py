"""SIPp's callers and agents against a real Asterisk: what they count is what happened."""

from pathlib import Path

import pytest

from cti.errors import DeadlineExceeded
from cti.simulated import scenarios
from cti.simulated.phone import free_udp_port
from cti.simulated.sipp import parse_counts, run_sipp, sipp
from tests.harness.lab import open_lab
from tests.harness.phones import TRUNK_HOST


async def test_ten_callers_press_a_key_and_talk_to_an_agent_who_hangs_up(tmp_path: Path) -> None:
    port = free_udp_port()
    async with open_lab(tmp_path, (), {"1001": f"sip:127.0.0.1:{port}"}) as lab:
        lab.waiting.then = "d1001"
        desk = scenarios.agent(answer_after_ms=50, hang_up_after_ms=400)
        async with sipp(desk, server=lab.server, port=port, calls=10) as agents:
            people = scenarios.caller(number="1390000[call_number]", name="王小明 <b>", keys="7")
            counts = await run_sipp(people, server=lab.server, host=TRUNK_HOST, calls=10, rate=10, within=20)
            answered = await agents.wait(5)
        assert counts.clean, counts
        assert (counts.created, answered.successful, answered.failed) == (10, 10, 0)
        assert 0.5 < counts.elapsed_s < 15
        assert lab.waiting.keys == ["7"] * 10


async def test_callers_who_hang_up_themselves(tmp_path: Path) -> None:
    port = free_udp_port()
    async with open_lab(tmp_path, (), {"1001": f"sip:127.0.0.1:{port}"}) as lab, lab.tap() as tap:
        lab.waiting.then = "d1001"
        async with sipp(scenarios.agent(), server=lab.server, port=port, calls=3) as agents:
            people = scenarios.caller(number="13800138000", name="王小明 <b>", keys="12", hang_up_after_ms=600)
            counts = await run_sipp(people, server=lab.server, host=TRUNK_HOST, calls=3, within=20)
            assert (await agents.wait(5)).clean
        assert counts.clean
        created = await tap.wait_event("Newchannel")
        assert (created["CallerIDNum"], created["CallerIDName"]) == ("13800138000", "王小明 <b>")


async def test_calls_that_nobody_takes_are_counted_as_failed(tmp_path: Path) -> None:
    async with open_lab(tmp_path, ()) as lab:
        counts = await run_sipp(scenarios.caller(), server=lab.server, service="nobody", calls=2, within=10)
        assert (counts.created, counts.successful, counts.failed, counts.clean) == (2, 0, 2, False)


async def test_callers_who_wait_for_ever_are_a_missed_deadline_and_leave_no_process(tmp_path: Path) -> None:
    async with open_lab(tmp_path, ()) as lab:
        async with sipp(scenarios.caller(), server=lab.server, host=TRUNK_HOST, calls=1) as running:
            with pytest.raises(DeadlineExceeded):
                await running.wait(1.5)
        assert running._process.returncode is not None


def test_no_statistics_are_zeros() -> None:
    counts = parse_counts("")
    assert (counts.created, counts.successful, counts.failed, counts.elapsed_s) == (0, 0, 0, 0.0)
