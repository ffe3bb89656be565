"""Which forms are complete."""

import pytest

from cti.agents.wrap_up import FormField, FormRules, Lack, lack_of

FIELDS = (
    FormField(code="order", required=True),
    FormField(code="damage", kind="choice", options=("box", "goods")),
    FormField(code="visit", kind="date"),
    FormField(code="claim", kind="number"),
)
RULES = FormRules(dispositions={"solved": (), "damaged": FIELDS})


def test_a_disposition_is_only_asked_for_where_one_is_required() -> None:
    assert lack_of(RULES, "", {}) is None
    required = FormRules(dispositions=RULES.dispositions, required=True)
    assert lack_of(required, "", {}) == Lack("disposition", "a disposition must be chosen")
    assert lack_of(required, "solved", {"of another": "disposition"}) is None


def test_a_disposition_that_is_gone_is_refused_but_not_where_there_is_no_list() -> None:
    lack = lack_of(RULES, "gone", {})
    assert lack == Lack("disposition", "'gone' is not among the dispositions of this queue (any more)")
    assert lack_of(FormRules(), "anything", {}) is None


@pytest.mark.parametrize(
    ("values", "lack"),
    [
        ({}, Lack("fields.order", "'order' must be filled in")),
        ({"order": "  "}, Lack("fields.order", "'order' must be filled in")),
        ({"order": "88123"}, None),
        ({"order": "1", "damage": "box", "visit": "2026-02-28", "claim": "-12.50"}, None),
        ({"order": "1", "damage": "door"}, Lack("fields.damage", "'damage' must be one of box, goods")),
        ({"order": "1", "visit": "2026-02-30"}, Lack("fields.visit", "'visit' must be a date, such as 2026-11-30")),
        ({"order": "1", "visit": "20260228"}, Lack("fields.visit", "'visit' must be a date, such as 2026-11-30")),
        ({"order": "1", "claim": "nan"}, Lack("fields.claim", "'claim' must be a number")),
        ({"order": "1", "claim": "much"}, Lack("fields.claim", "'claim' must be a number")),
    ],
)
def test_fields(values: dict[str, str], lack: Lack | None) -> None:
    assert lack_of(RULES, "damaged", values) == lack
