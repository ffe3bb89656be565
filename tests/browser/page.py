"""The two screens as a person uses them; everything is found by `data-testid`."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.watch import Watch

SIZES: Mapping[str, tuple[int, int]] = {"1280": (1280, 720), "1920": (1920, 1080)}


@dataclass(slots=True)
class Screen:
    """Pictures go to `artefacts`."""

    page: Page
    watch: Watch
    artefacts: Path

    def at(self, testid: str, **data: str) -> Locator:
        """The elements with this `data-testid` and these other `data-` attributes."""
        attributes = "".join(f'[data-{name}="{value}"]' for name, value in data.items())
        return self.page.locator(f'[data-testid="{testid}"]{attributes}')

    async def log_in(self, login: str, password: str = "") -> None:
        await self.at("login-name").fill(login)
        await self.at("login-password").fill(password or f"demo-{login}")
        await self.at("login-submit").click()

    async def press(self, action: str) -> None:
        """The one primary button, which must offer this."""
        await self.at("primary", action=action).click()

    async def state(self, state: str) -> None:
        await expect(self.at("state")).to_have_attribute("data-state", state)

    async def phone(self, state: str) -> None:
        await expect(self.at("phone-status")).to_have_attribute("data-state", state)

    async def phase(self, phase: str) -> None:
        await expect(self.at("call")).to_have_attribute("data-phase", phase)

    async def start_work(self, login: str = "1001") -> None:
        """Logged in, signed in with the phone in the page, ready (or rung at once)."""
        await self.log_in(login)
        await self.press("sign-in")
        await self.state("not_ready")
        await self.phone("registered")
        await self.press("ready")
        await expect(self.at("primary", action="answer")).to_be_visible()

    async def window(self, path: str) -> Any:
        """A value of `window.laidian`, for example "popAt"."""
        return await self.page.evaluate(f"window.laidian.{path}")

    async def audio(self) -> dict[str, float]:
        stats: dict[str, float] = await self.page.evaluate("window.laidian.phone.stats()")
        return stats

    async def hears_something(self, within: float = 15.0) -> None:
        """Sound, and not silence, comes out of the page's phone: the energy received grows by more than noise."""
        first = await self.audio()
        deadline = time.monotonic() + within
        while True:
            await asyncio.sleep(0.2)
            now = await self.audio()
            if now["energyReceived"] - first["energyReceived"] > 0.01:
                return
            assert time.monotonic() < deadline, f"the page hears nothing: {first}, then {now}"

    async def falls_silent(self, within: float = 15.0) -> None:
        """Until no sound comes out of the page's phone for half a second."""
        deadline = time.monotonic() + within
        before = await self.audio()
        while True:
            await asyncio.sleep(0.5)
            now = await self.audio()
            if now["energyReceived"] - before["energyReceived"] < 0.0001:
                return
            assert time.monotonic() < deadline, f"the page hears something: {before}, then {now}"
            before = now

    async def plays(self, player: Locator, within: float = 15.0) -> None:
        deadline = time.monotonic() + within
        while await player.evaluate("player => player.currentTime") < 0.5:
            assert time.monotonic() < deadline, "the player stands still"
            await asyncio.sleep(0.1)

    async def picture(self, name: str, *, dark: bool = False) -> None:
        """At both sizes that people have, and back to the first: an artefact, for people to look at."""
        self.artefacts.mkdir(parents=True, exist_ok=True)
        for label, (width, height) in SIZES.items():
            await self.page.set_viewport_size({"width": width, "height": height})
            await self._shoot(f"{name}-{label}")
        width, height = SIZES["1280"]
        await self.page.set_viewport_size({"width": width, "height": height})
        if dark:
            await self.page.emulate_media(color_scheme="dark")
            await self._shoot(f"{name}-dark")
            await self.page.emulate_media(color_scheme="light")

    async def _shoot(self, name: str) -> None:
        await asyncio.sleep(0.3)  # fonts and the last transition
        await self.page.screenshot(path=self.artefacts / f"{name}.png")
