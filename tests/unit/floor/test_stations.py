"""Whose tab has the phone, and whether anybody sits behind it."""

import asyncio

import pytest

from cti.errors import Conflict
from cti.floor.rules import SoftphoneRules
from cti.floor.stations import Stations

HERE, THERE = "aaaaaaaa", "bbbbbbbb"
PATIENCE_S = 0.05


def manned(tab: str = HERE) -> Stations:
    """1001's page is there, has the phone, and was heard."""
    stations = Stations(SoftphoneRules(patience_s=PATIENCE_S))
    stations.came("1001", tab)
    assert stations.claim("1001", tab, seize=False)
    stations.enter("1001", "passed")
    return stations


async def test_the_first_tab_has_the_phone_and_the_second_asks_on_purpose() -> None:
    stations = manned()
    stations.came("1001", THERE)
    assert not stations.claim("1001", THERE, seize=False)
    assert stations.stands("1001")
    with pytest.raises(Conflict, match="another tab") as refused:
        stations.check_owner("1001", THERE)
    assert refused.value.state == "elsewhere"

    assert stations.claim("1001", THERE, seize=True)
    assert not stations.stands("1001"), "another microphone, another network: heard by nobody yet"
    stations.check_owner("1001", THERE)
    assert not stations.claim("1001", HERE, seize=False)


async def test_two_agents_have_phones_of_their_own() -> None:
    stations = manned()
    stations.came("1002", HERE)
    assert stations.claim("1002", HERE, seize=False)
    stations.went("1002", HERE)
    assert stations.stands("1001")


async def test_a_tab_without_a_page_claims_nothing() -> None:
    stations = Stations(SoftphoneRules(patience_s=PATIENCE_S))
    with pytest.raises(Conflict, match="not connected"):
        stations.claim("1001", HERE, seize=True)


async def test_a_page_that_is_gone_is_offered_nothing_and_comes_back_as_it_was() -> None:
    stations = manned()
    lost = asyncio.Event()
    stations.listen(changed=lambda _: None, lost=lambda _: lost.set())
    stations.came("1001", HERE)  # a reload may come before the old page is seen to be gone
    stations.went("1001", HERE)
    assert stations.stands("1001")
    stations.went("1001", HERE)
    assert not stations.stands("1001")
    assert stations.view("1001").tab == HERE
    stations.came("1001", HERE)
    assert stations.stands("1001"), "the phone was heard, and nothing has changed"
    await asyncio.sleep(PATIENCE_S * 2)
    assert not lost.is_set()


async def test_a_page_that_does_not_come_back_leaves_the_phone_to_others() -> None:
    stations = manned()
    lost = asyncio.Event()
    stations.listen(changed=lambda _: None, lost=lambda _: lost.set())
    stations.came("1001", THERE)
    stations.went("1001", HERE)
    async with asyncio.timeout(5):
        await lost.wait()
    assert not stations.view("1001").tab
    assert stations.claim("1001", THERE, seize=False)


async def test_who_opens_a_new_page_after_a_crash_need_not_wait() -> None:
    stations = manned()
    stations.went("1001", HERE)
    stations.came("1001", THERE)
    assert stations.claim("1001", THERE, seize=False)


@pytest.mark.parametrize(
    ("there", "gate", "state"),
    [(False, "passed", "page"), (True, "unchecked", "unchecked"), (True, "checking", "checking")],
)
async def test_why_an_agent_cannot_be_ready(*, there: bool, gate: str, state: str) -> None:
    stations = manned()
    if not there:
        stations.went("1001", HERE)
    stations.enter("1001", gate)  # type: ignore[arg-type]  # the states by name
    with pytest.raises(Conflict) as refused:
        stations.check_ready("1001")
    assert refused.value.state == state


async def test_the_step_that_failed_is_named() -> None:
    stations = manned()
    stations.enter("1001", "failed", "not_heard")
    with pytest.raises(Conflict) as refused:
        stations.check_ready("1001")
    assert refused.value.state == "not_heard"


async def test_without_rules_nobody_is_asked_for_a_page() -> None:
    stations = Stations(None)
    assert stations.stands("1001")
    stations.check_ready("1001")
