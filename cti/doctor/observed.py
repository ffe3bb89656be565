"""What was seen. Nothing here is judged; None is whatever could not be looked at."""

import msgspec

Step = tuple[str, str, str]
"""(extension, priority, application in lower case) of a context in the dialplan."""


class AsteriskSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`trouble`: why it could not be looked at, "" for nothing; then the rest is as it is by default.

    `refused`: manager actions that we need and may not use. `events`: whether events of channels reach us.
    `skew_s`: Asterisk's clock minus ours. `agi`: whether Asterisk reached the daemon over FastAGI.
    `contexts`: name -> what is loaded, of those that we ship.
    """

    trouble: str = ""
    version: str = ""
    refused: tuple[str, ...] = ()
    events: bool | None = None
    unloaded: tuple[str, ...] = ()
    skew_s: float | None = None
    agi: bool | None = None
    endpoints: frozenset[str] = frozenset()
    contexts: dict[str, frozenset[Step]] | None = None


class BooksSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: "sqlite" or "postgresql". `skew_s`: the database's clock minus ours."""

    kind: str
    trouble: str = ""
    revision: str = ""
    head: str = ""
    skew_s: float | None = None


class FolderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`private`: what others must not read; `open`: they can."""

    name: str
    path: str
    there: bool
    writable: bool = True
    private: bool = False
    open: bool = False
    free: int | None = None
    size: int | None = None


class CertificateSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`left_s`: how long it is still valid, negative when it has expired."""

    path: str
    trouble: str = ""
    left_s: float | None = None


class DaemonSeen(msgspec.Struct, frozen=True, kw_only=True):
    """By its control socket. `nofile`: how many files it may have open."""

    running: bool
    link: bool = False
    nofile: int | None = None


class MachineSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`outdated`: libraries that are missing or older than we need, as "name found (needs ...)".

    `exposed`: "what host:port" of everything that other machines can reach without being meant for them.
    `synchronised`: what timedatectl says of the clock.
    """

    python: tuple[int, int, int]
    outdated: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    synchronised: bool | None = None


class Observations(msgspec.Struct, frozen=True, kw_only=True):
    """`wanted`: the dialplan as we ship it. `prompts_missing`: language -> ids without a sound.

    `agents`: how many people have an extension. `trunk`: the endpoint that calls come from.
    """

    asterisk: AsteriskSeen
    daemon: DaemonSeen
    books: BooksSeen
    machine: MachineSeen
    folders: tuple[FolderSeen, ...] = ()
    certificates: tuple[CertificateSeen, ...] = ()
    wanted: dict[str, frozenset[Step]] = {}
    prompts_missing: dict[str, tuple[str, ...]] = {}
    trunk: str = "trunk"
