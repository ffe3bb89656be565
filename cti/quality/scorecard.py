"""A scorecard and the arithmetic of a score.

Each question has a weight. A rating goes from 0 to 5, yes or no are 1 and 0; the score is the weighted mean of what was
reached of what could be, in percent. A question that was skipped (where the card allows it) counts in neither. An
auto-fail question that got its worst answer makes the whole score 0, whatever the others say.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from cti.errors import CtiError

Kind = Literal["rating", "yes_no"]
Answers = Mapping[str, int | None]
"""Code of the question -> the answer; None: does not apply here."""

MOST: Final[Mapping[Kind, int]] = {"rating": 5, "yes_no": 1}


class BadAnswer(CtiError):
    """An answer that the question does not take; `question` is its code."""

    def __init__(self, question: str, message: str) -> None:
        super().__init__(message)
        self.question = question


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`label`: language -> words. `may_skip`: it may be answered with "does not apply"."""

    code: str
    label: dict[str, str]
    kind: Kind
    weight: float
    auto_fail: bool = False
    may_skip: bool = False

    @property
    def most(self) -> int:
        return MOST[self.kind]


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """`queues`: whose conversations it is meant for; empty: all. The total of the weights is above 0."""

    code: str
    label: dict[str, str]
    questions: tuple[Question, ...]
    queues: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`percent` 0 to 100 with one decimal; `failed`: the auto-fail questions that made it 0."""

    percent: float
    failed: tuple[str, ...]


def check(card: Scorecard, answers: Answers) -> None:
    """Raises BadAnswer unless every answer is one that its question takes. Missing ones are fine: a draft has them."""
    questions = {question.code: question for question in card.questions}
    for code, value in answers.items():
        question = questions.get(code)
        if question is None:
            raise BadAnswer(code, f"the scorecard {card.code} has no question {code}")
        if value is None:
            if not question.may_skip:
                raise BadAnswer(code, f"the question {code} has to be answered, it cannot be skipped")
        elif not 0 <= value <= question.most:
            raise BadAnswer(code, f"the answer to {code} is 0 to {question.most}, not {value}")


def result(card: Scorecard, answers: Answers) -> Result:
    """Raises BadAnswer for what does not fit, a question without an answer, and a card that was skipped as a whole."""
    check(card, answers)
    reached = possible = 0.0
    for question in card.questions:
        if question.code not in answers:
            raise BadAnswer(question.code, f"the question {question.code} is not answered yet")
        value = answers[question.code]
        if value is not None:
            reached += question.weight * value / question.most
            possible += question.weight
    if not possible:
        raise BadAnswer("", "at least one question that counts has to be answered")
    failed = tuple(question.code for question in card.questions if question.auto_fail and answers[question.code] == 0)
    return Result(percent=0.0 if failed else round(100 * reached / possible, 1), failed=failed)
