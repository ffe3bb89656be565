"""The short form of `make soak`: nothing stays of the calls that are over."""

from tests.soak.soak import soak


async def test_sixty_calls_leave_nothing_behind() -> None:
    verdict = await soak(60, 6)
    assert verdict.result == "PASS", verdict
    assert verdict.handled == verdict.recordings == 80
    assert not verdict.leaked
