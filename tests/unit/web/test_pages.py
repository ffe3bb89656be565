import pytest
from aiohttp import web
from yarl import URL

from cti.errors import Unusable
from cti.web.http import listening
from tests.unit.web.conftest import World


@pytest.fixture
def built(world: World) -> World:
    (world.static / "assets").mkdir(parents=True)
    (world.static / "index.html").write_text("<!doctype html><title>Laidian</title>")
    (world.static / "assets" / "app-1a2b.js").write_text("console.log(1)")
    (world.static.parent / "beside.txt").write_text("secret")
    return world


@pytest.mark.parametrize("path", ["/", "/login", "/board", "/desk", "/board/queues/sales"])
async def test_the_addresses_of_the_screens_give_the_application(built: World, path: str) -> None:
    async with built.client() as client:
        response = await client.get(path)
        assert response.status == 200
        assert response.content_type == "text/html"
        assert response.headers["Cache-Control"] == "no-cache"
        assert "Laidian" in await response.text()


async def test_fingerprinted_files_are_kept_for_ever(built: World) -> None:
    async with built.client() as client:
        response = await client.get("/assets/app-1a2b.js")
        assert response.status == 200
        assert "javascript" in response.content_type
        assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/../beside.txt", "/..%2fbeside.txt", "/assets/..%2f..%2fbeside.txt", "/%2e%2e/beside.txt",
     "/assets//etc/passwd", "/%00", "/nothing.js", "/api/nothing", "/%2fetc%2fpasswd"],
)  # fmt: skip
async def test_nothing_outside_the_folder_is_served(built: World, path: str) -> None:
    async with built.client() as client:
        response = await client.get(URL(path, encoded=True))  # encoded: not normalised on its way
        assert response.status == 404, path
        assert "secret" not in await response.text()


async def test_a_clear_page_when_the_application_is_not_built(world: World) -> None:
    async with world.client() as client:
        response = await client.get("/board")
        assert response.status == 503
        assert "make run" in await response.text()


async def test_a_port_in_use_is_one_clear_sentence() -> None:
    async with listening(web.Application(), "127.0.0.1", 0) as address:
        port = int(address.rsplit(":", 1)[1])
        with pytest.raises(Unusable, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            async with listening(web.Application(), "127.0.0.1", port):
                pass
