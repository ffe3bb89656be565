"""The disk for recordings is full: the supervisors are told, calls go on, and are recorded again when there is room.

The disk is a small tmpfs where this machine lets us mount one; otherwise what the daemon sees of it is made up.
"""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cti.events import (
    AlarmCleared,
    AlarmRaised,
    InteractionConnected,
    InteractionEnded,
    RecordingFailed,
    RecordingPublished,
    RecordingStarted,
)
from tests.harness.desk import log_in
from tests.harness.house import House, open_house

LEAST_MB = 20
MB = 1 << 20


class SmallDisk(NamedTuple):
    fill: Callable[[House], object]
    clear: Callable[[House], object]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "var" / "recordings"
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "none", folder], check=False, capture_output=True
    )
    ballast = folder / "ballast"
    if mounted.returncode:
        yield SmallDisk(lambda house: pretend(house, 10 * MB), lambda house: pretend(house, 40 * MB))
        return
    try:
        yield SmallDisk(lambda _: ballast.write_bytes(bytes(30 * MB)), lambda _: ballast.unlink())
    finally:
        subprocess.run(["umount", folder], check=True)


def pretend(house: House, free: int) -> None:
    house.daemon.disk._room._probe = lambda _: free


async def test_a_full_disk_costs_recordings_and_no_calls(tmp_path: Path, disk: SmallDisk) -> None:
    async with open_house(tmp_path, recording={"min_free_mb": LEAST_MB}) as house, contextlib.AsyncExitStack() as stack:
        board = await stack.enter_async_context(log_in(house.daemon.url, "2001"))
        agent = await stack.enter_async_context(house.agent("1001"))
        first, second, third = [await stack.enter_async_context(house.caller(f"1390000000{n}")) for n in range(3)]
        await agent.play(1000)
        await house.talk(first, agent)
        await house.wait(RecordingStarted)
        disk.fill(house)
        raised = await house.wait(AlarmRaised, queue="")
        assert raised.kind == "recording_disk"
        assert (raised.level, raised.limit) == ("alarm", LEAST_MB)
        assert 0 < raised.value < LEAST_MB
        await board.wait("alarms", raised.alarm_id, queue="", level="alarm")
        await first.wait_sound(0.5)
        await first.hang_up()
        await house.wait(RecordingPublished)  # what was begun is published: there is room enough for it
        await house.talk(second, agent)
        failed = await house.wait(RecordingFailed)
        assert "full" in failed.reason
        await second.hang_up()
        await house.wait(InteractionEnded, count=2)
        assert len(house.of(RecordingStarted)) == 1
        disk.clear(house)
        await house.wait(AlarmCleared, within=40, alarm_id=raised.alarm_id)
        await house.talk(third, agent)
        await house.wait(RecordingStarted, count=2)
        await third.wait_sound(0.5)  # a recording in which nothing came is not published
        await third.hang_up()
        await house.wait(RecordingPublished, count=2)
        assert [ended.outcome for ended in house.of(InteractionEnded)] == ["handled"] * 3
        assert len(house.of(InteractionConnected)) == 3
