"""Alarms of a queue: raised at once, cleared late, and each told once."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.desk.alarm_list import AlarmDesk
from cti.desk.alarms import AlarmLimit, AlarmRules, AlarmWatch, figures_of
from cti.desk.hub import Hub
from cti.desk.views import AlarmView, QueueView
from cti.events import AlarmAcknowledged, AlarmCleared, AlarmFact, AlarmKind, AlarmRaised

WAIT = AlarmRules(limits=(AlarmLimit(kind="longest_wait", warn=20, alarm=60),), clear_after_s=15)


def queue(**fields: object) -> QueueView:
    blank = {
        "name": "sales",
        "label": {},
        "waiting": 0,
        "oldest": None,
        "ready": 0,
        "busy": 0,
        "signed_in": 0,
        "offered_today": 0,
        "answered_today": 0,
        "abandoned_today": 0,
        "service_level_today": None,
        "target_s": 20.0,
    }
    return QueueView(**{**blank, **fields})  # type: ignore[arg-type]


def told(watch: AlarmWatch, values: Sequence[tuple[float, float | None]], rules: AlarmRules = WAIT) -> list[str]:
    """What comes of the longest wait being these values at these times."""
    found: list[AlarmFact] = []
    for now, value in values:
        figures: dict[AlarmKind, float] = {} if value is None else {rules.limits[0].kind: value}
        found += watch.judge(rules, figures, now)
    return [f"{fact.at:g} {fact.level if isinstance(fact, AlarmRaised) else 'over'}" for fact in found]


def test_an_alarm_is_raised_at_once_and_cleared_late() -> None:
    watch = AlarmWatch("sales")
    assert told(watch, [(0, 19), (1, 20), (2, 21), (3, 60), (4, 61)]) == ["1 warn", "3 alarm"]
    assert told(watch, [(5, None), (19, None), (20, None)]) == ["20 over"]
    assert told(watch, [(21, None), (22, 5)]) == []


def test_a_figure_that_swings_about_its_limit_rings_once() -> None:
    swinging = [(float(second), 25.0 if second % 10 < 5 else 10.0) for second in range(60)]
    assert told(AlarmWatch("sales"), swinging) == ["0 warn"]


def test_an_alarm_that_is_only_a_warning_again_says_so_late() -> None:
    watch = AlarmWatch("sales")
    assert told(watch, [(0, 70), (1, 30), (15, 30), (16, 30), (17, None), (32, None)]) == [
        "0 alarm",
        "16 warn",
        "32 over",
    ]


def test_it_is_one_alarm_from_the_first_level_to_the_end_and_remembers_the_worst() -> None:
    watch = AlarmWatch("sales")
    facts: list[AlarmFact] = []
    for now, value in ((0, 30), (1, 70), (2, 30), (17, 30), (18, 0), (33, 0)):
        facts += watch.judge(WAIT, {"longest_wait": value}, now)
    assert len({fact.alarm_id for fact in facts}) == 1
    assert [(f.level, f.worst, f.limit) for f in facts if isinstance(f, AlarmRaised)] == [
        ("warn", "warn", 20),
        ("alarm", "alarm", 60),
        ("warn", "alarm", 20),
    ]
    assert isinstance(facts[-1], AlarmCleared)
    (again,) = watch.judge(WAIT, {"longest_wait": 30}, 40)
    assert again.alarm_id != facts[0].alarm_id


def test_a_service_level_is_in_trouble_when_it_falls() -> None:
    rules = AlarmRules(limits=(AlarmLimit(kind="service_level", warn=0.8, alarm=0.6),), clear_after_s=0)
    values: list[tuple[float, float | None]] = [(0, 0.8), (1, 0.79), (2, 0.59), (3, 0.9)]
    assert told(AlarmWatch("sales"), values, rules) == ["1 warn", "2 alarm", "3 over"]


def test_a_kind_that_is_configured_no_more_is_over_at_once() -> None:
    watch = AlarmWatch("sales")
    told(watch, [(0, 70)])
    assert [type(fact) for fact in watch.judge(AlarmRules(), {"longest_wait": 70}, 1)] == [AlarmCleared]
    told(watch, [(2, 70)])
    assert [type(fact) for fact in watch.end(3)] == [AlarmCleared]
    assert watch.end(4) == []


def test_the_figures_of_a_tile() -> None:
    rules = AlarmRules(
        limits=(
            AlarmLimit(kind="longest_wait", warn=1),
            AlarmLimit(kind="waiting", warn=1),
            AlarmLimit(kind="service_level", warn=0.8, least=10),
            AlarmLimit(kind="abandoned", warn=0.1, least=4),
            AlarmLimit(kind="nobody_ready", warn=1),
        )
    )
    tile = queue(waiting=3, oldest=95.0, answered_today=3, abandoned_today=1, service_level_today=0.5)
    assert figures_of(tile, rules, 100, 7) == {"longest_wait": 5, "waiting": 3, "abandoned": 0.25, "nobody_ready": 7}
    assert figures_of(queue(), rules, 100, None) == {"waiting": 0}


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from((None, 10, 20, 30, 60, 90))), max_size=40))
def test_whatever_the_wait_does_the_facts_are_a_sound_story(steps: list[tuple[int, float | None]]) -> None:
    """Raised before cleared, no level twice in a row, and an alarm goes on exactly while the figure is or was bad."""
    watch, now, open_, last_bad = AlarmWatch("sales"), 0.0, "", -1000.0
    level = ""
    for pause, value in steps:
        now += pause
        if value is not None and value >= 20:
            last_bad = now
        for fact in watch.judge(WAIT, {} if value is None else {"longest_wait": value}, now):
            if isinstance(fact, AlarmRaised):
                assert open_ in {"", fact.alarm_id}
                assert fact.level != level
                open_, level = fact.alarm_id, fact.level
            else:
                assert fact.alarm_id == open_
                assert now - last_bad >= 15
                open_ = level = ""
        assert bool(watch.alarms) == bool(open_)
        assert open_ or last_bad < now


def raised(level: str, alarm_id: str = "a", at: float = 1) -> AlarmRaised:
    return AlarmRaised(
        at=at,
        alarm_id=alarm_id,
        queue="sales",
        kind="waiting",
        level=level,  # type: ignore[arg-type]  # one of the two
        worst="warn",
        value=5,
        limit=3,
    )


@pytest.fixture
def shown() -> tuple[AlarmDesk, Hub, dict[str, str | None]]:
    hub, trouble = Hub(), dict[str, str | None]()
    return AlarmDesk(hub, trouble.__setitem__), hub, trouble


def test_the_board_has_those_that_go_on_and_the_tile_its_worst(
    shown: tuple[AlarmDesk, Hub, dict[str, str | None]],
) -> None:
    desk, hub, trouble = shown
    desk.on_fact(raised("warn"))
    desk.on_fact(raised("alarm", "b"))
    assert trouble == {"sales": "alarm"}
    desk.on_fact(AlarmCleared(at=2, alarm_id="b", queue="sales", kind="waiting"))
    assert trouble == {"sales": "warn"}
    desk.on_fact(AlarmAcknowledged(at=3, alarm_id="a", queue="sales", kind="waiting", agent_id="sue"))
    view = hub.entities("alarms")["a"]
    assert isinstance(view, AlarmView)
    assert (view.acknowledged_by, view.acknowledged_at, view.since) == ("sue", 3, 1)
    desk.on_fact(raised("alarm", at=4))
    view = hub.entities("alarms")["a"]
    assert isinstance(view, AlarmView)
    assert (view.level, view.acknowledged_by, view.since) == ("alarm", "", 1)  # it is worse now: nobody has seen that
    desk.on_fact(AlarmCleared(at=5, alarm_id="a", queue="sales", kind="waiting"))
    assert (hub.entities("alarms"), trouble) == ({}, {"sales": None})
