"""When nobody watched stands on every screen until the day is over."""

from cti.desk.views import SystemView
from cti.events import DaemonStarted, LinkLost, LinkRestored
from tests.unit.desk.test_desk import NOON, Screens

HOUR_S = 3600.0


def gaps(screens: Screens) -> list[tuple[float, float]]:
    view = screens._entity("system", "daemon")
    assert isinstance(view, SystemView)
    return [(gap.since - NOON, gap.until - NOON) for gap in view.gaps]


def test_a_daemon_that_was_away_and_a_link_that_was_lost_are_gaps_of_the_day() -> None:
    screens = Screens()
    screens.tell(DaemonStarted(at=NOON, away_since=None, planned=False), LinkRestored(at=NOON, down_s=0))
    assert gaps(screens) == []  # the first start of all
    screens.desk.unwatched(NOON - HOUR_S, NOON - HOUR_S + 5)  # from the store
    screens.tell(DaemonStarted(at=NOON + 3, away_since=NOON, planned=True))
    screens.tell(LinkLost(at=NOON + 10, reason="gone"), LinkRestored(at=NOON + 30, down_s=20))
    assert gaps(screens) == [(-HOUR_S, -HOUR_S + 5), (0, 3), (10, 30)]


def test_tomorrow_they_are_forgotten_but_for_one_that_reaches_into_it() -> None:
    screens = Screens()
    screens.tell(DaemonStarted(at=NOON + 3, away_since=NOON, planned=False))
    screens.tell(LinkRestored(at=NOON + 12 * HOUR_S + 5, down_s=10))
    screens.desk.flush(NOON + 12 * HOUR_S + 6)
    assert gaps(screens) == [(12 * HOUR_S - 5, 12 * HOUR_S + 5)]
