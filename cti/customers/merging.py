"""Two records of one customer become one, and are parted again. Pure: `cti/store/customer_merges.py` moves the rows.

Undoing is a three-way merge: a value that is still what the merge made of it goes back to what it was before, one that
somebody has changed since is kept. So without an edit in between both are exactly as they were, and no edit is ever
lost to an undo.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeVar

import msgspec

Side = Literal["kept", "other"]
T = TypeVar("T")
PLAIN: Final = ("name", "vip", "city", "company", "branch", "agent_id", "new")
"""The fields of an `Image` with one value each."""
CHOSEN: Final = PLAIN[:-1]
"""Those of them that people choose between."""
EXTRA: Final = "extra."


class Address(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    text: str


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """What people can edit of a customer, at one moment. `new`: made by an unknown caller, nobody has edited it."""

    name: str
    vip: int
    city: str
    company: str
    branch: str
    agent_id: str
    new: bool
    extra: dict[str, str]
    numbers: tuple[str, ...]
    addresses: tuple[Address, ...]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """All that undoing needs. `moved`: table -> keys of the rows that changed hands."""

    kept: Image
    other: Image
    after: Image
    moved: dict[str, list[str | int]]


def value(image: Image, field: str) -> str | int:
    """Of a field as `differing` names it: one of `CHOSEN`, or `extra.<code>`."""
    if field.startswith(EXTRA):
        return image.extra.get(field.removeprefix(EXTRA), "")
    found: str | int = getattr(image, field)
    return found


def fields(kept: Image, other: Image) -> tuple[str, ...]:
    """Every field that one of the two has a value in, or might have."""
    return (*CHOSEN, *(EXTRA + code for code in sorted({*kept.extra, *other.extra})))


def differing(kept: Image, other: Image) -> tuple[str, ...]:
    """What somebody has to choose: both have a value, and not the same one."""
    return tuple(
        field
        for field in fields(kept, other)
        if value(kept, field) and value(other, field) and value(kept, field) != value(other, field)
    )


def winner(kept: Image, other: Image, field: str) -> Side:
    """Unless somebody chooses: the higher level, what is there before what is not, a name that a person wrote."""
    ours, theirs = value(kept, field), value(other, field)
    if field == "vip":
        return "other" if int(theirs) > int(ours) else "kept"
    if not ours or (field == "name" and theirs and kept.new and not other.new):
        return "other"
    return "kept"


def merged(kept: Image, other: Image, choices: Mapping[str, Side]) -> Image:
    """`choices` names fields of `fields`; what it does not name goes by `winner`."""

    def won(field: str) -> str | int:
        side = choices.get(field, winner(kept, other, field))
        return value(kept if side == "kept" else other, field)

    extra = {field.removeprefix(EXTRA): str(won(field)) for field in fields(kept, other) if field.startswith(EXTRA)}
    return msgspec.structs.replace(
        kept,
        **{field: won(field) for field in CHOSEN},
        new=kept.new and other.new,
        extra={code: text for code, text in extra.items() if text},
        numbers=_together(kept.numbers, other.numbers),
        addresses=_together(kept.addresses, other.addresses),
    )


def _together(ours: Sequence[T], theirs: Sequence[T]) -> tuple[T, ...]:
    return (*ours, *(one for one in theirs if one not in ours))


def parted(record: Record, now: Image) -> tuple[Image, Image]:
    """(kept, other) after an undo; `now` is what the merged customer has become."""
    before, after = record.kept, record.after
    extra = {
        code: before.extra.get(code, "") if now.extra.get(code, "") == after.extra.get(code, "") else now.extra[code]
        for code in {*before.extra, *now.extra}
        if now.extra.get(code, "") == after.extra.get(code, "") or code in now.extra
    }
    plain = {field: getattr(before if getattr(now, field) == getattr(after, field) else now, field) for field in PLAIN}
    kept = msgspec.structs.replace(
        before,
        **plain,
        extra={code: text for code, text in extra.items() if text},
        numbers=_ours(before.numbers, after.numbers, now.numbers),
        addresses=_ours(before.addresses, after.addresses, now.addresses),
    )
    other = msgspec.structs.replace(
        record.other,
        numbers=tuple(one for one in record.other.numbers if one in now.numbers),
        addresses=tuple(one for one in record.other.addresses if one in now.addresses),
    )
    return kept, other


def _ours(before: Sequence[T], after: Sequence[T], now: Sequence[T]) -> tuple[T, ...]:
    """What was removed since the merge stays away, what was added stays with the kept one."""
    return (*(one for one in before if one in now), *(one for one in now if one not in after))
