import asyncio

from cti.customers.directory import Identified
from cti.customers.identify import identify
from cti.errors import NotConnected

ZHANG = Identified(customer_id=7, name="张伟", vip=3, created=False)


class Directory:
    def __init__(self, *, error: Exception | None = None, delay_s: float = 0) -> None:
        self.error, self.delay_s = error, delay_s
        self.asked: list[str] = []

    async def find_or_create(self, number: str, *, caller_name: str, at: float) -> Identified:  # noqa: ARG002
        self.asked.append(number)
        await asyncio.sleep(self.delay_s)
        if self.error:
            raise self.error
        return ZHANG

    async def card(self, customer_id: int) -> str:
        return str(customer_id)


async def test_a_number_is_identified() -> None:
    assert await identify(Directory(), "+8613900000001", caller_name="", at=1.0) == ZHANG


async def test_a_withheld_number_is_nobody_and_asks_nothing() -> None:
    directory = Directory()
    assert await identify(directory, "", caller_name="x", at=1.0) is None
    assert directory.asked == []


async def test_the_call_goes_on_without_a_name_when_the_directory_is_away_or_slow() -> None:
    away = Directory(error=NotConnected("gone"))
    assert await identify(away, "+8613900000001", caller_name="", at=1.0) is None
    slow = Directory(delay_s=5)
    assert await identify(slow, "+8613900000001", caller_name="", at=1.0, deadline_s=0.01) is None
