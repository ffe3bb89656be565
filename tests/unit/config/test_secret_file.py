"""Secrets come from the environment or a file; what is wrong with the file is said, and never what is in it."""

from pathlib import Path

import pytest
import structlog

from cti.config.secret_file import read_secret
from cti.errors import Unusable
from cti.settings import MqttSettings, Settings, read
from tests.harness.house import write_config

SECRET = "c0rrect-horse"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.secret"
    file.touch(mode=0o600)
    file.write_text(f"{SECRET}\n")
    return file


def test_the_environment_comes_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_secret("the secret", variable="LAIDIAN_X", file=file) == SECRET
    monkeypatch.setenv("LAIDIAN_X", "other")
    assert read_secret("the secret", variable="LAIDIAN_X", file=file) == "other"
    assert read_secret("the secret", variable="LAIDIAN_X", file=Path("/nowhere")) == "other"


def test_neither_is_nothing() -> None:
    assert not read_secret("the secret", variable="LAIDIAN_X", file=None)


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_is_warned_of(file: Path, mode: int, *, warned: bool) -> None:
    file.chmod(mode)
    with structlog.testing.capture_logs() as logged:
        assert read_secret("the secret", variable="LAIDIAN_X", file=file) == SECRET
    assert [(one["what"], one["file"]) for one in logged] == ([("the secret", str(file))] if warned else [])
    assert SECRET not in str(logged)


def test_a_file_that_is_away_empty_or_no_text_is_told_by_its_name(file: Path) -> None:
    for content, why in ((b"", "the file is empty"), (b"\xff\xfe\xfa", "it is no text"), (None, "No such file")):
        file.unlink() if content is None else file.write_bytes(content)
        with pytest.raises(Unusable, match=f"the secret cannot be read from {file}: {why}"):
            read_secret("the secret", variable="LAIDIAN_X", file=file)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_config(tmp_path)
    return read(tmp_path)


def test_the_databases_password_joins_its_url(settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+asyncpg://laidian@db.example/laidian"
    given = settings.model_copy(update={"database": url, "database_password_file": file})
    assert given.database_url == url.replace("laidian@", f"laidian:{SECRET}@")
    monkeypatch.setenv("LAIDIAN_DATABASE_PASSWORD", "a/b@c:d")
    assert given.database_url == url.replace("laidian@", "laidian:a%2Fb%40c%3Ad@")
    own = url.replace("laidian@", "laidian:own@")
    assert settings.model_copy(update={"database": own}).database_url == own
    assert settings.database_url.startswith("sqlite")


def test_the_brokers_password_may_come_from_the_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings.model_copy(update={"mqtt": MqttSettings()})
    assert given.mqtt_password() is None
    monkeypatch.setenv("LAIDIAN_MQTT_PASSWORD", SECRET)
    assert given.mqtt_password() == SECRET
