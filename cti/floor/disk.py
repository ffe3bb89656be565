"""A disk that is too full for recordings: supervisors are told, calls go on, and nothing that was recorded is lost.

New recordings are not begun; when there is next to nothing left, those that go on are ended, and what there is of them
is published. What could not be published for want of room is, as soon as there is some. With `refuse` new callers are
turned away as when there are too many (`cti/floor/admission.py`).
"""

import asyncio
from typing import Final

import structlog

from cti.desk.alarms import AlarmLimit
from cti.floor.alarms import HouseFigure
from cti.floor.floor import Floor
from cti.recording.room import Room

log = structlog.get_logger(__name__)

LOOK_S: Final = 2.0
MB: Final = 1 << 20


class Disk:
    def __init__(self, floor: Floor, room: Room, *, refuse: bool) -> None:
        self._floor, self._room = floor, room
        if refuse:
            floor.admission.no_room = lambda: room.tight
        if room.least:
            limit = AlarmLimit(kind="recording_disk", alarm=room.least / MB)
            floor.alarms.of_house.append(HouseFigure("recording_disk", self._free_mb, limit))

    def _free_mb(self) -> float:
        """0, for all right, while it is not tight: between the two marks it goes on."""
        room = self._room
        return max(0.1, min(room.free or 0, room.least - 1) / MB) if room.tight else 0.0

    async def watch(self) -> None:
        """Run it beside."""
        while self._room.least:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        was_tight = self._room.tight
        try:
            await self._room.look()
        except OSError as error:
            log.warning("the disk for recordings cannot be looked at", reason=str(error))
            return
        if self._room.scarce:
            self._end_recordings()
        if self._room.tight and not was_tight:
            log.error("the disk for recordings is full: no new ones are begun", free=self._room.free)
        elif was_tight and not self._room.tight:
            log.warning("there is room for recordings again", free=self._room.free)
            self._floor.recorder.publish_again(self._floor.orders)

    def _end_recordings(self) -> None:
        floor = self._floor
        for conversation in floor.conversations.by_id.values():
            if conversation.take is not None and not conversation.take.ended:
                floor.recorder.stop(conversation, floor.orders)
