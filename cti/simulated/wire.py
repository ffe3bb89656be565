"""What a phone's process and its owner tell each other: one JSON object a line.

baresip allows one stack per process, so that every phone is a process of its own (`phone_process.py`).
"""

import msgspec

from cti.simulated.tones import TONES, Window


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """The first line to the process. `server` and `host` are without and with the port: "127.0.0.1:5060", "127.0.0.2".

    Without `secret` it does not register: the server knows it by its address. Everything that is heard is appended to
    the file `keep`, if one is named: samples as in `cti.simulated.tones`, without a header.
    """

    user: str
    server: str
    secret: str = msgspec.field(default="")
    host: str = "127.0.0.1"
    port: int
    display: str = ""
    listen_for: tuple[int, ...] = TONES
    keep: str = ""
    srtp: bool = False
    """Only calls whose sound is encrypted (SDES)."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One request, answered by one `Done` of the same `id`. `call` is 0 where `do` concerns none."""

    id: int
    do: str
    call: int = 0
    text: str = ""
    number: float = 0.0


class Done(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`error` is empty when it worked; `call` is what `dial` made."""

    id: int
    call: int = 0
    error: str = ""


class CallNews(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`what`: "incoming", "dialling", "ringing", "established", "closed" (`text`: why) or "digit" (`text`: which)."""

    call: int
    what: str
    at: float
    text: str = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One window of what a call's far end sent."""

    call: int
    window: Window


class Said(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A line of the SIP stack's log."""

    text: str


FromPhone = Done | CallNews | Heard | Said
