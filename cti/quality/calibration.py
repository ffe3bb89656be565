"""Calibration: two scorers judged the same conversation by the same scorecard; how far do they agree?"""

from itertools import combinations
from typing import Generic, Protocol, TypeVar

import msgspec

from cti.quality.scorecard import Answers, Question, Scorecard

S = TypeVar("S", bound="Scored")


class Scored(Protocol):
    """A finished score; `card` is the scorecard as it was when it was filled in."""

    @property
    def agent_id(self) -> str: ...
    @property
    def scorer(self) -> str: ...
    @property
    def card(self) -> Scorecard: ...
    @property
    def answers(self) -> Answers: ...


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """`by` is how many points the second gave more than the first, None when only one of them skipped it."""

    question: Question
    first: int | None
    second: int | None
    by: int | None

    @property
    def alike(self) -> bool:
        return self.first == self.second


class Calibration(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """`agreement`: the share of the questions, 0 to 1, to which both gave the same answer."""

    first: S
    second: S
    differences: tuple[Difference, ...]
    agreement: float


def differences(card: Scorecard, first: Answers, second: Answers) -> tuple[Difference, ...]:
    """In the order of the card. Questions that only one of them was asked, since the card changed, are left out."""
    return tuple(
        _difference(question, first[question.code], second[question.code])
        for question in card.questions
        if question.code in first and question.code in second
    )


def _difference(question: Question, first: int | None, second: int | None) -> Difference:
    if first is None or second is None:
        return Difference(question=question, first=first, second=second, by=0 if first == second else None)
    return Difference(question=question, first=first, second=second, by=second - first)


def agreement(found: tuple[Difference, ...]) -> float:
    """1 when there was nothing to disagree about."""
    return sum(one.alike for one in found) / len(found) if found else 1.0


def calibrations(scores: tuple[S, ...]) -> tuple[Calibration[S], ...]:
    """Of finished scores of one conversation: every pair of scorers who judged the same agent by the same card."""
    return tuple(
        _calibration(first, second)
        for first, second in combinations(scores, 2)
        if (first.agent_id, first.card.code) == (second.agent_id, second.card.code) and first.scorer != second.scorer
    )


def _calibration(first: S, second: S) -> Calibration[S]:
    found = differences(second.card, first.answers, second.answers)
    return Calibration(first=first, second=second, differences=found, agreement=agreement(found))
