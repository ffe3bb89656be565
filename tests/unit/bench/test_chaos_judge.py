"""The judge of the chaos finds what is wrong: one talked and one waited when the blow fell at 20."""

from msgspec.structs import replace

from cti.events import (
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    OfferEnded,
    OfferMade,
    SegmentEnded,
)
from tests.chaos.crowd import Caller
from tests.chaos.judge import Account, Blow, Verdict, judge
from tests.chaos.witness import Heard, Witness
from tests.harness.books import Cdr

TALKER, WAITER = "13900000010", "13800000011"
TALK_S = 20.0
CALLERS = (Caller(TALKER, "4000", 0, talks=True), Caller(WAITER, "4000", 1, talks=False))


def story(number: str, began: float, talked: float, ended: float) -> list[Fact]:
    i = f"i{number}"
    return [
        InteractionStarted(
            at=began,
            interaction_id=i,
            medium="voice",
            channel=f"c{number}",
            linkedid="",
            customer_number="+86" + number,
            caller_name="",
            dialled="4000",
        ),
        InteractionQueued(at=began, interaction_id=i, queue="q", priority=0, queued_at=began),
        OfferMade(
            at=talked, interaction_id=i, offer_id=f"{i}-1", agent_id="a", queue="q", waited_s=0, ring_until=talked
        ),
        OfferEnded(at=talked, interaction_id=i, offer_id=f"{i}-1", agent_id="a", reason="answered"),
        InteractionConnected(at=talked, interaction_id=i, agent_id="a", segment=1, queue="q", waited_s=talked - began),
        SegmentEnded(
            at=ended, interaction_id=i, agent_id="a", segment=1, talk_s=ended - talked, hold_s=0, ended_by="agent"
        ),
        InteractionEnded(at=ended, interaction_id=i, outcome="handled", ended_by="agent", cause=16, certain=True),
    ]


def leg(number: str, start: float, end: float) -> Cdr:
    return Cdr(start, start, end, 0, 0, "", "", "", "", "", "", "", f"ld-i{number}-1", "")


def verdict(facts: list[Fact], *, talk_until: float = 31.0, legs: tuple[Cdr, ...] = ()) -> Verdict:
    heard = {
        f"c{TALKER}": Heard(f"c{TALKER}", TALKER, [(11.0, talk_until)]),
        f"c{WAITER}": Heard(f"c{WAITER}", WAITER, [(32.0, 32.7)]),
    }
    legs = legs or (leg(TALKER, 11, 31), leg(WAITER, 32, 32.7))
    return judge(CALLERS, Account(facts, Witness(heard), legs), [Blow("kill", 20, 22)], TALK_S)


TOLD = [*story(TALKER, 10, 11, 31), *story(WAITER, 12, 32, 32.7)]


def test_nothing_is_wrong() -> None:
    found = verdict(TOLD)
    assert found.clean, found
    assert (found.kept.of, found.resumed.of, found.facts.of) == (1, 1, 2)


def test_a_talk_that_broke_off_is_not_kept() -> None:
    assert verdict(TOLD, talk_until=20.1).kept.good == 0


def test_a_fact_that_is_missing_and_one_that_is_there_twice() -> None:
    assert verdict(TOLD[:-1]).facts.good == 1
    assert verdict([*TOLD, TOLD[1]]).facts.good == 1


def test_an_offer_that_never_ended() -> None:
    assert verdict([fact for fact in TOLD if fact is not TOLD[3]]).facts.good == 1


def test_an_interaction_of_nobody_who_called() -> None:
    stray = replace(TOLD[0], interaction_id="stray", customer_number="+8613700000000")
    assert (verdict([*TOLD, stray]).facts.good, verdict([*TOLD, stray]).facts.of) == (2, 3)


def test_a_wait_that_began_anew_is_not_resumed() -> None:
    queued = TOLD[8]
    assert isinstance(queued, InteractionQueued)
    assert verdict([*TOLD, replace(queued, at=23, queued_at=23)]).resumed.good == 0


def test_who_was_overtaken_is_not_resumed() -> None:
    later = "13800000021"
    heard = {
        f"c{number}": Heard(f"c{number}", number, [talk])
        for number, talk in ((TALKER, (11.0, 31.0)), (WAITER, (34.0, 34.7)), (later, (32.0, 32.7)))
    }
    facts = [*story(TALKER, 10, 11, 31), *story(WAITER, 12, 34, 34.7), *story(later, 14, 32, 32.7)]
    legs = (leg(TALKER, 11, 31), leg(WAITER, 34, 34.7), leg(later, 32, 32.7))
    callers = (*CALLERS, Caller(later, "4000", 2, talks=False))
    found = judge(callers, Account(facts, Witness(heard), legs), [Blow("kill", 20, 22)], TALK_S)
    assert (found.resumed.good, found.resumed.of) == (1, 2)
    assert "overtaken by 13800000021" in str(found)
