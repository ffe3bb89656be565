"""What a page does that no page of ours may do."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Dialog, Page, Request, WebSocket

_EXPECTED = re.compile(r"WebSocket connection to .* failed|status of (?:40[19]|422)|ERR_INTERNET_DISCONNECTED")
"""What Chromium itself writes to the console about a server that is away or says no."""


@dataclass(slots=True)
class Watch:
    """What one page did that no page of ours may do: errors, dialogs, and any request that leaves this machine."""

    own: frozenset[str]
    faults: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    """Of every request, in order."""
    leavings: int = 0
    """How often the page asked whether to leave it."""

    def follow(self, page: Page) -> None:
        page.on("console", lambda message: self._console(message))  # noqa: PLW0108  # Playwright marks bound methods
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda request: self._request(request))  # noqa: PLW0108
        page.on("websocket", lambda socket: self._websocket(socket))  # noqa: PLW0108
        page.on("dialog", lambda dialog: self._dialog(dialog))  # noqa: PLW0108

    async def _dialog(self, dialog: Dialog) -> None:
        """The question whether to leave the page during a call is the only one that there may be."""
        if dialog.type == "beforeunload":
            self.leavings += 1
            await dialog.accept()
        else:
            self.faults.append(f"dialog: {dialog.message}")
            await dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and _EXPECTED.search(message.text) is None:
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        self.paths.append(urlsplit(request.url).path)
        if urlsplit(request.url).netloc not in self.own and not request.url.startswith(("data:", "blob:")):
            self.faults.append(f"request to {request.url}")

    def _websocket(self, socket: WebSocket) -> None:
        if urlsplit(socket.url).hostname != "127.0.0.1":
            self.faults.append(f"websocket to {socket.url}")
