"""AMI: whatever comes, however it is cut, decodes as in one piece; nothing of it can be sent as a second action."""

import random

from cti.ami.codec import MAX_BANNER_BYTES, Decoder, Received, encode_action, variable
from cti.ami.messages import Event
from cti.calls.tracker import WANTED
from cti.errors import LocalProtocolError, RemoteProtocolError

BANNER = b"Asterisk Call Manager/9.0.0\r\n"
SMALL = 512
WORDS = (
    b"Event: Newchannel",
    b"Event: Hangup",
    b"Event: VarSet",
    b"Event: CoreShowChannel",
    b"Response: Success",
    b"Response: Error",
    b"ActionID: a-1",
    b"Uniqueid: 1.1",
    b"Uniqueid: 1.2",
    b"CallerIDNum: 139",
    b"ConnectedLineNum: 139",
    b"CallerIDName: O\\'Neil",
    b"ChanVariable: a=1",
    b'ChanVariable: b=,\\"[',
    b"Output: x",
    b"no colon",
    b": ",
    b"\r",
    b"\n",
    b"",
    b"",
    b"",
)


def fresh(chance: random.Random, most: int) -> bytes:
    """Lines that Asterisk might write, in any order, now and then broken."""
    size, parts = chance.randint(8, most), [chance.randbytes(3)]
    while sum(map(len, parts)) < size:
        parts += (chance.choice(WORDS), b"\r\n" if chance.random() < 0.95 else chance.randbytes(2))
    return b"".join(parts)[:most]


def one_input(data: bytes) -> None:
    flags, first, second = (*data[:3], 0, 0, 0)[:3]
    stream = data[3:] if flags & 1 else BANNER + data[3:]
    most = SMALL if flags & 2 else 4 << 20
    whole, whole_failed, _ = _decoded([stream], flags, most)
    pieces, failed, longest = _decoded(_cut(stream, 1 + first % 64, 1 + second), flags, most)
    assert longest <= most + MAX_BANNER_BYTES, f"{longest} bytes are kept"
    if failed and not whole_failed:
        assert most == SMALL, "a piece fails where the whole does not"
        assert pieces == whole[: len(pieces)]
    elif not failed:
        assert not whole_failed
        assert pieces == whole
    for message in whole:
        if isinstance(message, Event):
            _is_not_forged(message)
            _cannot_smuggle(message)


def _decoded(pieces: list[bytes], flags: int, most: int) -> tuple[list[Received], bool, int]:
    decoder = Decoder(WANTED if flags & 4 else None, max_message_bytes=most)
    decoder.lists_open = bool(flags & 8)
    received: list[Received] = []
    longest = 0
    try:
        for piece in pieces:
            received += decoder.feed(piece)
            longest = max(longest, len(decoder._tail))
    except RemoteProtocolError:
        return received, True, longest
    return received, False, longest


def _cut(stream: bytes, first: int, second: int) -> list[bytes]:
    pieces, at, size = [], 0, first
    while at < len(stream):
        pieces.append(stream[at : at + size])
        at, size = at + size, first + second - size
    return pieces


def _is_not_forged(event: Event) -> None:
    if "CallerIDNum" in event:
        for name in event:
            assert name.endswith("Variable") or len(event.every(name)) == 1, f"{name} comes twice"


def _cannot_smuggle(event: Event) -> None:
    for value in event.values():
        one = variable("LD_NAME", value)
        try:
            sent = encode_action("Originate", {"CallerID": value, "Variable": (one, "B=1")}, "a-1")
        except LocalProtocolError:
            continue
        assert sent.count(b"\r\n") == 6
        assert sent.count(b"\n") == sent.count(b"\r") == 6
        assert sent.endswith(b"\r\n\r\n")
        assert sent.find(b"\r\n\r\n") == len(sent) - 4
