"""FastAGI on the wire, without I/O: what Asterisk sends, as values; a command, as one line.

Source: docs.asterisk.org, "AGI Commands", and res/res_agi.c. Asterisk opens with `agi_name: value` lines and an empty
line; then each command is answered by `200 result=...` or a 5xx line; `HANGUP` may come at any time.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

import msgspec

from cti.errors import LocalProtocolError, RemoteProtocolError

MAX_HEADER_BYTES = 16 << 10
MAX_LINE_BYTES = 8 << 10
MAX_USAGE_LINES = 200
_RESULT = re.compile(r"200 result=(?P<result>[^ ]*)(?: \((?P<data>.*)\))?(?: endpos=(?P<endpos>[0-9]{1,18}))?\s*$")
_HEADER = re.compile(r"^agi_([^:\n]*): ?(.*)$", re.MULTILINE)
_UNKNOWN = frozenset({"unknown", "N/A"})


class Environment(msgspec.Struct, frozen=True):
    """What a call brings along; `headers` are the `agi_...` lines without that prefix."""

    headers: Mapping[str, str]

    @property
    def uniqueid(self) -> str:
        return self.headers.get("uniqueid", "")

    @property
    def channel(self) -> str:
        return self.headers.get("channel", "")

    @property
    def language(self) -> str:
        return self.headers.get("language", "")

    @property
    def context(self) -> str:
        return self.headers.get("context", "")

    @property
    def extension(self) -> str:
        return self.headers.get("extension", "")

    @property
    def caller_number(self) -> str:
        """Empty for a caller who withholds it."""
        return self._known("callerid")

    @property
    def caller_name(self) -> str:
        return self._known("calleridname")

    @property
    def dialled_number(self) -> str:
        """The DNID, or where the trunk sets none, the extension that was dialled."""
        return self._known("dnid") or self.extension

    @property
    def script(self) -> str:
        """`hotline` of `agi://daemon/hotline?x=1`."""
        return unquote(self.headers.get("network_script", "").partition("?")[0]).strip("/")

    @property
    def query(self) -> dict[str, str]:
        """What stands behind the question mark of the AGI's address."""
        return dict(parse_qsl(self.headers.get("network_script", "").partition("?")[2], keep_blank_values=True))

    @property
    def args(self) -> tuple[str, ...]:
        """The further arguments of the dialplan's `AGI(url,arg,arg)`."""
        args: list[str] = []
        while (arg := self.headers.get(f"arg_{len(args) + 1}")) is not None:
            args.append(arg)
        return tuple(args)

    def _known(self, name: str) -> str:
        value = self.headers.get(name, "")
        return "" if value in _UNKNOWN else value


class Result(msgspec.Struct, frozen=True):
    """A command was carried out: `200 result=<value> (<data>) endpos=<endpos>`.

    What `value` means differs by command: mostly a digit's character code, 0, or -1 for a failure or a lost channel.
    """

    value: str
    data: str = ""
    endpos: int = 0


class Refusal(msgspec.Struct, frozen=True):
    """510 unknown command, 511 not on a dead channel, 520 wrong use; `text` is what Asterisk said."""

    code: int
    text: str


class Hangup(msgspec.Struct, frozen=True):
    """The channel is gone, or was taken away (`Bridge()`); the connection may stay open for a while."""


Received = Environment | Result | Refusal | Hangup


class Decoder:
    """Bytes of one FastAGI connection into values, however the network cut them.

    RemoteProtocolError for anything that Asterisk would not send: headers that are too long, too many, twice the same
    (a line feed smuggled into a caller's number), or not `agi_...` at all; a line that is no answer.
    """

    __slots__ = ("_headers", "_in_header", "_max_header_bytes", "_seen_bytes", "_tail", "_usage")

    def __init__(self, *, max_header_bytes: int = MAX_HEADER_BYTES) -> None:
        self._max_header_bytes = max_header_bytes
        self._headers: dict[str, str] = {}
        self._in_header = True
        self._seen_bytes = 0
        self._tail = b""
        self._usage: list[str] | None = None

    def feed(self, data: bytes) -> list[Received]:
        """Values completed by `data`, in order."""
        if self._in_header and not self._tail and (env := self._all_at_once(data)) is not None:
            return [env]
        lines = (self._tail + data).split(b"\n")
        self._tail = lines.pop()
        received: list[Received] = []
        for line in lines:
            self._check(len(line))
            one = self._line(line.decode("utf-8", "replace").rstrip("\r"))
            if one is not None:
                received.append(one)
        self._check(len(self._tail), complete=False)
        return received

    def _all_at_once(self, data: bytes) -> Environment | None:
        """The rest of the headers, as they mostly come; None for what is to be looked at line by line."""
        if not data.endswith(b"\n\n") or b"\r" in data or self._seen_bytes + len(data) > self._max_header_bytes:
            return None
        headers = {**self._headers, **dict(_HEADER.findall(data.decode("utf-8", "replace")))}
        if len(headers) != len(self._headers) + data.count(b"\n") - 1 or "uniqueid" not in headers:
            return None  # something is twice, or is no header
        self._in_header = False
        return Environment(headers)

    def _check(self, length: int, *, complete: bool = True) -> None:
        if self._in_header:
            if self._seen_bytes + length > self._max_header_bytes:
                raise RemoteProtocolError(f"AGI headers are longer than {self._max_header_bytes} bytes")
            if complete:
                self._seen_bytes += length + 1
        elif length > MAX_LINE_BYTES:
            raise RemoteProtocolError(f"an AGI answer is longer than {MAX_LINE_BYTES} bytes")

    def _line(self, line: str) -> Received | None:
        if self._in_header:
            return self._header(line)
        if self._usage is not None:
            return self._usage_line(line)
        if line == "HANGUP":
            return Hangup()
        if found := _RESULT.match(line):
            return Result(found["result"], found["data"] or "", int(found["endpos"] or 0))
        return self._other_answer(line)

    def _other_answer(self, line: str) -> Refusal | None:
        code = line[:3]
        if line.startswith("520-"):
            self._usage = [line[4:]]
        elif code in {"510", "511", "520"}:
            return Refusal(int(code), line[4:])
        elif line and code != "100":  # 100 tells of progress
            raise RemoteProtocolError(f"this is no AGI answer: {line[:60]!r}")
        return None

    def _header(self, line: str) -> Environment | None:
        if not line:
            if "uniqueid" not in self._headers:
                raise RemoteProtocolError("AGI headers without agi_uniqueid")
            self._in_header = False
            return Environment(self._headers)
        name, colon, value = line.partition(":")
        if not colon or not name.startswith("agi_"):
            raise RemoteProtocolError(f"this is no AGI header: {line[:60]!r}")
        name = name.removeprefix("agi_")
        if name in self._headers:
            raise RemoteProtocolError(f"AGI header agi_{name[:40]} comes twice")
        self._headers[name] = value.removeprefix(" ")
        return None

    def _usage_line(self, line: str) -> Refusal | None:
        usage = self._usage or []
        if line.startswith("520 "):
            self._usage = None
            return Refusal(520, "\n".join(usage))
        if len(usage) >= MAX_USAGE_LINES:
            raise RemoteProtocolError("an AGI usage text does not end")
        usage.append(line)
        return None


def encode_command(name: str, *args: str | int) -> bytes:
    """`SET VARIABLE` with its arguments as one line, each argument quoted.

    A CR, LF or NUL would start a second command: LocalProtocolError, and nothing is sent.
    """
    words = [name, *(_quoted(str(arg)) for arg in args)]
    line = " ".join(words)
    if not _FORBIDDEN.isdisjoint(line):
        raise LocalProtocolError(f"an argument of the AGI command {name[:40]!r} has a line break and is not sent")
    return (line + "\n").encode("utf-8", "replace")


_FORBIDDEN = frozenset("\r\n\0")


def _quoted(arg: str) -> str:
    escaped = arg.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
