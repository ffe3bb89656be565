"""A reload of Asterisk, in whatever way, while people are in the menu, wait and talk: nothing changes."""

import time

from cti.events import (
    BridgeEntered,
    BridgeLeft,
    ChannelHungUp,
    EndpointReachable,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    LinkLost,
    OfferEnded,
    SegmentEnded,
)
from tests.harness.house import House
from tests.harness.listening import CUT_S, longest_without, sound_share

CUSTOMER, AGENT = 440, 1000
RELOADS = ("core reload", "module reload res_pjsip.so", "pjsip reload", "dialplan reload", "manager reload")
WRONG = (
    BridgeEntered,
    BridgeLeft,
    ChannelHungUp,
    EndpointReachable,
    InteractionEnded,
    InteractionStarted,
    LinkLost,
    OfferEnded,
    SegmentEnded,
)


async def test_reloads_disturb_nobody(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as talker,
        house.caller("13900000002") as waiter,
        house.caller("13900000003") as chooser,
    ):
        await agent.play(AGENT)
        await talker.play(CUSTOMER)
        await house.talk(talker, agent)
        await house.enter_queue(waiter, "3", count=2)
        await talker.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})
        await chooser.dial("4000")
        await chooser.wait_established()
        await chooser.wait_sound(0.3)
        before, began = len(house.facts), time.time()
        for reload in RELOADS:
            await house.asterisk.cli(reload)
            await waiter.wait_sound(0.5)
        now = time.time()
        assert not [fact for fact in house.facts[before:] if isinstance(fact, WRONG)]
        for phone, tone in ((talker, AGENT), (agent, CUSTOMER)):
            assert longest_without(phone.call, tone, began, now) < CUT_S
        assert sound_share(waiter.call, began, now) > 0.9
        assert all(phone.call.closed_at is None for phone in (talker, agent, waiter, chooser))
        assert house.daemon.status().link
        await chooser.send_digits("2")
        await house.wait(InteractionQueued, count=3)
