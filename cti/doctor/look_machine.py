"""Looks at the machine on which the daemon runs: folders, certificates, libraries, ports, clock."""

import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509

from cti.daemon.control import ask
from cti.doctor.observed import CertificateSeen, DaemonSeen, FolderSeen, MachineSeen
from cti.errors import ConfigError, CtiError
from cti.prompts.catalog import read as read_prompts
from cti.settings import Settings
from cti.site.watch import folders

_NEED: Final = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^\]]*\])?\s*(?P<bounds>[^;]*)(?P<marker>;.*)?$")
_LISTENS: Final = "0A"
_CERTIFICATES: Final = re.compile(r"certificate|ca_file")
_SECRETS: Final = re.compile(r"(?:\w+_)?(?:secret|password|token|key)_file|key")
_OTHERS: Final = 0o077
_CLOCK_S: Final = 5.0


async def look_at_daemon(settings: Settings) -> DaemonSeen:
    path = settings.path(settings.control_socket)
    try:
        status = await ask(path, "GET", "/status")
    except CtiError:
        return DaemonSeen(running=False)
    return DaemonSeen(running=True, link=bool(status["link"]), nofile=_nofile(path))


def _nofile(control: Path) -> int | None:
    """Of the process that listens there (unix(7), SO_PEERCRED)."""
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(control))
            peer = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        limits = Path(f"/proc/{struct.unpack('3i', peer)[0]}/limits").read_text()
    except OSError:
        return None
    found = re.search(r"^Max open files\s+(\d+)", limits, re.MULTILINE)
    return int(found[1]) if found else None


def look_at_folders(settings: Settings) -> tuple[FolderSeen, ...]:
    kept = [_folder(name, path) for name, path in folders(settings).items()]
    values = settings.model_dump(exclude={"root"})
    secrets = {name: settings.path(path) for name, path in _paths(values, _SECRETS)}
    secrets["the phones' secrets"] = settings.path(Path("var/desk-phones.json"))
    return (*kept, *(_secret(name, path) for name, path in secrets.items()))


def _paths(values: object, named: re.Pattern[str], name: str = "") -> Iterator[tuple[str, Path]]:
    """(dotted name, path) of the settings whose last word fits."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _paths(value, named, f"{name}.{key}" if name else str(key))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _paths(value, named, name)
    elif isinstance(values, Path) and named.fullmatch(name.rpartition(".")[2]):
        yield name, values


def _folder(name: str, path: Path) -> FolderSeen:
    if not path.exists():
        return FolderSeen(name=name, path=str(path), there=False)
    stat = os.statvfs(path)
    needed = os.W_OK | (os.X_OK if path.is_dir() else 0)
    return FolderSeen(
        name=name,
        path=str(path),
        there=True,
        writable=os.access(path, needed),
        free=stat.f_bavail * stat.f_frsize,
        size=stat.f_blocks * stat.f_frsize,
    )


def _secret(name: str, path: Path) -> FolderSeen:
    try:
        mode = path.stat().st_mode
    except OSError:  # the daemon says so itself when it needs one
        return FolderSeen(name=name, path=str(path), there=True)
    return FolderSeen(name=name, path=str(path), there=True, private=True, open=bool(mode & _OTHERS))


def look_at_certificates(settings: Settings) -> tuple[CertificateSeen, ...]:
    """All that the settings name."""
    found = {settings.path(path) for _, path in _paths(settings.model_dump(exclude={"root"}), _CERTIFICATES)}
    return tuple(map(_certificate, sorted(found)))


def _certificate(path: Path) -> CertificateSeen:
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        return CertificateSeen(path=str(path), trouble=error.strerror or str(error))
    except ValueError as error:
        return CertificateSeen(path=str(path), trouble=f"{error}".rstrip("."))
    ends = min(one.not_valid_after_utc.timestamp() for one in chain)
    return CertificateSeen(path=str(path), left_s=ends - time.time())


def look_at_prompts(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Language -> prompts that have no sound."""
    try:
        catalogs = read_prompts(settings.prompts)
    except ConfigError as error:
        return {str(problem): (str(problem),) for problem in error.problems}
    return {
        language: tuple(
            prompt for prompt in sorted(catalog.prompts) if not (catalog.folder / "8k" / f"{prompt}.wav").is_file()
        )
        for language, catalog in catalogs.items()
    }


def look_at_machine(settings: Settings) -> MachineSeen:
    return MachineSeen(
        python=(sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
        outdated=tuple(_outdated()),
        exposed=tuple(_exposed({"AMI": settings.ami.port, "FastAGI": settings.agi.port})),
        synchronised=_synchronised(),
    )


def _outdated() -> Iterator[str]:
    """What runs beside what the distribution asks for; extras are for development."""
    for need in map(_NEED.match, requires("laidian") or ()):
        if need is None or "extra" in (need["marker"] or ""):
            continue
        least = re.search(r">=\s*([\d.]+)", need["bounds"])
        below = re.search(r"<\s*([\d.]+)", need["bounds"])
        try:
            found = version(need["name"])
        except PackageNotFoundError:
            found = ""
        numbers = _numbers(found)
        if not found or (least and numbers < _numbers(least[1])) or (below and numbers >= _numbers(below[1])):
            yield f"{need['name']} {found or '-'} ({need['bounds'].strip() or '*'})"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text.partition("+")[0]))[:4]


def _exposed(ports: Mapping[str, int]) -> Iterator[str]:
    """Who listens on one of these ports on an address that is not loopback (proc(5), /proc/net/tcp)."""
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            address, _, port = fields[1].partition(":")
            for what, wanted in ports.items():
                if fields[3] == _LISTENS and int(port, 16) == wanted and not _is_loopback(address):
                    yield f"{what} {_address(address)}:{wanted}"


def _address(hexadecimal: str) -> str:
    """Words of four bytes, each in the machine's order."""
    words = [bytes.fromhex(hexadecimal[place : place + 8])[:: 1 if sys.byteorder == "big" else -1]
             for place in range(0, len(hexadecimal), 8)]  # fmt: skip
    return str(ip_address(b"".join(words)))


def _is_loopback(hexadecimal: str) -> bool:
    address = ip_address(_address(hexadecimal))
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _synchronised() -> bool | None:
    """None where nobody can tell."""
    program = shutil.which("timedatectl")
    if program is None:
        return None
    try:
        told = subprocess.run(  # noqa: S603 - a program of the system, without input
            [program, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True, text=True, timeout=_CLOCK_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(told.stdout.strip()) if told.returncode == 0 else None
