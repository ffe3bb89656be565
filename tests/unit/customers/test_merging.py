"""Merging and parting, as properties over any two customers."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cti.customers.merging import PLAIN, Address, Image, Record, differing, fields, merged, parted, value, winner

WORDS = st.sampled_from(["", "", "a", "b", "张伟"])
NUMBERS = st.lists(st.sampled_from(["+861", "+862", "+863", "+864"]), unique=True).map(tuple)
ADDRESSES = st.lists(st.builds(Address, label=WORDS, text=st.sampled_from(["x", "y"])), unique_by=repr).map(tuple)
IMAGES = st.builds(
    Image,
    name=WORDS,
    vip=st.integers(0, 9),
    city=WORDS,
    company=WORDS,
    branch=WORDS,
    agent_id=WORDS,
    new=st.booleans(),
    extra=st.dictionaries(st.sampled_from(["p", "q", "r"]), st.sampled_from(["1", "2"])),
    numbers=NUMBERS,
    addresses=ADDRESSES,
)
SIDES = st.dictionaries(st.sampled_from([*PLAIN[:-1], "extra.p", "extra.q"]), st.sampled_from(["kept", "other"]))


def record(kept: Image, other: Image, choices: dict[str, str]) -> Record:
    after = merged(kept, other, choices)  # type: ignore[arg-type]  # the two sides
    return Record(kept=kept, other=other, after=after, moved={})


@given(IMAGES, IMAGES, SIDES)
def test_undoing_a_merge_at_once_gives_both_back_exactly(kept: Image, other: Image, choices: dict[str, str]) -> None:
    done = record(kept, other, choices)
    assert parted(done, done.after) == (kept, other)


@given(IMAGES, IMAGES, SIDES)
def test_nothing_of_either_is_lost_by_a_merge(kept: Image, other: Image, choices: dict[str, str]) -> None:
    after = merged(kept, other, choices)  # type: ignore[arg-type]  # the two sides
    assert set(after.numbers) == {*kept.numbers, *other.numbers}
    assert {repr(one) for one in after.addresses} == {repr(one) for one in (*kept.addresses, *other.addresses)}
    for field in fields(kept, other):
        side = choices.get(field, winner(kept, other, field))
        assert value(after, field) == value(kept if side == "kept" else other, field)
        if field not in choices and (value(kept, field) or value(other, field)):
            assert value(after, field)


@given(IMAGES, IMAGES, IMAGES)
def test_an_edit_in_between_survives_the_undo(kept: Image, other: Image, edit: Image) -> None:
    done = record(kept, other, {})
    now = replace(done.after, name=edit.name, extra=edit.extra, numbers=edit.numbers)
    ours, theirs = parted(done, now)
    assert ours.name == (kept.name if now.name == done.after.name else now.name)
    for code in {*now.extra, *done.after.extra, *kept.extra}:
        changed = now.extra.get(code, "") != done.after.extra.get(code, "")
        assert ours.extra.get(code, "") == (now.extra if changed else kept.extra).get(code, "")
    assert {*ours.numbers, *theirs.numbers} == set(now.numbers)
    assert ours.city == kept.city
    assert replace(theirs, numbers=other.numbers) == other


def test_only_what_both_have_and_differs_needs_a_choice() -> None:
    blank = Image(
        name="", vip=0, city="", company="", branch="", agent_id="", new=True, extra={}, numbers=(), addresses=()
    )
    kept, other = replace(blank, name="A", city="X"), replace(blank, name="B", vip=2, extra={"p": "1"})
    assert differing(kept, other) == ("name",)
    assert [winner(kept, other, one) for one in ("name", "vip", "city", "extra.p")] == [
        "kept",
        "other",
        "kept",
        "other",
    ]
    assert winner(replace(kept, new=True), replace(other, new=False), "name") == "other"
