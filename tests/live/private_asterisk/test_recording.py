"""What MixMonitor on the customer's channel holds and what it does not: facts that recording relies on."""

import array
import asyncio
import time
from pathlib import Path

import pytest

from cti.private_asterisk import AsteriskSettings
from tests.live.private_asterisk.conftest import Stage, open_stage
from tests.live.private_asterisk.phone import LINEAR, Phone, power_at

TRUNK = "127.0.0.2"
BEHIND = 65000  # sequence numbers that are "before" those of a phone which began at 0
Tones = set[int]


def tones(file: Path, begin: float, end: float) -> tuple[Tones, Tones]:
    """Which tones the left and the right channel hold in these seconds of a raw stereo file."""
    samples = array.array("h", file.read_bytes()[: file.stat().st_size // 4 * 4])
    left, right = samples[0::2], samples[1::2]
    piece = slice(int(begin * 8000), int(end * 8000))
    present = [
        {hz for hz in (440, 1000, 2000, 3000) if power_at(list(side[piece]), hz) > 4000} for side in (left, right)
    ]
    return present[0], present[1]


def seconds(file: Path) -> float:
    return file.stat().st_size / 4 / 8000


async def test_one_file_holds_hold_and_resume(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        file, _ = await stage.record(customer)
        await asyncio.sleep(1)
        await stage.set("ld-x-1", "LD_HOLD", "1")
        await stage.redirect(customer, "ld-hold")
        await asyncio.sleep(1)
        await stage.redirect("ld-x-1", "ld-agent")
        await asyncio.sleep(1)
        lasted = await stage.finish_recording(customer)
    assert abs(seconds(file) - lasted) < 0.1
    assert tones(file, 0.1, 0.9) == ({1000}, {440})
    assert tones(file, 1.2, 1.8) == ({1000}, set())  # music
    assert tones(file, 2.2, 2.9) == ({1000}, {440})


@pytest.mark.parametrize("sequence", [BEHIND, 30000])
async def test_a_take_over_is_recorded_wherever_the_newcomers_rtp_begins(
    settings: AsteriskSettings, sequence: int
) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(hertz=2000, sequence=sequence) as supervisor,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent, supervisor]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        file, _ = await stage.record(customer)
        await asyncio.sleep(1)
        await stage.connect("1002", "lds-x-1", customer, "ld-takeover")
        async with asyncio.timeout(20):
            await agent.over.wait()
        assert not supervisor.over.is_set()
        await asyncio.sleep(1)
        lasted = await stage.finish_recording(customer)
        assert caller.hears(2000, time.time() - 0.5, time.time())
    assert abs(seconds(file) - lasted) < 0.1
    assert tones(file, 0.1, 0.9) == ({1000}, {440})
    assert tones(file, lasted - 0.8, lasted - 0.1) == ({1000}, {2000})


async def test_the_reason_for_the_way_we_take_over_is_still_there(settings: AsteriskSettings) -> None:
    """Moved straight from bridge to bridge, the recording is deaf for the newcomer.

    When this fails, Asterisk was mended and ld-takeover may go.
    """
    async with (
        Phone(hertz=440) as agent,
        Phone(hertz=2000, sequence=BEHIND) as supervisor,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent, supervisor]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        file, _ = await stage.record(customer)
        await asyncio.sleep(1)
        in_the_group = {"LD_CUSTOMER": customer, "GROUP(ld)": customer}  # past the guard, as ld-takeover does it
        await stage.ring("1002", "lds-x-1", "ld-agent", **in_the_group)
        await stage.tap.wait_event("BridgeEnter", Uniqueid="lds-x-1")
        await asyncio.sleep(1)
        lasted = await stage.finish_recording(customer)
        assert caller.hears(2000, time.time() - 0.5, time.time())
    assert tones(file, lasted - 0.8, lasted - 0.1) == ({1000}, set())


@pytest.mark.parametrize(("customer_hz", "agent_hz"), [(0, 440), (1000, 0)])
async def test_a_silent_party_does_not_shorten_the_recording(
    settings: AsteriskSettings, customer_hz: int, agent_hz: int
) -> None:
    async with (
        Phone(hertz=agent_hz) as agent,
        Phone(host=TRUNK, hertz=customer_hz) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        file, _ = await stage.record(customer)
        await asyncio.sleep(2)
        lasted = await stage.finish_recording(customer)
    assert abs(seconds(file) - lasted) < 0.1
    assert tones(file, 0.2, 1.8) == ({1000} & {customer_hz}, {440} & {agent_hz})


def loud(packet: bytes, hertz: int) -> bool:
    return power_at([LINEAR[byte] for byte in packet], hertz) > 4000


async def spy(stage: Stage, agent: str, supervisor: str) -> str:
    """The supervisor's channel name once they listen."""
    await stage.ring(supervisor, "lds-x-1", "ld-spy", LD_SPY=agent)
    await stage.tap.wait_event("ChanSpyStart", SpyerUniqueid="lds-x-1")
    return (await stage.tap.wait_event("Newchannel", Uniqueid="lds-x-1"))["Channel"]


async def test_barge_is_recorded_on_the_supervisors_leg_and_its_place_is_known(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(hertz=3000) as supervisor,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent, supervisor]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        conversation, began = await stage.record(customer)
        channel = await spy(stage, "ld-x-1", "1002")
        await asyncio.sleep(0.5)
        assert not caller.hears(3000, time.time() - 0.4, time.time())
        await stage.tap.action("PlayDTMF", Channel=channel, Digit="6", Receive="true")
        voice, joined = await stage.record("lds-x-1")
        await asyncio.sleep(0.6)
        supervisor.muted = True
        await asyncio.sleep(0.5)
        supervisor.muted = False
        await asyncio.sleep(0.5)
        await stage.finish_recording("lds-x-1")
        await stage.finish_recording(customer)
    assert tones(conversation, joined - began + 0.1, joined - began + 0.5) == ({1000}, {440})  # the barge is not in it
    assert tones(voice, 0.1, 0.5) == ({3000}, {440, 1000})
    recorded = [step / 50 for step in range(1, 80) if not tones(voice, step / 50, (step + 1) / 50)[0]]
    heard = [at - joined for at, packet in caller.heard if at > joined + 0.1 and not loud(packet, 3000)]
    assert abs(recorded[0] - heard[0]) < 0.15  # 20 ms on a quiet machine
    back_recorded = next(step / 50 for step in range(int(recorded[0] * 50) + 5, 99) if step / 50 not in recorded)
    back_heard = next(at - joined for at, packet in caller.heard if at - joined > heard[0] + 0.1 and loud(packet, 3000))
    assert abs(back_recorded - back_heard) < 0.15
