"""Three callers are all that this house takes: the fourth is offered a callback, on a real Asterisk."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from cti.events import AlarmRaised, CallbackRequested, InteractionOverflowed, InteractionQueued
from tests.harness.desk import log_in
from tests.harness.house import QUEUES, open_house

QUEUE = {**QUEUES["after_sales"], "callback": {"hours": {"mon-sun": ["00:00-24:00"]}}}
ADMISSION = {"callers": 3, "queue": "after_sales", "way_out": "callback"}


async def test_the_fourth_caller_is_offered_the_way_out_and_the_next_is_served(tmp_path: Path) -> None:
    queues = {**QUEUES, "after_sales": QUEUE}
    async with open_house(tmp_path, queues=queues, admission=ADMISSION) as house, AsyncExitStack() as stack:
        board = await stack.enter_async_context(log_in(house.daemon.url, "2001"))
        callers = [await stack.enter_async_context(house.caller(f"1390000000{number}")) for number in range(5)]
        for number, caller in enumerate(callers[:3], 1):
            await house.enter_queue(caller, count=number)
        fourth = callers[3]
        await fourth.dial("4000")
        await fourth.wait_established()
        overflowed = await house.wait(InteractionOverflowed, why="overload")
        assert (overflowed.queue, overflowed.way_out) == ("after_sales", "callback")
        raised = await house.wait(AlarmRaised, queue="")
        assert raised.kind == "overload"
        await board.wait("alarms", raised.alarm_id, queue="", level="alarm")
        async with asyncio.timeout(40):  # as soon as the number has been read out
            while not house.of(CallbackRequested):
                await fourth.send_digits("1")
                await asyncio.sleep(1)
        assert house.of(CallbackRequested)[0].interaction_id == overflowed.interaction_id
        await fourth.wait_closed(within=20)
        await callers[0].hang_up()
        await house.enter_queue(callers[4], count=4)
        assert len(house.of(InteractionOverflowed)) == 1
        assert len(house.of(InteractionQueued)) >= 4
