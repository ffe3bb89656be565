"""Who counts as answered, and when: by the events of two legs that come into one bridge."""

from math import isclose

from cti.ami.messages import Event
from tests.bench.attendance import Attendance, Caller, Score, busy, score

CALLER, AGENT, OTHER = "PJSIP/trunk-00000001", "PJSIP/d1001-00000002", "PJSIP/trunk-00000003"


def up(channel: str, number: str, at: float) -> Event:
    return Event(
        {"Event": "Newstate", "Channel": channel, "ChannelStateDesc": "Up", "CallerIDNum": number, "Timestamp": f"{at}"}
    )


def bridge(event: str, channel: str, at: float, name: str = "b1") -> Event:
    return Event({"Event": event, "Channel": channel, "BridgeUniqueid": name, "Timestamp": f"{at}"})


def heard(*events: Event) -> Attendance:
    seen = Attendance()
    for event in events:
        seen.hear(event)
    return seen


def test_a_caller_is_answered_when_the_second_of_the_two_comes_into_the_bridge() -> None:
    caller_last = heard(
        up(CALLER, "1391", 100.0), bridge("BridgeEnter", AGENT, 101), bridge("BridgeEnter", CALLER, 101.5)
    )
    agent_last = heard(
        up(CALLER, "1391", 100.0), bridge("BridgeEnter", CALLER, 101), bridge("BridgeEnter", AGENT, 102.5)
    )
    assert caller_last.callers["1391"].waited_s == 1.5
    assert agent_last.callers["1391"].waited_s == 2.5


def test_a_caller_who_is_alone_in_a_bridge_or_with_another_caller_is_not_answered() -> None:
    seen = heard(
        up(CALLER, "1391", 100),
        up(OTHER, "1392", 100),
        bridge("BridgeEnter", CALLER, 101),
        bridge("BridgeEnter", OTHER, 101),
        bridge("BridgeEnter", AGENT, 101, "another"),
    )
    assert [caller.waited_s for caller in seen.callers.values()] == [None, None]


def test_an_agent_who_has_left_the_bridge_answers_nobody() -> None:
    seen = heard(
        up(CALLER, "1391", 100),
        bridge("BridgeEnter", AGENT, 101),
        bridge("BridgeLeave", AGENT, 102),
        bridge("BridgeEnter", CALLER, 103),
    )
    assert seen.callers["1391"].waited_s is None
    assert seen.talks == [(101, 102)]


def test_a_second_talk_does_not_move_the_moment_of_the_first_answer() -> None:
    seen = heard(
        up(CALLER, "1391", 100),
        bridge("BridgeEnter", AGENT, 101),
        bridge("BridgeEnter", CALLER, 101),
        bridge("BridgeLeave", AGENT, 104),
        bridge("BridgeEnter", "PJSIP/d1002-00000009", 105),
    )
    assert seen.callers["1391"].waited_s == 1


def test_each_caller_is_told_of_once_and_only_callers_are() -> None:
    told: list[Caller] = []
    seen = Attendance(on_up=told.append)
    for event in (up(CALLER, "1391", 100), up(CALLER, "1391", 101), up(AGENT, "1001", 102)):
        seen.hear(event)
    assert [(caller.number, caller.up_at) for caller in told] == [("1391", 100)]


def test_whoever_was_never_answered_counts_among_the_offered() -> None:
    counted = score([0.1, 1.5, 1.6, None], target_s=1.5, quick_s=0.5)
    assert (counted.offered, counted.within, counted.answered) == (4, 2, 3)
    assert counted.share == 0.5
    assert counted.quick_share == 0.25
    assert counted.abandoned == 0.25
    assert isclose(counted.asa_s, 3.2 / 3)


def test_runs_add_up_before_shares_are_taken() -> None:
    whole = score([0.0], 1, 0) + score([2.0, None, None], 1, 0) + Score(busy_s=3, staffed_s=4)
    assert whole.share == 0.25
    assert whole.occupancy == 0.75


def test_talk_outside_the_window_does_not_count() -> None:
    assert busy([(0, 2), (3, 4), (9, 12), (20, 30)], begin=1, end=10) == 3
