"""What was seen, judged. Pure: `examine` gives one finding for each defect, or one that says that all is well."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

import msgspec

from cti.doctor.observed import FolderSeen, Observations

Level = Literal["ok", "warning", "problem"]

OLDEST_ASTERISK: Final = 20
SKEW_S: Final = 1.0
SKEW_TOO_MUCH_S: Final = 30.0
LITTLE: Final = 0.1
"""Share of a disk, and below it `LEAST_FREE`, from which on it is nearly full."""
LITTLE_FREE: Final = 10 * 2**30
LEAST_FREE: Final = 2**30
NOFILE: Final = 4096
"""A caller takes an AGI connection and a browser a socket each; 1,024, as shells have it, is soon too few."""
EXPIRES_SOON_S: Final = 21 * 86_400.0
FALLBACK: Final = frozenset({"ld-away", "ld-fallback"})
"""Without these a caller is lost when the daemon is."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`code` names the sentence in `texts.py`, "" where all is well; `values` fill it in."""

    check: str
    level: Level
    code: str = ""
    values: dict[str, str] = {}


_Found = Iterator[Finding]


def _say(check: str, level: Level, code: str, **values: object) -> Finding:
    return Finding(check=check, level=level, code=code, values={name: str(value) for name, value in values.items()})


def _daemon(seen: Observations) -> _Found:
    daemon = seen.daemon
    if not daemon.running:
        yield _say("daemon", "problem", "daemon_down")
    elif not daemon.link:
        yield _say("daemon", "problem", "daemon_no_link")
    if daemon.nofile is not None and daemon.nofile < NOFILE:
        yield _say("daemon", "warning", "nofile", found=daemon.nofile, wanted=NOFILE)


def _manager(seen: Observations) -> _Found:
    asterisk = seen.asterisk
    if asterisk.trouble:
        yield _say("manager", "problem", "manager", why=asterisk.trouble)
    if asterisk.refused:
        yield _say("manager", "problem", "rights", what=", ".join(asterisk.refused))
    if asterisk.events is False:
        yield _say("manager", "problem", "events")


def _version(seen: Observations) -> _Found:
    major = seen.asterisk.version.partition(".")[0].rpartition("/")[2]
    if major.isdecimal() and int(major) < OLDEST_ASTERISK:
        yield _say("version", "problem", "asterisk_old", found=seen.asterisk.version, wanted=OLDEST_ASTERISK)


def _modules(seen: Observations) -> _Found:
    for module in seen.asterisk.unloaded:
        code = "codec" if module.startswith("codec_") else "module"
        yield _say("modules", "problem", code, module=module)


def _dialplan(seen: Observations) -> _Found:
    loaded = seen.asterisk.contexts
    if loaded is None:
        return
    for name, steps in seen.wanted.items():
        if name not in loaded:
            code = "fallback_missing" if name in FALLBACK else "context_missing"
            yield _say("dialplan", "problem", code, context=name)
        elif name != "ld-site" and (differing := loaded[name] ^ steps):
            exten, priority, _ = min(differing, key=lambda step: (step[0], int(step[1])))
            yield _say("dialplan", "warning", "context_differs", context=name, where=f"{exten},{priority}")


def _agi(seen: Observations) -> _Found:
    if seen.asterisk.agi is False:
        yield _say("agi", "problem", "agi")


def _endpoints(seen: Observations) -> _Found:
    if not seen.asterisk.trouble and seen.trunk not in seen.asterisk.endpoints:
        yield _say("endpoints", "problem", "trunk", endpoint=seen.trunk)
    if not seen.asterisk.trouble and not seen.asterisk.endpoints - {seen.trunk}:
        yield _say("endpoints", "warning", "no_agents")


def _clocks(seen: Observations) -> _Found:
    for who, skew in (("Asterisk", seen.asterisk.skew_s), (seen.books.kind, seen.books.skew_s)):
        if skew is not None and abs(skew) >= SKEW_S:
            level: Level = "problem" if abs(skew) >= SKEW_TOO_MUCH_S else "warning"
            yield _say("clocks", level, "skew", who=who, seconds=f"{skew:+.1f}")
    if seen.machine.synchronised is False:
        yield _say("clocks", "warning", "not_synchronised")


def _books(seen: Observations) -> _Found:
    books = seen.books
    if books.trouble:
        yield _say("books", "problem", "books", why=books.trouble)
    elif books.revision != books.head:
        yield _say("books", "problem", "schema", found=books.revision or "-", wanted=books.head)


def _disks(seen: Observations) -> _Found:
    for folder in seen.folders:
        if folder.free is None or not folder.size:
            continue
        values = {"folder": folder.name, "path": folder.path, "free": f"{folder.free / 2**30:.1f}"}
        if folder.free < LEAST_FREE:
            yield _say("disks", "problem", "disk_full", **values)
        elif folder.free < min(LITTLE * folder.size, LITTLE_FREE):
            yield _say("disks", "warning", "disk_little", **values)


def _files(seen: Observations) -> _Found:
    for folder in seen.folders:
        if code := _wrong_with(folder):
            level: Level = "warning" if code == "not_there" else "problem"
            yield _say("files", level, code, folder=folder.name, path=folder.path)


def _wrong_with(folder: FolderSeen) -> str:
    if not folder.there:
        return "not_there"
    if not folder.writable:
        return "not_writable"
    return "readable" if folder.private and folder.open else ""


def _certificates(seen: Observations) -> _Found:
    for one in seen.certificates:
        if one.trouble:
            yield _say("certificates", "problem", "certificate", path=one.path, why=one.trouble)
        elif one.left_s is not None and one.left_s <= 0:
            yield _say("certificates", "problem", "expired", path=one.path)
        elif one.left_s is not None and one.left_s < EXPIRES_SOON_S:
            yield _say("certificates", "warning", "expires", path=one.path, days=int(one.left_s // 86_400))


def _prompts(seen: Observations) -> _Found:
    for language, ids in seen.prompts_missing.items():
        if ids:
            yield _say("prompts", "problem", "prompts", language=language, count=len(ids), first=", ".join(ids[:3]))


def _libraries(seen: Observations) -> _Found:
    for library in seen.machine.outdated:
        yield _say("libraries", "problem", "library", library=library)


def _exposed(seen: Observations) -> _Found:
    for what in seen.machine.exposed:
        yield _say("exposed", "warning", "exposed", what=what)


CHECKS: Final[Mapping[str, Callable[[Observations], _Found]]] = {
    "daemon": _daemon,
    "manager": _manager,
    "version": _version,
    "modules": _modules,
    "dialplan": _dialplan,
    "agi": _agi,
    "endpoints": _endpoints,
    "clocks": _clocks,
    "books": _books,
    "disks": _disks,
    "files": _files,
    "certificates": _certificates,
    "prompts": _prompts,
    "libraries": _libraries,
    "exposed": _exposed,
}
_OF_ASTERISK: Final = frozenset({"version", "modules", "dialplan", "agi", "endpoints"})


def examine(seen: Observations) -> tuple[Finding, ...]:
    """In the order of `CHECKS`; what could not be looked at is not called well."""
    return tuple(finding for name, check in CHECKS.items() for finding in _of(name, check, seen))


def _of(name: str, check: Callable[[Observations], _Found], seen: Observations) -> list[Finding]:
    found = list(check(seen))
    if not found and not (name in _OF_ASTERISK and seen.asterisk.trouble):
        found.append(Finding(check=name, level="ok"))
    return found


def exit_code(findings: tuple[Finding, ...]) -> int:
    """0: all is well; 1: a warning; 2: a problem."""
    levels = {finding.level for finding in findings}
    return 2 if "problem" in levels else 1 if "warning" in levels else 0
