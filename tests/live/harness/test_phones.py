"""The harness itself: what the phones say they hear is what goes over the wire."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.errors import ActionFailed, DeadlineExceeded, NotConnected, Unusable
from tests.harness.lab import Lab, open_lab
from tests.harness.phones import agent_phone


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path, ("1001", "1002", "1003")) as opened:
        yield opened


async def test_two_phones_hear_each_other_and_a_third_hears_nothing(lab: Lab) -> None:
    async with lab.agent("1001") as ann, lab.agent("1002") as bob, lab.agent("1003") as eve:
        for phone, hz in ((ann, 440), (bob, 1000), (eve, 2000)):
            await phone.play(hz)
        await bob.answer_all(after=0.1)
        await eve.answer_all()
        await eve.dial("*43")  # Asterisk's echo: she hears herself
        dialled_at = time.time()
        await ann.dial("1002")
        call = await bob.wait_call()
        assert 0 <= call.invite_at - dialled_at < 1
        await bob.wait_hears({440})
        await ann.wait_hears({1000})
        await eve.wait_hears({2000})
        assert eve.calls[0].ever_heard() == {2000}
        await ann.hang_up()
        await bob.wait_closed()


async def test_keys_and_a_tone_that_changes_reach_the_other_side(lab: Lab) -> None:
    async with lab.agent("1001") as ann, lab.agent("1002") as bob:
        await bob.answer_all()
        await ann.dial("1002")
        await ann.wait_established()
        await ann.send_digits("1590*#")
        await bob.wait_until(lambda: bob.call.digits == "1590*#", 3, "six keys")
        await ann.wait_hears(())
        await bob.play(600)
        await ann.wait_hears({600})
        await bob.play(0)
        await ann.wait_hears(())


async def test_a_caller_from_the_trunk_hears_music_and_presses_a_key(lab: Lab) -> None:
    name = "王小明 <img src=x onerror=alert(1)>"
    async with lab.tap() as tap, lab.caller("13800138000", name) as caller:
        await caller.dial("4000")
        await caller.wait_established()
        await caller.wait_sound(1.0)
        await caller.send_digits("7")
        await caller.wait_closed()
        assert lab.waiting.keys == ["7"]
        created = await tap.wait_event("Newchannel")
        assert created["Channel"].startswith("PJSIP/trunk-")
        assert (created["CallerIDNum"], created["CallerIDName"]) == ("13800138000", name)


async def test_a_number_dialled_over_the_trunk_rings_outside(lab: Lab) -> None:
    async with lab.tap() as tap, lab.outside() as outside:
        await outside.play(800)
        await outside.answer_all(after=0.2)
        fields = {"Channel": "PJSIP/02166668888@trunk", "Application": "Echo", "Async": "true"}
        await tap.act("Originate", fields)
        await outside.wait_call()
        await outside.wait_hears({800})
        await outside.hang_up()
        await tap.wait_event("Hangup")


async def test_a_phone_that_declines_and_one_that_lets_it_ring(lab: Lab) -> None:
    async with lab.agent("1001") as ann, lab.agent("1002") as bob:
        first = await ann.dial("1002")
        await bob.wait_call()
        await bob.decline()
        await ann.wait_closed()
        assert first.established_at is None
        second = await ann.dial("1002")
        await bob.wait_call(number=2)
        await ann.wait_until(lambda: second.ringing_at is not None, 3, "ringing")
        await ann.hang_up()
        await bob.wait_closed()


async def test_a_wrong_secret_is_told(lab: Lab) -> None:
    with pytest.raises(Unusable, match="1001"):
        async with agent_phone(lab.server, "1001", "wrong"):
            pass


async def test_what_a_phone_waits_for_in_vain_is_told(lab: Lab) -> None:
    async with lab.agent("1001") as ann:
        with pytest.raises(DeadlineExceeded, match="incoming call"):
            await ann.wait_call(0.2)
        with pytest.raises(ActionFailed, match="ValueError"):
            await ann.dial("100\n1")
        with pytest.raises(NotConnected, match="no call"):
            await ann.hang_up()
