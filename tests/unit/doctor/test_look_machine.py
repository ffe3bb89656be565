"""Looking at the machine: files with other people's rights, certificates of every age, ports, libraries."""

import datetime as dt
import socket
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cti.doctor import look_machine
from cti.doctor.look_books import head, look_at_books
from cti.doctor.look_machine import (
    look_at_certificates,
    look_at_daemon,
    look_at_folders,
    look_at_machine,
    look_at_prompts,
)
from cti.settings import MqttSettings, Settings, read
from cti.store.store import Store

ROOT = Path(__file__).parents[3]


def settings(root: Path, **changes: Any) -> Settings:
    return read(ROOT).model_copy(update={"root": root, **changes})


def certificate(path: Path, days: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(days=days, hours=1))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(Encoding.PEM))


def test_certificates_of_the_settings(tmp_path: Path) -> None:
    certificate(tmp_path / "soon.pem", 5)
    (tmp_path / "none.pem").write_text("nothing")
    mqtt = MqttSettings(certificate=Path("soon.pem"), ca_file=Path("none.pem"))
    seen = {Path(one.path).name: one for one in look_at_certificates(settings(tmp_path, mqtt=mqtt))}
    assert 5 * 86_400 <= (seen["soon.pem"].left_s or 0) < 6 * 86_400
    assert seen["none.pem"].trouble
    gone = MqttSettings(certificate=Path("gone.pem"))
    assert look_at_certificates(settings(tmp_path, mqtt=gone))[0].trouble == "No such file or directory"


def test_secrets_that_others_can_read_and_folders_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    for name, mode in (("ami.secret", 0o640), ("desk-phones.json", 0o600)):
        (tmp_path / "var" / name).write_text("{}")
        (tmp_path / "var" / name).chmod(mode)
    seen = {one.name: one for one in look_at_folders(settings(tmp_path))}
    assert seen["ami.secret_file"].open
    assert not seen["the phones' secrets"].open
    assert not seen["recordings"].there
    (tmp_path / "var" / "recordings").mkdir()
    there = {one.name: one for one in look_at_folders(settings(tmp_path))}["recordings"]
    assert there.there
    assert there.writable
    assert there.free


def test_who_listens_for_other_machines(tmp_path: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as wide, socket.create_server(("127.0.0.1", 0)) as own:
        plain = read(ROOT)
        changed = settings(
            tmp_path,
            ami=plain.ami.model_copy(update={"port": wide.getsockname()[1]}),
            agi=plain.agi.model_copy(update={"port": own.getsockname()[1]}),
        )
        assert look_at_machine(changed).exposed == (f"AMI 0.0.0.0:{wide.getsockname()[1]}",)


def test_libraries_that_are_too_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert look_at_machine(settings(tmp_path)).outdated == ()
    monkeypatch.setattr(
        look_machine, "requires", lambda _: ["msgspec>=99", "click<1,>=0.1", "no-such-thing", "x; extra == 'dev'"]
    )
    found = look_at_machine(settings(tmp_path)).outdated
    assert [text.split()[0] for text in found] == ["msgspec", "click", "no-such-thing"]


def test_prompts_without_a_sound(tmp_path: Path) -> None:
    assert not any(look_at_prompts(settings(ROOT)).values())
    folder = tmp_path / "ivr_prompts" / "en"
    folder.mkdir(parents=True)
    (folder / "prompts.yaml").write_text((ROOT / "ivr_prompts" / "en" / "prompts.yaml").read_text())
    assert "welcome" in look_at_prompts(settings(tmp_path))["en"]


async def test_no_daemon_and_no_database(tmp_path: Path) -> None:
    assert not (await look_at_daemon(settings(tmp_path))).running
    assert "start the daemon once" in (await look_at_books(f"sqlite+aiosqlite:///{tmp_path}/x.db")).trouble
    assert not (tmp_path / "x.db").exists()  # looking makes nothing


async def test_the_schema_of_a_database(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/x.db"
    store = await Store.open(url, spool=tmp_path / "spool", region="CN")
    await store.close()
    seen = await look_at_books(url)
    assert seen.revision == seen.head == head() != ""
