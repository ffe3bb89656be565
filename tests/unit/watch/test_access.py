"""Who may read `/metrics`, and what `/readyz` says to the world."""

import asyncio
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from cti.errors import NotConnected, Unusable
from cti.settings import read
from cti.settings.watch import MetricsSettings
from cti.site.watch import folders, scraping
from cti.watch.readiness import Readiness
from cti.web.scraping import Scraping
from tests.unit.web.conftest import World

ROOT = Path(__file__).parents[3]
SECRET = "s3cret-s3cret-s3cret"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize(
    ("peer", "headers", "admitted"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("10.0.0.8", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "8.8.8.8"}, False),
        ("127.0.0.1", {"Forwarded": "for=8.8.8.8"}, False),
        ("8.8.8.8", {"Authorization": f"Bearer {SECRET}"}, True),
        ("8.8.8.8", {"Authorization": f"Bearer {SECRET}x"}, False),
        ("8.8.8.8", {"Authorization": "Bearer "}, False),
        ("8.8.8.8", {"Authorization": f"Basic {SECRET}"}, False),
        ("8.8.8.8", {"Authorization": "Bearer 密码"}, False),
        ("", {}, False),
    ],
)
def test_who_may_read_the_metrics(peer: str, headers: dict[str, str], admitted: bool) -> None:
    assert Scraping(token=SECRET).admits(peer, headers) is admitted


def test_without_a_token_an_empty_one_admits_nobody() -> None:
    assert not Scraping().admits("8.8.8.8", {"Authorization": "Bearer "})
    assert Scraping(allow=(IPv4Network("10.0.0.0/8"),)).admits("10.1.2.3", {})


async def nothing() -> bytes:
    return b""


def test_behind_a_proxy_our_own_machine_is_nobody_special() -> None:
    settings = read(ROOT)
    assert scraping(settings, nothing).admits("127.0.0.1", {})
    proxied = settings.model_copy(
        update={"web": settings.web.model_copy(update={"public_origin": "https://desk.example"})}
    )
    assert not scraping(proxied, nothing).admits("127.0.0.1", {})
    asked = MetricsSettings(allow=(IPv4Network("127.0.0.0/8"),))
    assert scraping(proxied.model_copy(update={"metrics": asked}), nothing).admits("127.0.0.1", {})


def test_the_folders_whose_disks_are_watched() -> None:
    settings = read(ROOT)
    assert set(folders(settings)) == {"recordings", "spool", "database"}
    elsewhere = settings.model_copy(update={"database": "postgresql+asyncpg://laidian@db/laidian"})
    assert set(folders(elsewhere)) == {"recordings", "spool"}


async def test_the_route_gives_the_text_or_401(world: World) -> None:
    async def metrics() -> bytes:
        return b"laidian_up 1\n"

    object.__setattr__(world.site, "scraping", Scraping(metrics=metrics, allow=(), token=SECRET))
    async with world.client() as client:
        refused = await client.get("/metrics")
        assert refused.status == 401
        assert b"laidian_up" not in await refused.read()
        response = await client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})
        assert (response.status, await response.text()) == (200, "laidian_up 1\n")
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert response.headers["Cache-Control"] == "no-store"
    assert not world.audited  # else anybody could fill the books


def test_the_token_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = MetricsSettings(token_file=Path("token"))
    with pytest.raises(Unusable, match=r"cannot be read from .*token: No such file"):
        settings.token(tmp_path)
    (tmp_path / "token").write_text("short\n")
    with pytest.raises(Unusable, match="shorter than 16"):
        settings.token(tmp_path)
    (tmp_path / "token").write_text(f"{SECRET}\n")
    assert settings.token(tmp_path) == SECRET
    monkeypatch.setenv("LAIDIAN_METRICS_TOKEN", "x" * 20)
    assert settings.token(tmp_path) == "x" * 20
    monkeypatch.delenv("LAIDIAN_METRICS_TOKEN")
    assert MetricsSettings().token(tmp_path) == ""


class _Parts:
    """What readiness looks at, each part to be broken."""

    def __init__(self, journal: Path) -> None:
        self.asterisk = self.agi = True
        self.error: Exception | None = None
        self.asked = 0
        self.now = 0.0
        self.readiness = Readiness(
            asterisk=lambda: self.asterisk,
            agi=lambda: self.agi,
            database=self.database,
            journal=journal,
            clock=lambda: self.now,
        )

    async def database(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error

    async def __call__(self) -> dict[str, str]:
        self.now += 2
        return await self.readiness()


async def test_readiness_names_what_is_missing_and_nothing_else(tmp_path: Path) -> None:
    parts = _Parts(tmp_path)
    assert await parts() == {"asterisk": "ok", "agi": "ok", "database": "ok"}
    parts.asterisk = parts.agi = False
    assert await parts() == {"asterisk": "failed", "agi": "failed", "database": "ok"}
    parts.error = NotConnected("postgresql://laidian:secret@db is away")
    assert (await parts())["database"] == "away"  # the journal takes the facts
    lost = _Parts(tmp_path / "gone")
    lost.error = NotConnected("away")
    assert (await lost())["database"] == "failed"


async def test_the_world_cannot_make_the_database_work_by_asking(tmp_path: Path) -> None:
    parts = _Parts(tmp_path)
    await asyncio.gather(*(parts.readiness() for _ in range(100)))
    assert parts.asked == 1
