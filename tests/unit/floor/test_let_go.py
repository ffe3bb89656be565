"""What every call comes through at its end costs one command: the caller whose agent hung up first is let go."""

from typing import Any, cast

from tests.unit.floor.agi import FakeEnvironment
from tests.unit.floor.shop import Shop


class Told:
    """A session that notes what it is asked for."""

    def __init__(self, channel: str) -> None:
        self.env = FakeEnvironment(channel)
        self.asked: list[tuple[str, ...]] = []

    async def set_variable(self, name: str, value: str) -> None:
        self.asked.append((name, value))

    async def set_music(self, *, on: bool) -> None:
        self.asked.append(("music", str(on)))


def after(shop: Shop, channel: str) -> list[tuple[str, ...]]:
    session = Told(channel)
    shop.loop.run_until_complete(shop.hotline.after(cast("Any", session)))
    return session.asked


def test_nobody_else_is_about_to_have_the_caller(shop: Shop) -> None:
    customer, _ = shop.talk()
    assert after(shop, customer) == [("LD_DONE", "1")]


def test_a_caller_who_is_not_known(shop: Shop) -> None:
    assert after(shop, "9.9") == [("LD_DONE", "1")]
