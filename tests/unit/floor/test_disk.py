"""A disk without room for recordings: what is begun, what is ended, who is let in, and when all is well again."""

import pytest

from cti.events import (
    AlarmCleared,
    AlarmRaised,
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    RecordingFailed,
    RecordingPublished,
    RecordingStarted,
)
from cti.floor.disk import MB, Disk
from cti.recording.room import Room
from tests.unit.floor.shop import Shop


class Drive:
    """`free_mb` is what a probe finds."""

    def __init__(self, shop: Shop, *, refuse: bool) -> None:
        self.free_mb = 1000
        self.shop = shop
        self.room = Room((), least=200 * MB)
        shop.floor.recorder._room = self.room
        self.disk = Disk(shop.floor, self.room, refuse=refuse)

    def set(self, free_mb: int) -> None:
        """As `look` would find it, without the thread in which it asks."""
        room = self.room

        async def look() -> None:
            room.free = free_mb * MB
            room.tight = room.free < room.least * (1.1 if room.tight else 1)

        room.look = look  # type: ignore[method-assign]
        self.shop.loop.run_until_complete(self.disk.look())
        self.shop.inside(self.shop.floor.alarms.look)


@pytest.mark.parametrize("free", [199, 0])
def test_calls_go_on_without_a_recording(shop: Shop, free: int) -> None:
    drive = Drive(shop, refuse=False)
    drive.set(free)
    raised = next(fact for fact in shop.of(AlarmRaised) if fact.kind == "recording_disk")
    assert (raised.queue, raised.level) == ("", "alarm")
    shop.sign_in("1001")
    customer, _ = shop.talk()
    assert shop.of(InteractionConnected)
    assert not shop.of(RecordingStarted)
    assert ["full" in failed.reason for failed in shop.of(RecordingFailed)] == [True]
    drive.set(210)
    assert drive.room.tight  # not yet
    drive.set(230)
    shop.run(16)
    shop.inside(shop.floor.alarms.look)
    assert [cleared.alarm_id for cleared in shop.of(AlarmCleared)] == [raised.alarm_id]
    shop.hang_up(customer)


def test_with_next_to_nothing_left_what_goes_on_is_ended_and_published(shop: Shop) -> None:
    drive = Drive(shop, refuse=False)
    shop.sign_in("1001")
    customer, _ = shop.talk()
    assert shop.of(RecordingStarted)
    (conversation,) = shop.floor.conversations.by_id.values()
    drive.set(100)
    assert conversation.take is not None
    assert not conversation.take.ended
    drive.set(49)
    assert conversation.take.ended
    shop.hang_up(customer, 5)
    assert shop.of(RecordingPublished)


def test_new_callers_are_turned_away_if_one_wants_that(shop: Shop) -> None:
    drive = Drive(shop, refuse=True)
    shop.rules.admission = type(shop.rules.admission)(queue="sales")
    before = shop.call()
    drive.set(10)
    refused = shop.call(10)
    assert shop.exchange.heard[refused] == ["nobody_free", "call_again_later", "goodbye"]
    assert len(shop.of(InteractionOverflowed)) == 1
    assert before in shop.exchange.channels
    drive.set(1000)
    shop.call()
    assert len(shop.of(InteractionOverflowed)) == 1
    assert len(shop.of(InteractionEnded)) == 1
