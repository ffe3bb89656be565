"""Fetches Debian packages and all that they need into one folder with the machine's apt, installing nothing."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from cti.errors import Unusable

SUITE = "forky"  # the first Debian since bullseye that carries Asterisk, 22 at that
PACKAGES = ("asterisk", "asterisk-moh-opsound-wav")
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg")
APT_OPTIONS = """
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
Dir::State "{work}/state";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
Dir::Etc::SourceList "{work}/debian.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none";
// A mirror that lags or a dated snapshot is fine here: the signature is still checked, only its age is not.
Acquire::Check-Valid-Until "false";
"""


def fetch_packages(root: Path) -> None:
    """Unpacks PACKAGES of SUITE and their dependencies into `root`. Raises Unusable when apt cannot get them."""
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise Unusable(f"no Asterisk 20 or newer is here, and no {tool} to fetch one; install Asterisk yourself")
    with tempfile.TemporaryDirectory(prefix="laidian-apt-") as name:
        work = Path(name)
        _prepare(work)
        archives = _download(work, mirrors())
        for archive in archives:
            _run(["dpkg-deb", "--extract", str(archive), str(root)], "unpacking")
    for bulk in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "var/cache"):
        shutil.rmtree(root / bulk, ignore_errors=True)


def mirrors() -> list[str]:
    """The addresses that this machine's apt takes Debian's `main` from, the plain releases before the updates."""
    listed = _run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "Created-By: Packages"],
        "reading the machine's package sources",
    )
    return mirrors_of(listed)


def mirrors_of(listed: str) -> list[str]:
    """From lines "uri|release|component"; security archives carry no full suite and are left out."""
    found: dict[str, bool] = {}
    for line in listed.splitlines():
        uri, release, component = (*line.strip().split("|"), "", "")[:3]
        if component == "main" and uri and "security" not in f"{uri}{release}":
            found[uri] = found.get(uri, False) or "-" not in release
    return sorted(found, key=lambda uri: not found[uri])


def _prepare(work: Path) -> None:
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    (work / "apt.conf").write_text(APT_OPTIONS.format(work=work))


def _download(work: Path, uris: list[str]) -> list[Path]:
    if not uris:
        raise Unusable("no Asterisk 20 or newer is here, and apt names no Debian mirror; install Asterisk yourself")
    apt = ["apt-get", "-q", "-c", str(work / "apt.conf")]
    refused: list[str] = []
    for uri in uris:
        _write_source(work, uri)
        try:
            _run([*apt, "--error-on=any", "update"], f"reading the package lists of {SUITE}")
            _run([*apt, "-y", "--download-only", "install", *PACKAGES], f"fetching Asterisk from {SUITE}")
        except Unusable as error:
            refused.append(str(error))
        else:
            return sorted((work / "cache/archives").glob("*.deb"))
    raise Unusable("; ".join(refused))


def _write_source(work: Path, uri: str) -> None:
    lines = ["Types: deb", f"URIs: {uri}", f"Suites: {SUITE}", "Components: main"]
    if keyring := next((path for path in KEYRINGS if Path(path).exists()), None):
        lines.append(f"Signed-By: {keyring}")
    (work / "debian.sources").write_text("\n".join(lines) + "\n")


def _run(command: list[str], doing: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unusable(f"{doing} failed: {error}") from error
    if done.returncode:
        raise Unusable(f"{doing} failed: {_telling_line(done.stderr)}")
    return done.stdout


def _telling_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if key := next((line for line in lines if "NO_PUBKEY" in line or "not signed" in line), None):
        return f"{key} (is the package debian-archive-keyring up to date?)"
    return next((line for line in lines if line.startswith("E:")), lines[-1] if lines else "no message")
