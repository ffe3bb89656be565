"""What a waiting caller is told, announcement after announcement."""

from hypothesis import given
from hypothesis import strategies as st

from cti.floor.announcing import Announcement, Told, announce
from cti.floor.rules import Announcements
from cti.ivr import spoken

BOTH = Announcements()
MORE_THAN_AN_HOUR = 61


def say(
    told: Told, now: float, *, position: int | None = None, wait_s: float | None = None
) -> tuple[Announcement, Told]:
    return announce(BOTH, told, position=position, wait_s=wait_s, now=now)


def test_the_first_announcement() -> None:
    said, _ = say(Told(), 0, position=3, wait_s=200)
    assert said == Announcement(position=3, minutes=4)
    assert said.prompts("en") == (
        "queue_position_before",
        "number_3",
        "queue_position_after",
        "estimated_wait_before",
        "number_4",
        "estimated_wait_after",
    )


def test_what_is_not_known_or_not_wanted_is_not_told_of() -> None:
    assert say(Told(), 0)[0].prompts("zh") == ()
    rules = Announcements(position=False, wait_estimate=False)
    assert announce(rules, Told(), position=1, wait_s=10, now=0)[0] == Announcement()


def test_who_is_overtaken_is_told_so_once() -> None:
    _, told = say(Told(), 0, position=2)
    said, told = say(told, 45, position=3)
    assert said.prompts("en")[0] == "queue_position_changed"
    said, _ = say(told, 90, position=3)
    assert not said.position_worse


def test_what_was_told_last_is_remembered_while_nothing_is_known() -> None:
    _, told = say(Told(), 0, position=2, wait_s=60)
    _, told = say(told, 45)
    said, _ = say(told, 90, position=4, wait_s=600)
    assert (said.position_worse, said.wait_worse) == (True, True)


def test_an_estimate_that_goes_up_and_down_is_not_heard_to() -> None:
    told, heard = Told(), []
    for now, wait_s in ((0, 600), (45, 605), (90, 540), (135, 500), (180, 470), (225, 390)):
        said, told = say(told, now, wait_s=wait_s)
        heard.append((said.minutes, said.wait_worse))
    assert heard == [(10, False), (10, False), (9, False), (8, False), (7, False), (7, False)]


def test_a_wait_that_has_become_longer_is_told_as_such() -> None:
    _, told = say(Told(), 0, wait_s=120)
    said, told = say(told, 45, wait_s=300)
    assert said.prompts("zh")[0] == "estimated_wait_risen"
    assert said.minutes == 5
    assert not say(told, 90, wait_s=250)[0].wait_worse


def test_more_than_an_hour_is_said_so_and_is_nothing_to_be_exceeded() -> None:
    said, told = say(Told(), 0, wait_s=4000)
    assert said.prompts("en") == ("estimated_wait_long",)
    said, told = say(told, 45, wait_s=9000)
    assert (said.minutes, said.wait_worse) == (MORE_THAN_AN_HOUR, False)
    said, told = say(told, 90, wait_s=1800)
    assert (said.minutes, said.wait_worse) == (30, False)
    assert say(told, 135, wait_s=4000)[0].prompts("en") == ("estimated_wait_risen", "estimated_wait_long")


MOMENTS = st.lists(
    st.tuples(
        st.floats(0.1, 600),
        st.none() | st.integers(1, 30),
        st.none() | st.floats(0, 10_000) | st.floats(0, 400),
    ),
    min_size=2,
    max_size=40,
)


@given(MOMENTS, st.sampled_from(spoken.LANGUAGES))
def test_nothing_gets_worse_without_a_word(
    moments: list[tuple[float, int | None, float | None]], language: str
) -> None:
    told, now = Told(), 1000.0
    place: int | None = None
    minutes: int | None = None
    for pause, position, wait_s in moments:
        now += pause
        said, told = say(told, now, position=position, wait_s=wait_s)
        prompts = said.prompts(language)
        if said.position is not None:
            assert said.position == position
            assert (place is not None and said.position > place) == ("queue_position_changed" in prompts)
            place = said.position
        if said.minutes is not None:
            if minutes is not None and said.minutes > minutes:
                assert "estimated_wait_risen" in prompts
            assert 1 <= said.minutes <= MORE_THAN_AN_HOUR
            minutes = said.minutes
        assert set(prompts) <= spoken.all_ids(language)


@given(MOMENTS)
def test_a_better_estimate_is_told(moments: list[tuple[float, int | None, float | None]]) -> None:
    """Whoever is told of a wait is never told of a longer one than is expected, but for what is left of a promise."""
    told, now = Told(), 1000.0
    for pause, position, wait_s in moments:
        now += pause
        before = told
        said, told = say(told, now, position=position, wait_s=wait_s)
        if said.minutes is not None and wait_s is not None and wait_s <= 3600:
            promised = (before.until or now) - now
            assert (said.minutes - 1) * 60 <= max(wait_s, promised)
