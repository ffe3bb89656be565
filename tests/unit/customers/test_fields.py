import pytest

from cti.customers.fields import Choice, CustomerField, WrongValue, patched, written


def field(kind: str, **more: object) -> CustomerField:
    return CustomerField(code="x", label={"en": "X"}, kind=kind, **more)  # type: ignore[arg-type]  # any of them


MEMBER = field("text", pattern="M[0-9]{3}", required=True)
COLOUR = field("choice", choices=(Choice(code="red", label={}), Choice(code="blue", label={})))


@pytest.mark.parametrize(
    ("which", "given", "kept"),
    [
        (MEMBER, " M123 ", "M123"),
        (field("number"), "0012.50", "12.50"),
        (field("number"), "-3", "-3"),
        (field("date"), "2026-11-21", "2026-11-21"),
        (COLOUR, "blue", "blue"),
        (field("yes_no"), "no", "no"),
        (field("yes_no"), "", ""),
    ],
)
def test_a_value_is_kept_in_one_writing(which: CustomerField, given: str, kept: str) -> None:
    assert written(which, given) == kept


@pytest.mark.parametrize(
    ("which", "given", "words"),
    [
        (MEMBER, "M1234", "pattern"),
        (MEMBER, "  ", "must not be empty"),
        (field("number"), "twelve", "expected a number"),
        (field("number"), "NaN", "expected a number"),
        (field("number"), "1e999", "expected a number"),
        (field("date"), "21.11.2026", "like 2026-11-21"),
        (field("date"), "2026-02-30", "expected a date"),
        (COLOUR, "green", "one of red, blue"),
        (field("yes_no"), "maybe", "yes or no"),
        (field("text"), "x" * 501, "at most 500"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_in_words(which: CustomerField, given: str, words: str) -> None:
    with pytest.raises(WrongValue, match=words):
        written(which, given)


def test_a_patch_changes_what_it_names_and_keeps_what_is_no_longer_configured() -> None:
    assert patched([COLOUR], {"x": "red", "old": "kept"}, {"x": ""}) == {"old": "kept"}
    with pytest.raises(WrongValue, match="no such field; there are: x"):
        patched([COLOUR], {}, {"y": "1"})
