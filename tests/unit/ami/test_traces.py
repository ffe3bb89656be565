"""What a real Asterisk sent during real calls, replayed whole, cut, truncated and twice."""

import gzip
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.ami.codec import Decoder, Received
from cti.ami.messages import Banner, Event, unescaped

TRACES = Path(__file__).parents[2] / "traces"
WANTED = {"Newchannel", "Newstate", "BridgeEnter", "BridgeLeave", "Hangup", "OriginateResponse"}
DAEMON = (TRACES / "hotline_2_calls_daemon.ami").read_bytes()
WITNESS = (TRACES / "hotline_2_calls_witness.ami").read_bytes()


def decode(*chunks: bytes, wanted: set[str] | None = None) -> list[Received]:
    decoder = Decoder(wanted)
    messages = [message for chunk in chunks for message in decoder.feed(chunk)]
    assert decoder.strange == 0
    return messages


def by_hand(data: bytes) -> list[dict[str, str]]:
    """A second reading of the same bytes, line by line, with nothing in common with the codec."""
    messages: list[dict[str, str]] = [{}]
    for line in data.decode().split("\r\n")[1:-1]:
        if line:
            name, value = line.split(": ", 1)
            messages[-1].setdefault(name, value)
        elif messages[-1]:
            messages.append({})
    return messages[:-1] if not messages[-1] else messages


@pytest.mark.parametrize("data", [DAEMON, WITNESS], ids=["daemon", "witness"])
def test_nothing_is_lost_or_invented(data: bytes) -> None:
    assert [dict(message) for message in decode(data) if not isinstance(message, Banner)] == by_hand(data)


@pytest.mark.parametrize("name", ["daemon", "witness"])
def test_thirty_calls(name: str) -> None:
    data = gzip.decompress((TRACES / f"hotline_30_calls_{name}.ami.gz").read_bytes())
    messages = decode(data, wanted=WANTED)
    events = [message for message in messages if isinstance(message, Event)]
    assert [dict(event) for event in events] == [one for one in by_hand(data) if one.get("Event") in WANTED]
    hung_up = [event["Uniqueid"] for event in events if event.name == "Hangup"]
    assert sorted(hung_up) == sorted(event["Uniqueid"] for event in events if event.name == "Newchannel")
    assert len(set(hung_up)) == 60
    names = {unescaped(event["CallerIDName"]) for event in events if event.name == "Newchannel"}
    assert {"张小龙", "王芳", "Zoë O'Neil", "李 <img src=x onerror=alert(1)>"} <= names


def test_every_cut_of_a_call_gives_the_same() -> None:
    whole = decode(DAEMON, wanted=WANTED)
    for cut in range(0, len(DAEMON), 7):
        assert decode(DAEMON[:cut], DAEMON[cut:], wanted=WANTED) == whole
    assert decode(*(DAEMON[at : at + 1] for at in range(len(DAEMON))), wanted=WANTED) == whole


@settings(max_examples=40, deadline=None)
@given(cuts=st.sets(st.integers(0, len(WITNESS)), max_size=60), end=st.integers(0, len(WITNESS)))
def test_cut_and_truncated_it_is_a_beginning_of_the_whole(cuts: set[int], end: int) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < end), end]
    messages = decode(*(WITNESS[a:b] for a, b in itertools.pairwise(edges)))
    assert messages == decode(WITNESS)[: len(messages)]


@settings(max_examples=40, deadline=None)
@given(start=st.integers(0, len(WITNESS)))
def test_from_the_middle_it_is_an_end_of_the_whole(start: int) -> None:
    decoder = Decoder(WANTED)
    decoder.feed(WITNESS[: WITNESS.index(b"\r\n") + 2])
    messages = decoder.feed(WITNESS[start:] if start > 30 else b"")
    whole = decode(WITNESS, wanted=WANTED)
    assert messages == whole[len(whole) - len(messages) :]


def test_twice_it_is_everything_twice() -> None:
    banner, rest = WITNESS.split(b"\r\n", 1)
    once = decode(WITNESS, wanted=WANTED)
    assert decode(banner + b"\r\n" + rest + rest, wanted=WANTED) == once + once[1:]


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [("O\\'Neil", "O'Neil"), ('\\"x\\"', '"x"'), ("a\\\\b", "a\\b"), ("a\\nb", "a\nb"), ("张", "张"), ("a\\", "a\\")],
)
def test_names_are_unescaped(escaped: str, plain: str) -> None:
    assert unescaped(escaped) == plain
