"""Finds a usable Asterisk: the machine's own if it is 20 or newer, otherwise a private copy in the user's cache.

The private copy is Debian's package and everything it needs, fetched by the machine's own apt from the machine's own
mirror with its signatures checked, and unpacked - not installed - into one folder. It is run through its own dynamic
loader, so it needs neither root nor namespaces nor mounts (docs/decisions/0002-private-asterisk.md).
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cti.errors import Unusable
from cti.private_asterisk.allow_list import lacking
from cti.private_asterisk.fetch import PACKAGES, SUITE, fetch_packages
from cti.private_asterisk.model import REPOSITORY

OLDEST = (20, 0)
MODULE_DIRS = ("lib/*/asterisk/modules", "lib/asterisk/modules", "lib64/asterisk/modules")


@dataclass(frozen=True, slots=True)
class Installation:
    """One Asterisk on disk. `command` starts it (append arguments); `version` is (major, minor)."""

    command: tuple[str, ...]
    version: tuple[int, int]
    module_dir: Path
    data_dir: Path

    @property
    def modules(self) -> frozenset[str]:
        return frozenset(path.stem for path in self.module_dir.glob("*.so"))

    @property
    def music_dir(self) -> Path:
        return self.data_dir / "moh"


def find_or_build() -> Installation:
    """May take a minute and network on the first call of a user. LAIDIAN_ASTERISK names a binary, or "private".

    Raises Unusable with one sentence when there is no way to an Asterisk of version 20 or newer.
    """
    wanted = os.environ.get("LAIDIAN_ASTERISK", "")
    if wanted and wanted != "private":
        return _of_machine(wanted)
    if not wanted and (found := shutil.which("asterisk") or shutil.which("/usr/sbin/asterisk")):
        try:
            installed = _of_machine(found)
            if not lacking(REPOSITORY / "asterisk", installed.modules):
                return installed
        except Unusable:
            pass  # too old or without modules: the private one takes its place
    return _of_folder(_cached())


def cache_dir() -> Path:
    if named := os.environ.get("LAIDIAN_CACHE"):
        return Path(named) / "laidian"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "laidian"


def parse_version(text: str) -> tuple[int, int]:
    """From `asterisk -V`, for example "Asterisk 22.10.1+dfsg" or "Asterisk certified/20.7-cert2"."""
    match = re.search(r"Asterisk\s+(?:certified[/-])?(\d+)\.(\d+)", text)
    if not match:
        raise Unusable(f"this does not look like the version of an Asterisk: {text.strip()[:80]!r}")
    return int(match[1]), int(match[2])


def _version_of(command: tuple[str, ...]) -> tuple[int, int]:
    try:
        done = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - our own command
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unusable(f"{command[-1]} cannot be run: {error}") from error
    version = parse_version(done.stdout or done.stderr)
    if version < OLDEST:
        raise Unusable(f"{command[-1]} is Asterisk {version[0]}.{version[1]}; at least {OLDEST[0]} is needed")
    return version


def _of_machine(binary: str) -> Installation:
    version = _version_of((binary,))
    places = [place for pattern in MODULE_DIRS for place in Path("/usr").glob(pattern)]
    module_dir = next((place for place in places if (place / "chan_pjsip.so").exists()), None)
    if module_dir is None:
        raise Unusable(f"{binary} has no module chan_pjsip.so in /usr/lib/*/asterisk/modules; install Asterisk's PJSIP")
    data = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))
    return Installation((binary,), version, module_dir, next((d for d in data if (d / "moh").is_dir()), data[0]))


def _of_folder(root: Path) -> Installation:
    loaders = sorted(root.glob("usr/lib/*/ld-linux-*.so.*")) + sorted(root.glob("usr/lib/ld-linux-*.so.*"))
    if not loaders:
        raise Unusable(f"{root} is damaged (no dynamic loader in it); delete it and start again")
    library_dir = next(root.glob("usr/lib/*/libc.so.6")).parent
    command = (str(loaders[0]), "--library-path", str(library_dir), str(root / "usr/sbin/asterisk"))
    return Installation(command, _version_of(command), library_dir / "asterisk/modules", root / "usr/share/asterisk")


def _cached() -> Path:
    key = hashlib.sha256(" ".join((SUITE, platform.machine(), *PACKAGES)).encode()).hexdigest()[:12]
    target = cache_dir() / f"asterisk-{key}"
    if target.is_dir():
        return target
    with _only_builder(target.parent / f"asterisk-{key}.lock"):
        if not target.is_dir():
            building = target.with_name(f"{target.name}.building")
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            fetch_packages(building)
            _of_folder(building)  # proves that it runs, before anybody else can see it
            building.rename(target)
    return target


@contextmanager
def _only_builder(lock: Path) -> Iterator[None]:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("w")
    except OSError as error:
        raise Unusable(
            f"the cache folder {lock.parent} cannot be written: {error.strerror}; set LAIDIAN_CACHE"
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
