"""How often a log-in may fail. Pure: `now` is an argument."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

WINDOW_S: Final = 300.0
PER_LOGIN: Final = 10
PER_ADDRESS: Final = 30
REMEMBERED: Final = 10_000


class LoginLimiter:
    """Attempts that failed within the last five minutes, per login and per address.

    An attempt counts from its start, so that many at once cannot slip through while the first is still being checked;
    it is taken back when it succeeds. The oldest keys are forgotten first: memory stays bounded.
    """

    def __init__(
        self, *, window_s: float = WINDOW_S, per_login: int = PER_LOGIN, per_address: int = PER_ADDRESS
    ) -> None:
        self._window_s = window_s
        self._limits = {"login": per_login, "address": per_address}
        self._attempts: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    @property
    def window_s(self) -> float:
        return self._window_s

    def restore(self, failures: Iterable[tuple[str, str, float]]) -> None:
        """(login, address, when) of failures before a restart, the oldest first."""
        for login, address, at in failures:
            self._count(login, address, at)

    def begin(self, login: str, address: str, now: float) -> float:
        """Count an attempt and return 0, or refuse it and return the seconds until the next one is allowed.

        With the login "" the address alone is counted.
        """
        keys = _keys(login, address)
        wait_s = max(self._wait_s(key, now) for key in keys)
        if wait_s > 0:
            return wait_s
        self._count(login, address, now)
        return 0.0

    def _count(self, login: str, address: str, at: float) -> None:
        for key in _keys(login, address):
            self._attempts.setdefault(key, []).append(at)
            self._attempts.move_to_end(key)
        while len(self._attempts) > REMEMBERED:
            self._attempts.popitem(last=False)

    def succeeded(self, login: str, address: str) -> None:
        """The attempt counted last was right: the login starts anew, the address gets this one back."""
        self._attempts.pop(("login", login), None)
        self.take_back("", address)

    def take_back(self, login: str, address: str) -> None:
        """The attempt counted last was neither right nor wrong: those before it still count."""
        for key in _keys(login, address):
            if attempts := self._attempts.get(key):
                attempts.pop()

    def _wait_s(self, key: tuple[str, str], now: float) -> float:
        attempts = [at for at in self._attempts.get(key, ()) if now - at < self._window_s]
        if key in self._attempts:
            self._attempts[key] = attempts
        limit = self._limits[key[0]]
        return attempts[-limit] + self._window_s - now if len(attempts) >= limit else 0.0


def _keys(login: str, address: str) -> tuple[tuple[str, str], ...]:
    return (("login", login), ("address", address)) if login else (("address", address),)
