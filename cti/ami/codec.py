"""AMI on the wire, without I/O: bytes in, messages out; an action in, bytes out.

Source: docs.asterisk.org, "AMI v2 Specification". A message is lines of `Name: value` that end with CR LF, and an empty
line. Asterisk sends some ninety events for one queued call, of which the daemon needs a third, so that an event's name
is read before anything else, and one that nobody wants costs no more than finding its end.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence

from cti.ami.messages import Banner, Event, Response
from cti.errors import LocalProtocolError, RemoteProtocolError

EOL = b"\r\n"
END = b"\r\n\r\n"
GREETING = b"Asterisk Call Manager/"
MAX_BANNER_BYTES = 256
MAX_MESSAGE_BYTES = 4 << 20  # a `Command` may print thousands of lines in one message
_EVENT = b"Event: "
_RESPONSE = b"Response: "
_ACTION_ID = b"\r\nActionID: "
_FORBIDDEN = frozenset("\r\n\0")
_SYNTAX = re.compile(r'[\\",()\[\]]')
_ESCAPED = r"\\\g<0>"

Fields = Mapping[str, str | Sequence[str]]
Received = Banner | Event | Response


class _SplitLines(dict[bytes, tuple[str, ...]]):
    """Header lines seen lately, split and decoded: all events of one call share most of their lines.

    A call's channel, caller, context and language stand in twenty of its events; reading them once makes decoding
    a third faster than splitting every line (tests/bench/bench_ami.py).
    """

    MAX_LINES = 4096
    MAX_LINE_BYTES = 256

    def __missing__(self, line: bytes) -> tuple[str, ...]:
        pair = tuple(line.decode("utf-8", "replace").split(": ", 1))
        if ":" in pair[0]:  # `Name:value: x` has no blank where the name ends, and is read by `_split_any`
            pair = (pair[0],)
        if len(line) <= self.MAX_LINE_BYTES:
            if len(self) >= self.MAX_LINES:
                self.clear()
            self[line] = pair
        return pair


class _AnyEvent:
    """The set of all lines that begin an event."""

    def __contains__(self, line: object) -> bool:
        return isinstance(line, bytes) and line.startswith(_EVENT)


class Decoder:
    """Bytes of one connection into messages, however the network cut them.

    `wanted` names the events to deliver, None all of them. While `lists_open` is true, an event that carries an
    ActionID is delivered whatever its name: it is an item of a list reply. A message or a first line that is too long,
    or a greeting that is not a manager's, raises RemoteProtocolError; the connection is of no use afterwards.
    """

    __slots__ = ("_banner_seen", "_max_bytes", "_split_line", "_tail", "_wanted", "lists_open", "strange")

    def __init__(self, wanted: Iterable[str] | None = None, *, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._wanted: Container[bytes] = (
            _AnyEvent() if wanted is None else frozenset(_EVENT + name.encode() for name in wanted)
        )
        self._max_bytes = max_message_bytes
        self._split_line = _SplitLines().__getitem__
        self._tail = b""
        self._banner_seen = False
        self.lists_open = False
        self.strange = 0  # messages passed over: neither event nor response, or forged by a caller

    def feed(self, data: bytes) -> list[Received]:
        """Messages completed by `data`, in order."""
        received: list[Received] = []
        if self._tail:
            data = self._tail + data
        if not self._banner_seen:
            banner, data = self._read_banner(data)
            if banner is None:
                return received
            received.append(banner)
        end = data.rfind(END)
        self._tail = data[end + len(END) :] if end >= 0 else data
        if len(self._tail) > self._max_bytes:
            raise RemoteProtocolError(f"Asterisk sent a message longer than {self._max_bytes} bytes")
        if end >= 0:
            self._decode_blocks(data[:end].split(END), received)
        return received

    def _read_banner(self, data: bytes) -> tuple[Banner | None, bytes]:
        line, found, rest = data.partition(EOL)
        if len(line) > MAX_BANNER_BYTES or not line.startswith(GREETING[: len(line)]):
            raise RemoteProtocolError(f"this is no Asterisk manager: it says {line[:40].decode('ascii', 'replace')!r}")
        if not found:
            self._tail = data
            return None, b""
        if not line.startswith(GREETING):
            raise RemoteProtocolError("this is no Asterisk manager: its greeting is cut short")
        self._banner_seen = True
        return Banner(line[len(GREETING) :].decode("ascii", "replace")), rest

    def _decode_blocks(self, blocks: list[bytes], received: list[Received]) -> None:
        wanted, split_line = self._wanted, self._split_line
        for block in blocks:
            if block.split(EOL, 1)[0] in wanted:
                lines = block.split(EOL)
                try:
                    event = Event(map(split_line, lines))  # type: ignore[arg-type]  # a short tuple is a ValueError
                except ValueError:
                    self._decode_slowly(block, received)
                    continue
                if len(event) == len(lines):
                    received.append(event)
                else:
                    self._decode_slowly(block, received)
            elif not block.startswith(_EVENT) or (self.lists_open and _ACTION_ID in block):
                self._decode_slowly(block, received)

    def _decode_slowly(self, block: bytes, received: list[Received]) -> None:
        """What the fast way cannot do: responses, stray line ends, lines without a colon, headers that are repeated."""
        lines = [line for line in block.split(EOL) if line]
        if not lines:
            return
        headers = [_split_any(line) for line in lines]
        if lines[0].startswith(_RESPONSE):
            received.append(Response.of(headers))
        elif not lines[0].startswith(_EVENT) or _is_forged(headers):
            self.strange += 1
        elif lines[0] in self._wanted or (self.lists_open and _ACTION_ID in block):
            received.append(Event.of(headers))


def _is_forged(headers: list[tuple[str, str]]) -> bool:
    """Whether an event of a channel has a header twice that Asterisk writes once.

    Asterisk 22 writes a caller's number and the extension as they came, and a SIP user part may say `%0D%0A`: such a
    caller writes headers into the events of their own channel - another `Uniqueid`, for example. (That they may write
    whole events as well only Asterisk itself can prevent: see the last event filter in asterisk/manager.conf.)
    """
    once = [name for name, _ in headers if not name.endswith("Variable")]
    return len(once) != len(set(once)) and any(name.endswith("CallerIDNum") for name in once)


def _split_any(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("utf-8", "replace").partition(":")
    return name, value.removeprefix(" ")


def encode_action(name: str, fields: Fields, action_id: str) -> bytes:
    """One action as Asterisk reads it; a field with a sequence of values becomes as many headers (`Variable`).

    A CR, LF or NUL in any name or value would start a header, or an action, of somebody else's choice (a caller's
    name goes into `Originate`): LocalProtocolError, and nothing is sent.
    """
    lines = [_header("Action", name), _header("ActionID", action_id)]
    for key, value in fields.items():
        lines.extend(_header(key, one) for one in ((value,) if isinstance(value, str) else value))
    return ("".join(lines) + "\r\n").encode("utf-8", "replace")


def variable(name: str, value: str) -> str:
    """One `Variable` of an `Originate`, safe for any value.

    Asterisk cuts the header at commas and takes quotes, brackets and backslashes as syntax (manager.c:
    astman_get_variables, app.c: __ast_app_separate_args): a caller called `x,LD_CUSTOMER=1` would set another variable.
    """
    return f"{name}={_SYNTAX.sub(_ESCAPED, value)}"


def _header(name: str, value: str) -> str:
    if not name or not _FORBIDDEN.isdisjoint(name) or ":" in name or not _FORBIDDEN.isdisjoint(value):
        raise LocalProtocolError(f"header {name[:40]!r} has a line break or an illegal name and is not sent")
    return f"{name}: {value}\r\n"
