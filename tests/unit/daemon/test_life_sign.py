"""The next daemon knows how long nobody watched, and whether that was planned."""

import asyncio
import contextlib
import time
from pathlib import Path

from cti.daemon.life_sign import LifeSign


async def test_without_a_daemon_before_there_is_no_sign(tmp_path: Path) -> None:
    assert LifeSign(tmp_path / "alive").last() is None


async def test_a_daemon_that_stops_in_order_says_so_and_a_living_or_a_killed_one_does_not(tmp_path: Path) -> None:
    sign = LifeSign(tmp_path / "alive")
    beating = asyncio.create_task(sign.beat())
    await asyncio.sleep(0.05)
    alive = sign.last()
    assert alive is not None
    assert not alive.planned  # what it would leave behind if it was killed now
    assert abs(alive.at - time.time()) < 5
    beating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await beating
    stopped = sign.last()
    assert stopped is not None
    assert stopped.planned
    assert stopped.at >= alive.at


async def test_a_folder_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    sign = LifeSign(tmp_path / "missing" / "alive")
    beating = asyncio.create_task(sign.beat())
    await asyncio.sleep(0.05)
    assert not beating.done()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    assert sign.last() is None
