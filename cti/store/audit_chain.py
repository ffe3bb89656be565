"""The audit log's hash chain: what makes a change, a gap, an insertion and a cut tail visible. Pure.

Every entry has one `Link`. `link.hash` is SHA-256 over the hash of the link before and the entry as canonical JSON.
What an entry says of people (`subject`, `detail`) stands in that JSON as a salted digest only, `link.content`: when a
customer's data are erased both texts and the salt go and the chain still holds, although the digest no longer tells
anything. An entry may be emptied so only if an entry of `ERASING` names it; see `emptied_note`.

The chain has no secret. Who can write the database can make another one that is whole, so the hash of its last link is
kept elsewhere too (`cti.store.audit_anchor`).
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

FIRST: Final = ""
"""Stands for the hash before the first link."""
ERASING: Final = frozenset({"customer.erase", "retention.run"})
_VERSION: Final = b"laidian audit 1\n"
_NOTE: Final = "audit entries emptied: "
_RANGES: Final = re.compile(re.escape(_NOTE) + r"((?:\d+(?:-\d+)?)(?:, \d+(?:-\d+)?)*)$")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `audit`."""

    fact_id: str
    at: float
    actor: str
    role: str
    command: str
    subject: str
    allowed: bool
    detail: str
    interaction_id: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `audit_chain`; `seq` counts from 1. `salt` None: the entry was emptied."""

    seq: int
    fact_id: str
    salt: str | None
    content: str
    hash: str


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """The last link at one moment, kept outside the database."""

    seq: int
    hash: str


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` 0: the entry has no place in the chain."""

    seq: int
    fact_id: str
    what: str

    def __str__(self) -> str:
        where = f"entry {self.seq}" if self.seq else "an entry outside the chain"
        return f"{where} ({self.fact_id}): {self.what}" if self.fact_id else f"{where}: {self.what}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`emptied`: how many were, lawfully. `broken`: the first that does not hold, None when all do."""

    entries: int
    emptied: int
    head: Anchor | None
    broken: Broken | None = None


def link(previous: Link | None, entry: Entry) -> Link:
    salt = secrets.token_hex(16)
    content = _content(salt, entry)
    seq = previous.seq + 1 if previous else 1
    before = previous.hash if previous else FIRST
    return Link(seq=seq, fact_id=entry.fact_id, salt=salt, content=content, hash=_hash(before, seq, content, entry))


def emptied_note(seqs: Iterable[int]) -> str:
    """The end of an erasure's `detail`; "" for none."""
    ranges: list[list[int]] = []
    for seq in sorted(set(seqs)):
        if ranges and ranges[-1][1] == seq - 1:
            ranges[-1][1] = seq
        else:
            ranges.append([seq, seq])
    texts = [f"{first}-{last}" if last > first else f"{first}" for first, last in ranges]
    return _NOTE + ", ".join(texts) if texts else ""


def verify(rows: Iterable[tuple[Link, Entry | None]], anchor: Anchor | None = None) -> Verdict:
    """`rows`: every link in the order of `seq`, each with the entry of its `fact_id`."""
    walk = _Walk()
    anchored = anchor is None
    for one, entry in rows:
        if broken := walk.step(one, entry):
            return walk.verdict(broken)
        if anchor is not None and one.seq == anchor.seq:
            if one.hash != anchor.hash:
                return walk.verdict(_broken(one, "it is not the one that the anchor outside the database names"))
            anchored = True
    if unnamed := walk.unnamed():
        return walk.verdict(Broken(seq=unnamed[0], fact_id="", what="it was emptied, and no erasure names it"))
    if anchor is not None and not anchored:
        end = Broken(
            seq=walk.seq + 1, fact_id="", what=f"it was cut off: by the anchor there were {anchor.seq} entries"
        )
        return walk.verdict(end)
    return walk.verdict(None)


class _Walk:
    def __init__(self) -> None:
        self.seq = 0
        self._hash = FIRST
        self._emptied: set[int] = set()
        self._named: set[int] = set()

    def step(self, one: Link, entry: Entry | None) -> Broken | None:
        if one.seq != self.seq + 1:
            return Broken(seq=self.seq + 1, fact_id="", what="it is missing")
        if entry is None or entry.fact_id != one.fact_id:
            return _broken(one, "it was removed")
        if one.salt is None and (entry.subject or entry.detail):
            return _broken(one, "it has no salt any more, but it was not emptied")
        if one.salt is not None and one.content != _content(one.salt, entry):
            return _broken(one, "its subject or detail was changed")
        if one.hash != _hash(self._hash, one.seq, one.content, entry):
            return _broken(one, "it was changed, or it is not the one that stood here")
        if one.salt is None:
            self._emptied.add(one.seq)
        if entry.command in ERASING and entry.allowed:
            self._named.update(_named(entry.detail, below=one.seq))
        self.seq, self._hash = one.seq, one.hash
        return None

    def unnamed(self) -> list[int]:
        return sorted(self._emptied - self._named)

    def verdict(self, broken: Broken | None) -> Verdict:
        head = Anchor(seq=self.seq, hash=self._hash) if self.seq else None
        return Verdict(entries=self.seq, emptied=len(self._emptied), head=head, broken=broken)


def _broken(one: Link, what: str) -> Broken:
    return Broken(seq=one.seq, fact_id=one.fact_id, what=what)


def _named(detail: str, *, below: int) -> Iterator[int]:
    if found := _RANGES.search(detail):
        for text in found[1].split(", "):
            first, _, last = text.partition("-")
            yield from range(int(first), min(int(last or first) + 1, below))


def _content(salt: str, entry: Entry) -> str:
    return hashlib.sha256(msgspec.json.encode([salt, entry.subject, entry.detail])).hexdigest()


def _hash(previous: str, seq: int, content: str, entry: Entry) -> str:
    """Canonical: a JSON list in a fixed order, numbers in their shortest form, no spaces."""
    told = [
        *(previous, seq, content, entry.fact_id, float(entry.at), entry.actor, entry.role, entry.command),
        *(bool(entry.allowed), entry.interaction_id),
    ]
    return hashlib.sha256(_VERSION + msgspec.json.encode(told)).hexdigest()
