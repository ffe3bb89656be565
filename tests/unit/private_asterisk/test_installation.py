"""Which Asterisk is used, and where it is fetched from."""

from pathlib import Path

import pytest

from cti.errors import Unusable
from cti.private_asterisk import installation
from cti.private_asterisk.fetch import mirrors_of
from cti.private_asterisk.installation import Installation, cache_dir, find_or_build, parse_version
from cti.private_asterisk.model import REPOSITORY


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1\n", (22, 10)),
        ("Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5", (20, 6)),
        ("Asterisk certified/20.7-cert2", (20, 7)),
        ("Asterisk certified-18.9-cert17", (18, 9)),
    ],
)
def test_version_is_read_from_what_asterisk_says(text: str, version: tuple[int, int]) -> None:
    assert parse_version(text) == version


def test_something_else_is_not_taken_for_an_asterisk() -> None:
    with pytest.raises(Unusable, match="does not look like the version"):
        parse_version("GNU bash, version 5.2")


def fake_asterisk(folder: Path, version: str) -> Path:
    binary = folder / "asterisk"
    binary.write_text(f"#!/bin/sh\necho 'Asterisk {version}'\n")
    binary.chmod(0o755)
    return binary


def test_an_asterisk_that_is_too_old_is_named_with_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = fake_asterisk(tmp_path, "18.10.0")
    monkeypatch.setenv("LAIDIAN_ASTERISK", str(binary))
    with pytest.raises(Unusable) as caught:
        find_or_build()
    assert str(caught.value) == f"{binary} is Asterisk 18.10; at least 20 is needed"


def test_a_binary_that_is_not_there_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAIDIAN_ASTERISK", "/nowhere/asterisk")
    with pytest.raises(Unusable, match=r"/nowhere/asterisk cannot be run: .*No such file"):
        find_or_build()


def test_the_machines_asterisk_is_used_if_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def machine(_: str) -> Installation:
        return Installation(("machine",), (20, 6), tmp_path, tmp_path)

    def private(_: Path) -> Installation:
        return Installation(("private",), (22, 10), tmp_path, tmp_path)

    monkeypatch.delenv("LAIDIAN_ASTERISK", raising=False)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/sbin/asterisk")
    monkeypatch.setattr(installation, "_of_machine", machine)
    monkeypatch.setattr(installation, "_of_folder", private)
    monkeypatch.setattr(installation, "_cached", lambda: tmp_path)
    assert find_or_build().command == ("private",)  # its PJSIP is not installed
    conf = (REPOSITORY / "asterisk" / "modules.conf").read_text()
    for line in conf.splitlines():
        if line.startswith("require"):
            (tmp_path / line.partition("=")[2].strip()).touch()
    assert find_or_build().command == ("machine",)


def test_mirrors_come_from_apt_plain_releases_first_and_without_security_archives() -> None:
    listed = """
http://mirror.example/debian-updates/|trixie-updates|main
http://mirror.example/debian/|trixie|main
http://mirror.example/debian/|trixie|contrib
http://mirror.example/debian-security/|trixie-security|main
http://other.example/tools/|stable|extra
"""
    assert mirrors_of(listed) == ["http://mirror.example/debian/", "http://mirror.example/debian-updates/"]


def test_no_sources_give_no_mirror() -> None:
    assert mirrors_of("\n") == []


def test_cache_is_the_users_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAIDIAN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_dir() == tmp_path / "xdg" / "laidian"
    monkeypatch.setenv("LAIDIAN_CACHE", str(tmp_path / "own"))
    assert cache_dir() == tmp_path / "own" / "laidian"


def test_a_cache_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAIDIAN_CACHE", str(tmp_path / "file"))
    monkeypatch.setenv("LAIDIAN_ASTERISK", "private")
    with pytest.raises(Unusable, match=r"cannot be written: .*; set LAIDIAN_CACHE"):
        find_or_build()


def test_what_was_fetched_once_is_used_again_without_fetching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[Path] = []

    def fetch(root: Path) -> None:
        fetched.append(root)
        library = root / "usr/lib/x86_64-linux-gnu"
        (root / "usr/sbin").mkdir(parents=True)
        library.mkdir(parents=True)
        (library / "libc.so.6").touch()
        loader = library / "ld-linux-x86-64.so.2"
        loader.write_text("#!/bin/sh\necho 'Asterisk 22.10.1'\n")
        loader.chmod(0o755)

    monkeypatch.setenv("LAIDIAN_CACHE", str(tmp_path))
    monkeypatch.setenv("LAIDIAN_ASTERISK", "private")
    monkeypatch.setattr(installation, "fetch_packages", fetch)
    first, second = find_or_build(), find_or_build()
    assert first == second
    assert first.version == (22, 10)
    assert len(fetched) == 1
    assert not fetched[0].exists()  # it was renamed when it was complete


def test_a_fetch_that_fails_leaves_nothing_that_looks_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(root: Path) -> None:
        (root / "usr").mkdir()
        raise Unusable("the mirror is away")

    monkeypatch.setenv("LAIDIAN_CACHE", str(tmp_path))
    monkeypatch.setenv("LAIDIAN_ASTERISK", "private")
    monkeypatch.setattr(installation, "fetch_packages", fetch)
    with pytest.raises(Unusable, match="the mirror is away"):
        find_or_build()
    assert not [
        path for path in (tmp_path / "laidian").iterdir() if path.is_dir() and not path.name.endswith("building")
    ]
