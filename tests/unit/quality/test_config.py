import shutil
from pathlib import Path

import pytest

from cti.errors import ConfigError
from cti.quality.config import read_scorecards
from cti.quality.scorecard import result

ROOT = Path(__file__).parents[3]
QUEUES = ("after_sales", "complaints")


def test_the_example_is_a_set_of_scorecards(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config" / "scorecards.example.yaml", tmp_path / "scorecards.yaml")
    service, complaints = read_scorecards(tmp_path, QUEUES)
    assert (service.code, complaints.queues) == ("service", ("complaints",))
    best = {question.code: question.most for question in service.questions}
    assert result(service, best).percent == 100
    assert all(set(question.label) == {"zh", "en"} for question in service.questions)


def test_without_the_file_there_are_none(tmp_path: Path) -> None:
    assert read_scorecards(tmp_path, QUEUES) == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: {label: {zh: 甲, en: A}, questions: []}", "2: expected at least 1 item"),
        ("a: {label: {zh: 甲}, questions: [{code: x, label: {zh: 甲, en: A}}]}", "2: missing key 'en'"),
        ("A: {label: {zh: 甲, en: A}, questions: [{code: x, label: {zh: 甲, en: A}}]}", "2: expected text of the form"),
        (
            "a: {label: {zh: 甲, en: A}, queues: [sales], questions: [{code: x, label: {zh: 甲, en: A}}]}",
            "2: there is no queue 'sales', expected one of after_sales, complaints",
        ),
        (
            "a: {label: &l {zh: 甲, en: A}, questions: [\n    {code: x, label: *l},\n    {code: x, label: *l}]}",
            "4: the question 'x' is here for the second time, it is on line 3 already",
        ),
        (
            "a: {label: {zh: 甲, en: A}, questions: [{code: x, weight: 0, label: {zh: 甲, en: A}}]}",
            "2: at least one question has to have a weight above 0",
        ),
        (
            "a: {label: {zh: 甲, en: A}, questions: [{code: x, kind: stars, label: {zh: 甲, en: A}}]}",
            "2: expected one of 'rating', 'yes_no', found 'stars'",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "scorecards.yaml").write_text(f"scorecards:\n  {text}\n")
    with pytest.raises(ConfigError) as caught:
        read_scorecards(tmp_path, QUEUES)
    assert f"scorecards.yaml:{problem}" in str(caught.value)
