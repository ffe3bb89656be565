"""A FastAGI session as the hotline sees one: commands that take their time, and a channel that may be pulled away."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass

from cti.errors import DeadlineExceeded, HungUp

NUMBER = "+8613900000001"
NOTICE_LAGS_S = (0.0, 0.002, 0.05)


@dataclass(frozen=True, slots=True)
class FakeEnvironment:
    uniqueid: str
    caller_number: str = NUMBER
    caller_name: str = ""
    dialled_number: str = "4000"


class FakeSession:
    """`faults` are raised by the next commands; an AGI server that gave a session up ends it (DeadlineExceeded).

    `keys` are what the caller will press, one whenever a key is waited for; "-" presses none in time.
    """

    def __init__(
        self,
        uniqueid: str,
        variables: dict[str, str],
        rng: random.Random,
        faults: deque[Exception],
        *,
        keys: deque[str],
        number: str,
    ) -> None:
        self.env = FakeEnvironment(uniqueid, number, dialled_number=variables.get("LD_DID", "4000"))
        self._keys = keys
        self.closed = asyncio.Event()
        self._variables, self._rng, self._faults = variables, rng, faults
        self.heard: list[str] = []
        """The prompts that were played, without their folders."""
        self._gone = asyncio.Event()
        self._woken = asyncio.Event()
        self._pressed = ""
        self._lost = False

    def lose(self) -> None:
        """The channel is pulled away or gone; the session hears of it a moment later."""
        self._lost = True
        asyncio.get_running_loop().call_later(self._rng.choice(NOTICE_LAGS_S), self._leave)

    def press(self, key: str) -> None:
        """Heard by `wait_for_digit` alone."""
        self._pressed = key
        self._woken.set()

    def _leave(self) -> None:
        self._gone.set()
        self._woken.set()

    async def _command(self, seconds: float) -> None:
        if self._faults:
            fault = self._faults.popleft()
            if isinstance(fault, DeadlineExceeded):
                self._leave()
            raise fault
        if not self._gone.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                pass
            if not self._gone.is_set():
                self._woken.clear()
        if self._gone.is_set() or self._lost:
            raise HungUp("the channel is gone")

    async def stream_file(self, path: str, escape_digits: str = "", *, offset: int = 0) -> tuple[str, int]:
        assert path
        assert escape_digits is not None
        self.heard.append(path.rpartition("/")[2])
        await self._command(0.7)
        return "", offset + 5600

    async def wait_for_digit(self, timeout_ms: int) -> str | None:
        if self._keys:
            await self._command(0.2)
            key = self._keys.popleft()
            return None if key == "-" else key
        self._pressed = ""
        await self._command(timeout_ms / 1000)
        return self._pressed or None

    async def set_music(self, *, on: bool) -> None:
        assert on in (True, False)
        await self._command(0.001)

    async def set_variable(self, name: str, value: str) -> None:
        await self._command(0.001)
        self._variables[name] = value

    async def get_variable(self, name: str) -> str | None:
        await self._command(0.001)
        return self._variables.get(name) or None
