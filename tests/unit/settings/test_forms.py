"""Trees of dispositions that cannot work are refused, word for word, with file:line; the floor goes by the others."""

from pathlib import Path

import pytest

from cti.agents.wrap_up import FormField, FormRules
from cti.daemon.changes import changes
from cti.errors import ConfigError
from cti.private_asterisk.model import REPOSITORY
from cti.settings import read
from cti.settings.configuration import Configuration, examine

QUEUES = "queues:\n  sales: {label: {zh: 销售, en: Sales}}\n"
LABEL = "label: {zh: 甲, en: A}"


def configured(root: Path, trees: str, queues: str = QUEUES) -> Configuration:
    (root / "config" / "flows").mkdir(parents=True, exist_ok=True)
    if not (root / "ivr_prompts").exists():
        (root / "ivr_prompts").symlink_to(REPOSITORY / "ivr_prompts")
    (root / "config" / "queues.yaml").write_text(queues)
    (root / "config" / "laidian.yaml").write_text(f'hotlines: {{"*": main}}\n{trees}')
    (root / "config" / "flows" / "main.yaml").write_text("entry: end\nsteps:\n  end: {type: hang_up}\n")
    return examine(read(root), 1_772_000_000.0)


def refused(root: Path, trees: str, queues: str = QUEUES) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        configured(root, trees, queues)
    return [str(problem).removeprefix(f"{root}/config/") for problem in caught.value.problems]


def test_codes_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    trees = f"""\
dispositions:
  - code: a
    {LABEL}
  - code: b
    {LABEL}
    children:
      - code: a
        {LABEL}
      - code: c
        {LABEL}
        fields:
          - {{code: order, {LABEL}}}
          - {{code: order, {LABEL}}}
          - code: what
            {LABEL}
            kind: choice
            options:
              - {{code: x, {LABEL}}}
              - {{code: x, {LABEL}}}
"""
    assert refused(tmp_path, trees) == [
        "laidian.yaml:8: the code 'a' is here for the second time, it is on line 3 already",
        "laidian.yaml:14: the field 'order' is here for the second time, it is on line 13 already",
        "laidian.yaml:20: the option 'x' is here for the second time, it is on line 19 already",
    ]


def test_a_code_that_means_two_things_is_refused_and_so_is_a_tree_that_is_not_there(tmp_path: Path) -> None:
    trees = """\
dispositions:
  - {code: a, label: {zh: 甲, en: A}}
disposition_trees:
  other:
    - {code: a, label: {zh: 甲, en: A}}
  third:
    - {code: a, label: {zh: 乙, en: A}}
"""
    queues = QUEUES + "  night:\n    label: {zh: 夜班, en: Night}\n    dispositions: ohter\n"
    assert refused(tmp_path, trees, queues) == [
        "queues.yaml:5: there is no tree 'ohter' in disposition_trees, there are: other, third",
        "laidian.yaml:8: 'a' has another label on line 3: in all trees one code means one thing",
    ]


@pytest.mark.parametrize(
    ("node", "complaint"),
    [
        ("label: {en: A}", "3: expected words in zh and en, there are none in zh"),
        ("label: {zh: ' ', en: A}", "3: expected words in zh and en, there are none in zh"),
        (
            f"{LABEL}, children: [{{code: b, {LABEL}}}], complaint: true",
            "3: 'a' has children, one of which is chosen: let these ask for fields",
        ),
        (
            f"{LABEL}, fields: [{{code: x, {LABEL}, kind: choice}}]",
            "3: the field 'x' is a choice and needs options",
        ),
        (
            f"{LABEL}, fields: [{{code: x, {LABEL}, options: [{{code: y, {LABEL}}}]}}]",
            "3: the field 'x' has options: only one of kind choice may",
        ),
        (
            f"{LABEL}, fields: [{{code: x, {LABEL}, kind: colour}}]",
            "3: expected one of 'text', 'choice', 'date', 'number', found 'colour'",
        ),
        (f"{LABEL}, follow_up_days: 400", "3: expected a number less than or equal to 366, found 400"),
    ],
)
def test_what_a_disposition_cannot_be(tmp_path: Path, node: str, complaint: str) -> None:
    assert refused(tmp_path, f"dispositions:\n  - {{code: a, {node}}}\n") == [f"laidian.yaml:{complaint}"]


def test_a_tree_that_contains_itself_is_refused(tmp_path: Path) -> None:
    trees = f"dispositions: &tree\n  - code: a\n    {LABEL}\n    children: *tree\n"
    assert refused(tmp_path, trees)[0] == "laidian.yaml:2: an anchor contains itself"


@pytest.mark.parametrize("what", ["queues", "reasons"])
def test_no_label_may_be_in_one_language_only(tmp_path: Path, what: str) -> None:
    queues = "queues:\n  sales: {label: {en: Sales}}\n" if what == "queues" else QUEUES
    reasons = "not_ready_reasons:\n  - {code: lunch, label: {zh: 用餐}}\n" if what == "reasons" else ""
    (found,) = refused(tmp_path, reasons, queues)
    lacking = "zh" if what == "queues" else "en"
    assert found.endswith(f": expected words in zh and en, there are none in {lacking}")


def test_what_the_queues_ask_for(tmp_path: Path) -> None:
    trees = f"""\
dispositions:
  - {{code: a, {LABEL}}}
disposition_trees:
  other:
    - code: branch
      {LABEL}
      children:
        - code: leaf
          {LABEL}
          fields: [{{code: n, {LABEL}, kind: number, required: true}}]
"""
    night = (
        "  night: {label: {zh: 夜, en: N}, dispositions: other, disposition_required: true, wrap_up_unfinished: wait}\n"
    )
    old = configured(tmp_path, trees, QUEUES + night)
    plain = FormRules(dispositions={"a": ()})
    field = FormField(code="n", kind="number", required=True)
    assert old.forms == {
        "": plain,
        "sales": plain,
        "night": FormRules(dispositions={"leaf": (field,)}, required=True, waits=True),
    }
    assert [rules.wrap_up_ends for rules in old.rules] == [True, False]
    new = configured(tmp_path, trees.replace("kind: number", "kind: date"), QUEUES + night)
    assert changes(old, new) == ("1 disposition tree changed: other",)
