"""`config/scorecards.yaml`, read and checked; problems come with file:line."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from cti.config.file import ConfigModel, Located, load_located
from cti.errors import ConfigError, Problem
from cti.quality.scorecard import Kind, Question, Scorecard

Words = Annotated[str, Field(min_length=1, max_length=300)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


class Label(ConfigModel):
    zh: Words
    en: Words

    def text(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


class QuestionSettings(ConfigModel):
    """`auto_fail`: the worst answer (no, or 0) makes the whole score 0. `may_skip`: "does not apply" is an answer."""

    code: Code
    label: Label
    kind: Kind = "rating"
    weight: Annotated[float, Field(ge=0, le=1000)] = 1
    auto_fail: bool = False
    may_skip: bool = False


class ScorecardSettings(ConfigModel):
    label: Label
    queues: tuple[str, ...] = ()
    questions: Annotated[tuple[QuestionSettings, ...], Field(min_length=1, max_length=100)]


class ScorecardsFile(ConfigModel):
    scorecards: dict[Code, ScorecardSettings] = Field(default_factory=dict)


def read_scorecards(config: Path, queues: Iterable[str]) -> tuple[Scorecard, ...]:
    """The scorecards of the folder `config`, in the order of the file; none without the file.

    Raises one `ConfigError` for: a question that a card has twice, a queue that is not there, a card whose questions
    weigh nothing together.
    """
    path = config / "scorecards.yaml"
    if not path.exists():
        return ()
    located = load_located(path, ScorecardsFile)
    if problems := list(_problems(located, tuple(queues))):
        raise ConfigError(*sorted(problems, key=lambda one: one.line))
    return tuple(_scorecard(code, card) for code, card in located.value.scorecards.items())


def _problems(located: Located[ScorecardsFile], queues: tuple[str, ...]) -> Iterator[Problem]:
    for code, card in located.value.scorecards.items():
        here = ("scorecards", code)
        seen: dict[str, int] = {}
        for at, question in enumerate(card.questions):
            if question.code in seen:
                line = located.line_of(*here, "questions", seen[question.code])
                text = f"the question '{question.code}' is here for the second time, it is on line {line} already"
                yield located.problem(text, *here, "questions", at)
            seen.setdefault(question.code, at)
        if not any(question.weight for question in card.questions):
            yield located.problem("at least one question has to have a weight above 0", *here, "questions")
        for at, queue in enumerate(card.queues):
            if queue not in queues:
                text = f"there is no queue '{queue}', expected one of {', '.join(queues)}"
                yield located.problem(text, *here, "queues", at)


def _scorecard(code: str, card: ScorecardSettings) -> Scorecard:
    return Scorecard(
        code=code, label=card.label.text(), queues=card.queues, questions=tuple(map(_question, card.questions))
    )


def _question(question: QuestionSettings) -> Question:
    return Question(
        code=question.code,
        label=question.label.text(),
        kind=question.kind,
        weight=question.weight,
        auto_fail=question.auto_fail,
        may_skip=question.may_skip,
    )
