"""A house where each queue has a number of its own and nothing but a word before it."""

import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import update

from cti.customers.numbers import canonical
from cti.events import InteractionQueued
from cti.simulated.phone import Phone
from cti.store import tables as t
from tests.harness.house import QUEUES, House, open_house

NUMBERS = {name: str(4000 + place) for place, name in enumerate(QUEUES)}


@contextlib.asynccontextmanager
async def straight_house(
    root: Path, people: Mapping[str, Mapping[str, Any]] = {}, **rules: Mapping[str, object]
) -> AsyncIterator[House]:
    """`rules`: by queue, on top of those of `QUEUES`; nobody wraps up unless they say so."""
    flows = root / "config" / "flows"
    flows.mkdir(parents=True)
    for queue in QUEUES:
        word = {"type": "say", "prompts": ["digit_2"], "next": "queue"}  # time enough to find out who calls
        flow = {"entry": "word", "language": "zh", "steps": {"word": word, "queue": {"type": "queue", "queue": queue}}}
        (flows / f"{queue}.yaml").write_text(yaml.safe_dump(flow))
    hotlines = {NUMBERS[queue]: queue for queue in QUEUES} | {"*": "after_sales"}
    queues = {name: {**known, "wrap_up_s": 0, **rules.get(name, {})} for name, known in QUEUES.items()}
    async with open_house(root, queues=queues, people=people, hotlines=hotlines) as house:
        yield house


async def enter(house: House, caller: Phone, queue: str = "after_sales") -> InteractionQueued:
    """This caller is queued; one at a time, as nothing tells two callers apart."""
    count = len(house.of(InteractionQueued, queue=queue)) + 1
    await caller.dial(NUMBERS[queue])
    return await house.wait(InteractionQueued, count=count, queue=queue)


async def customer(house: House, number: str, **fields: Any) -> None:
    """Whoever calls from this number is known from now on, with these fields."""
    customers = house.daemon.store.customers
    who = await customers.find_or_create(canonical(number, "CN"), caller_name="", at=time.time())
    change = update(t.customers).where(t.customers.c.id == who.customer_id).values(**fields)
    await house.daemon.store.database.write(lambda connection: connection.execute(change))
