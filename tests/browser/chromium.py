"""Real Chromium with a fake microphone that plays a tone, and a watch over everything that its pages must not do."""

import contextlib
import shutil
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import Playwright, async_playwright

from cti.errors import Unusable
from cti.private_asterisk.model import REPOSITORY
from cti.simulated.tones import RATE, sine
from tests.browser.page import Screen
from tests.browser.watch import Watch

ARTEFACTS = REPOSITORY / "test-artefacts" / "browser"
FLAGS = (
    "--no-sandbox",  # the tests run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
PLAIN_MICROPHONE = """
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  navigator.mediaDevices.getUserMedia = (wanted) => ask({ ...wanted, audio: { ...wanted.audio, ...plain } });
"""
"""Chromium takes a steady tone for noise and lets nothing of it through after two seconds."""

Language = Literal["zh-CN", "en-GB"]


@dataclass(slots=True)
class Browsers:
    """Opens pages, each in a browser of its own, because a fake microphone belongs to a whole browser."""

    url: str
    folder: Path
    name: str
    _playwright: Playwright
    _stack: contextlib.AsyncExitStack
    watches: list[Watch] = field(default_factory=list)

    async def open(self, *, tone: int = 0, language: Language = "zh-CN", path: str = "/") -> Screen:
        """A page at `path` with an empty cookie jar, whose microphone plays `tone` (0: Chromium's own beeps)."""
        flags = [*FLAGS]
        if tone:
            flags.append(f"--use-file-for-fake-audio-capture={_tone_file(self.folder, tone)}")
        browser = await self._playwright.chromium.launch(executable_path=_executable(), args=flags)
        self._stack.push_async_callback(browser.close)
        context = await browser.new_context(
            locale=language, timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 720}
        )
        context.set_default_timeout(30_000)
        await context.add_init_script(PLAIN_MICROPHONE)
        page = await context.new_page()
        watch = Watch(own=frozenset({urlsplit(self.url).netloc}))
        watch.follow(page)
        self.watches.append(watch)
        await page.goto(self.url + path)
        return Screen(page, watch, ARTEFACTS / self.name)


def _executable() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise Unusable("there is no Chromium on this machine: apt-get install chromium")
    return found


def _tone_file(folder: Path, hz: int) -> Path:
    path = folder / f"tone-{hz}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sine(hz, 10.0))
    return path


@contextlib.asynccontextmanager
async def browsers(url: str, folder: Path, name: str) -> AsyncIterator[Browsers]:
    """The body must not fail first: then its own error is the one to be told."""
    async with async_playwright() as playwright, contextlib.AsyncExitStack() as stack:
        opened = Browsers(url, folder, name, playwright, stack)
        yield opened
    faults = [fault for watch in opened.watches for fault in watch.faults]
    assert not faults, "\n".join(faults)
