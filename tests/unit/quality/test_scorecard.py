import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.quality.calibration import agreement, calibrations, differences
from cti.quality.scorecard import Answers, BadAnswer, Question, Scorecard, check, result


def question(code: str, kind: str = "rating", weight: float = 1, **more: bool) -> Question:
    assert kind in {"rating", "yes_no"}
    return Question(
        code=code, label={"en": code}, kind="rating" if kind == "rating" else "yes_no", weight=weight, **more
    )


CARD = Scorecard(
    code="service",
    label={"en": "Service"},
    questions=(
        question("greeting", "yes_no", 1),
        question("solution", "rating", 3),
        question("verified", "yes_no", 2, auto_fail=True, may_skip=True),
        question("manner", "rating", 0, auto_fail=True),
    ),
)
GOOD: Answers = {"greeting": 1, "solution": 4, "verified": 1, "manner": 5}


def test_a_score_is_the_weighted_mean() -> None:
    assert result(CARD, GOOD).percent == round(100 * (1 + 3 * 0.8 + 2) / 6, 1) == 90.0
    assert result(CARD, {**GOOD, "greeting": 0, "solution": 0}).percent == 33.3


def test_what_was_skipped_counts_in_neither() -> None:
    found = result(CARD, {**GOOD, "verified": None})
    assert (found.percent, found.failed) == (85.0, ())


@pytest.mark.parametrize(("code", "failed"), [("verified", ("verified",)), ("manner", ("manner",)), ("greeting", ())])
def test_the_worst_answer_to_an_auto_fail_question_makes_it_nothing(code: str, failed: tuple[str, ...]) -> None:
    found = result(CARD, {**GOOD, code: 0})
    assert found.failed == failed
    assert (found.percent == 0) is bool(failed)


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ({"solution": 6}, "solution", "0 to 5, not 6"),
        ({"greeting": 2}, "greeting", "0 to 1"),
        ({"greeting": -1}, "greeting", "0 to 1"),
        ({"greeting": None}, "greeting", "cannot be skipped"),
        ({"polite": 1}, "polite", "no question polite"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(answers: Answers, code: str, words: str) -> None:
    with pytest.raises(BadAnswer, match=words) as caught:
        check(CARD, answers)
    assert caught.value.question == code


def test_a_draft_may_be_incomplete_and_a_score_may_not() -> None:
    check(CARD, {"solution": 3})
    with pytest.raises(BadAnswer, match="greeting is not answered"):
        result(CARD, {"solution": 3})
    only = Scorecard(code="c", label={}, questions=(question("a", may_skip=True),))
    with pytest.raises(BadAnswer, match="at least one"):
        result(only, {"a": None})


answers = st.fixed_dictionaries(
    {
        "greeting": st.integers(0, 1),
        "solution": st.integers(0, 5),
        "verified": st.none() | st.integers(0, 1),
        "manner": st.integers(0, 5),
    }
)


@given(answers)
def test_a_score_is_a_percentage_and_a_better_answer_never_lowers_it(given_answers: dict[str, int | None]) -> None:
    found = result(CARD, given_answers)
    assert 0 <= found.percent <= 100
    for one in CARD.questions:
        value = given_answers[one.code]
        if value is not None and value < one.most:
            assert result(CARD, {**given_answers, one.code: value + 1}).percent >= found.percent


class Score:
    def __init__(self, scorer: str, answers: Answers, *, card: Scorecard = CARD, agent_id: str = "anna") -> None:
        self.scorer, self.answers, self.card, self.agent_id = scorer, answers, card, agent_id


def test_calibration_tells_the_difference_per_question_and_the_share_of_agreement() -> None:
    found = differences(CARD, GOOD, {"greeting": 1, "solution": 2, "verified": None, "manner": 5})
    assert [(one.question.code, one.by) for one in found] == [
        ("greeting", 0),
        ("solution", -2),
        ("verified", None),
        ("manner", 0),
    ]
    assert agreement(found) == 0.5
    skipped = differences(CARD, {"verified": None}, {"verified": None})
    assert [one.by for one in skipped] == [0]
    assert agreement(skipped) == 1


@given(answers, answers)
def test_agreement_is_symmetric_and_whole_with_oneself(
    one: dict[str, int | None], other: dict[str, int | None]
) -> None:
    assert agreement(differences(CARD, one, other)) == agreement(differences(CARD, other, one))
    assert agreement(differences(CARD, one, one)) == 1


def test_only_scores_of_the_same_agent_by_the_same_card_are_compared() -> None:
    other_card = Scorecard(code="other", label={}, questions=CARD.questions)
    scores = (
        Score("sue", GOOD),
        Score("tom", GOOD),
        Score("tom", GOOD, agent_id="ben"),
        Score("una", GOOD, card=other_card),
        Score("una", {**GOOD, "solution": 5}),
    )
    found = calibrations(scores)
    assert [(one.first.scorer, one.second.scorer, one.agreement) for one in found] == [
        ("sue", "tom", 1.0),
        ("sue", "una", 0.75),
        ("tom", "una", 0.75),
    ]


def test_a_question_that_the_card_got_later_is_not_compared() -> None:
    newer = Scorecard(code="service", label={}, questions=(*CARD.questions, question("records")))
    (found,) = calibrations((Score("sue", GOOD), Score("tom", {**GOOD, "records": 3}, card=newer)))
    assert len(found.differences) == 4
    assert found.agreement == 1
