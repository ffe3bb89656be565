"""The built browser application: files of one folder, and `index.html` for the addresses of its screens."""

from pathlib import Path
from typing import Final

from aiohttp import web

SCREENS: Final = frozenset({"login", "desk", "board", "recordings", "scores", "account", "wall"})
"""First segments of addresses that the browser application itself resolves."""

NOT_BUILT: Final = """<!doctype html><html lang=en><head><meta charset=utf-8><title>Laidian</title></head><body>
<h1>来电 Laidian</h1>
<p>The daemon is running, but the browser application has not been built. <code>make run</code> builds it.</p>
<p>The API is described at <a href=/api/docs>/api/docs</a>.</p></body></html>"""


class Pages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A file, the application's page for one of its screens, or 404. Never a file outside the folder."""
        path = request.match_info["path"]
        if path.startswith("api/"):
            raise web.HTTPNotFound
        file = self._file(path)
        if file is not None:
            return _file(file, fingerprinted=path.startswith("assets/"))
        if path and path.split("/", 1)[0] not in SCREENS:
            raise web.HTTPNotFound
        index = self._folder / "index.html"
        if index.is_file():
            return _file(index, fingerprinted=False)
        return web.Response(status=503, text=NOT_BUILT, content_type="text/html", headers={"Cache-Control": "no-store"})

    def _file(self, path: str) -> Path | None:
        try:
            file = (self._folder / path).resolve()
            return file if file.is_relative_to(self._folder) and file.is_file() else None
        except (OSError, ValueError):  # no file system has such a name: too long, or with a NUL
            return None


def _file(file: Path, *, fingerprinted: bool) -> web.FileResponse:
    """The builder puts a hash into the names below `assets/`: those never change. All others are asked for again."""
    caching = "public, max-age=31536000, immutable" if fingerprinted else "no-cache"
    return web.FileResponse(file, headers={"Cache-Control": caching})
