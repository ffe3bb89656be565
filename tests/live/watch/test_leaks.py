"""The short form of `make soak`: nothing stays of the calls that are over."""

from tests.soak.soak import WARM_CALLS, soak

CALLS = 30


async def test_short_calls_leave_nothing_behind() -> None:
    verdict = await soak(CALLS, 6)
    assert not verdict.leaked, verdict
    assert sum(verdict.outcomes.values()) == CALLS + WARM_CALLS, verdict
    assert verdict.outcomes["handled"] > WARM_CALLS
    assert "" not in verdict.outcomes, "an interaction has no end"
