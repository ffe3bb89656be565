"""The journal's files: whatever a crash or a disk makes of them, what was whole is read, in order, and nothing else."""

import os
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.errors import Unusable
from cti.events import Fact, TextRead
from cti.store import journal as disk
from cti.store.journal import Journal
from cti.store.lines import Entry, Position, entry_of, line_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def fact(text_id: str) -> Fact:
    return TextRead(at=1.0, text_id=text_id, agent_id="1001")


def line(n: int, text: str = "") -> bytes:
    return line_of(f"e-{n:08x}", msgspec.json.encode(fact(text)))


def read_all(journal: Journal, limit: int = 7) -> tuple[list[Entry], list[bytes]]:
    entries: list[Entry] = []
    bad: list[bytes] = []
    while span := journal.ahead():
        more, worse, end = disk.read(span, limit)
        entries += more
        bad += worse
        disk.remove(journal.take(end))
    return entries, bad


@given(texts)
def test_a_line_gives_back_what_was_told(text: str) -> None:
    entry = entry_of(line(3, text))
    assert (entry.id, entry.fact) == ("e-00000003", fact(text))


@given(st.binary(max_size=200))
def test_garbage_is_no_fact(garbage: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        entry_of(garbage)


@given(texts, st.data())
def test_one_wrong_bit_is_noticed(text: str, data: st.DataObject) -> None:
    good = line(1, text)
    bit = data.draw(st.integers(0, 8 * len(good) - 1))
    wrong = bytearray(good)
    wrong[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        entry_of(bytes(wrong))


@given(st.lists(texts, min_size=1, max_size=30), st.data())
def test_a_torn_tail_and_garbage_between_cost_nothing_else(told: list[str], data: st.DataObject) -> None:
    """Lines of a process that died, cut at any byte, with garbage before any of them."""
    at = data.draw(st.integers(0, len(told)))
    garbage = data.draw(st.binary(min_size=1, max_size=50).map(lambda b: b.replace(b"\n", b"?") + b"\n"))
    lines = [line(n, text) for n, text in enumerate(told)]
    whole = b"".join([*lines[:at], garbage, *lines[at:]])
    cut = data.draw(st.integers(0, len(whole)))
    with TemporaryDirectory() as folder:
        (Path(folder) / "facts-00000004.journal").write_bytes(whole[:cut])
        journal = Journal(Path(folder))
        entries, bad = read_all(journal)
        left = list(Path(folder).iterdir())
    kept = sum(1 for n in range(len(lines)) if cut >= _end_of(lines, garbage, at, n))
    assert [entry.id for entry in entries] == [f"e-{n:08x}" for n in range(kept)]
    assert sum(map(len, bad)) + sum(map(len, lines[:kept])) == cut
    assert left == [] or not cut


def _end_of(lines: list[bytes], garbage: bytes, at: int, n: int) -> int:
    return sum(map(len, lines[: n + 1])) + (len(garbage) if n >= at else 0)


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=20), st.integers(1, 400))
def test_nothing_is_forgotten_before_it_is_taken(steps: list[tuple[int, bool]], segment_bytes: int) -> None:
    """Any mixture of writing and reading, with files of any size; now and then another process goes on with it."""
    with TemporaryDirectory() as folder:
        journal = Journal(Path(folder), segment_bytes=segment_bytes, synced=False)
        told, got = 0, []
        for count, again in steps:
            for _ in range(count):
                journal.append(line(told))
                told += 1
            if again:
                journal.close()
                journal = Journal(Path(folder), segment_bytes=segment_bytes, synced=False)
            if span := journal.ahead():
                entries, _, end = disk.read(span, 2)
                got += [entry.id for entry in entries]
                disk.remove(journal.take(end))
            assert journal.size <= sum(path.stat().st_size for path in Path(folder).glob("*.journal"))
        got += [entry.id for entry in read_all(journal)[0]]
        assert journal.size == 0
        journal.close()
        assert [path.name for path in Path(folder).iterdir()] in ([], ["lock"])
    again_and_on = [int(one.partition("-")[2], 16) for one in got]
    assert sorted(set(again_and_on)) == list(range(told))
    # A new process does not know what was taken of a file; it begins with it again, and the ledger knows the ids.
    assert all(b <= a + 1 for a, b in pairwise(again_and_on))


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    one, other = Journal(tmp_path), Journal(tmp_path)
    one.own()
    with pytest.raises(Unusable, match="another daemon"):
        other.own()
    one.close()
    other.own()
    other.close()


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.append(line(1))
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda fd, data: write(fd, data[:9]))
        with pytest.raises(OSError, match="No space"):
            journal.append(line(2))
        full.setattr(os, "ftruncate", _refused)
        with pytest.raises(OSError, match="No space"):
            journal.append(line(3))
    journal.append(line(4))
    entries, bad = read_all(journal)
    assert [entry.id for entry in entries] == ["e-00000001", "e-00000004"]
    assert bad == []
    journal.close()


def _refused(_fd: int, _size: int) -> None:
    raise OSError("no")


def test_a_segment_is_thinned_and_what_is_read_is_not(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=300)
    ends = [journal.append(line(n, "x" * n)) for n in range(12)]
    assert ends[0] == Position(1, len(line(0)))
    span = journal.ahead()
    assert span is not None
    before = journal.size
    while segment := journal.thinnable():
        assert segment.number not in {span.number, ends[-1].segment}
        size, dropped = disk.thin(segment, lambda f: isinstance(f, TextRead) and len(f.text_id) % 2 == 1)
        assert dropped
        journal.thinned(segment, size)
    assert journal.size < before
    assert journal.size == sum(path.stat().st_size for path in tmp_path.glob("*.journal"))
    numbers = [int(entry.id.partition("-")[2], 16) for entry in read_all(journal)[0]]
    closed = [n for n in range(12) if ends[n].segment not in {span.number, ends[-1].segment}]
    assert numbers == [n for n in range(12) if n not in closed or n % 2 == 0]
    journal.close()
