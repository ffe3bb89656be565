"""What waiting callers are told, judged by what their phones heard."""

from pathlib import Path

from cti.acd.events import InteractionChanged
from tests.live.waiting.conftest import OpenHouse, busy_day, calling

SOON = {"first_s": 1.5, "every_s": 3}


async def test_the_place_and_the_wait_are_told_in_mandarin(open_queues: OpenHouse, tmp_path: Path) -> None:
    async with open_queues(after_sales={"announcements": SOON}) as house, calling(house, tmp_path) as ears:
        busy_day(house, "after_sales", 150)
        await house.enter_queue(ears.phone)
        await ears.hear_together(
            "all_agents_busy", "queue_position_next", "estimated_wait_before", "number_3", "estimated_wait_after"
        )
        await ears.hear("queue_position_next", times=2)
    assert not ears.when("estimated_wait_risen")
    assert not ears.when("queue_position_changed")
    assert not ears.when("estimated_wait_long")


async def test_the_place_and_the_wait_are_told_in_english(open_queues: OpenHouse, tmp_path: Path) -> None:
    async with (
        open_queues(after_sales_en={"announcements": SOON}) as house,
        calling(house, tmp_path, "13900000001", "en") as ears,
        house.caller("13900000002") as before,
    ):
        busy_day(house, "after_sales_en", 2000)
        await house.enter_queue(before, "92")
        await house.enter_queue(ears.phone, "92", count=2)
        await ears.hear_together("all_agents_busy", "queue_position_before", "number_2", "estimated_wait_long")


async def test_a_caller_who_is_overtaken_is_told_so(open_queues: OpenHouse, tmp_path: Path) -> None:
    rules = {"announcements": {**SOON, "wait_estimate": False}, "vip_points": 10}
    async with (
        open_queues(after_sales=rules) as house,
        calling(house, tmp_path) as ears,
        house.caller("13900000002") as vip,
    ):
        await house.enter_queue(ears.phone)
        await ears.hear("queue_position_next")
        queued = await house.enter_queue(vip, count=2)
        house.daemon.floor.feed(InteractionChanged(interaction_id=queued.interaction_id, vip=3))
        changed = await ears.hear("queue_position_changed")
        second = await ears.hear("queue_position_before")
        await ears.hear("number_2")
        await vip.hang_up()
        await ears.hear("queue_position_next", times=2)
    assert second > changed
    assert len(ears.when("queue_position_changed")) == 1
