"""FastAGI: any bytes, cut anywhere, give values or one ProtocolError; no argument becomes a second command."""

from cti.agi.codec import MAX_LINE_BYTES, Decoder, Environment, Received, Result, encode_command
from cti.agi.session import _digit
from cti.errors import LocalProtocolError, RemoteProtocolError
from tests.fuzz.source import Source

HEADERS = b"agi_network_script: hotline?a=1\nagi_uniqueid: 1.1\n\n"
ANSWERS = (
    b"200 result=0\n",
    b"200 result=49 endpos=8000\n",
    b"200 result=1 (a (b) c)\n",
    b"200 result=-1\nHANGUP\n",
    b"520-Invalid command syntax.\n",
    b"520 End of proper usage.\n",
    b"510 Invalid or unknown command\n",
    b"511 Command Not Permitted on a dead channel\n",
    b"100 trying\n",
    b"\r\n",
    b"200 result= (timeout)\n",
    b"200 result=9999999999 endpos=" + b"9" * 5000 + b"\n",
    "200 result=१ endpos=१\n".encode(),
)


def one_input(data: bytes) -> None:
    source = Source(data)
    flags, first, second = source.byte(), source.byte(), source.byte()
    stream = _stream(source, flags)
    most = 256 if flags & 1 else 16 << 10
    whole, whole_failed, _ = _decoded([stream], most)
    pieces, failed, longest = _decoded(_cut(stream, 1 + first % 64, 1 + second), most)
    assert longest <= max(most, MAX_LINE_BYTES), f"{longest} bytes are kept"
    assert failed == whole_failed
    assert whole_failed or pieces == whole
    for value in pieces:
        _read(value)


def _stream(source: Source, flags: int) -> bytes:
    if flags & 2:
        return source.rest()
    parts = [HEADERS] if flags & 4 else []
    while not source.spent:
        parts.append(source.pick(ANSWERS) if source.byte() % 3 else source.bytes() + b"\n")
    return b"".join(parts)


def _decoded(pieces: list[bytes], most: int) -> tuple[list[Received], bool, int]:
    decoder = Decoder(max_header_bytes=most)
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


def _read(value: Received) -> None:
    """All that the rest of the daemon reads of it."""
    if isinstance(value, Environment):
        texts = (value.caller_name, value.caller_number, value.dialled_number, value.script, *value.args)
        for text in (*texts, *value.query.values()):
            _cannot_smuggle(text)
    elif isinstance(value, Result):
        _digit(value)
        _cannot_smuggle(value.data)


def _cannot_smuggle(text: str) -> None:
    try:
        sent = encode_command("SET VARIABLE", "LD_NAME", text)
    except LocalProtocolError:
        return
    assert sent.count(b"\n") == 1
    assert sent.endswith(b'"\n')
    assert b"\r" not in sent
