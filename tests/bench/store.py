"""What docs/decisions/0004 rests on: CPU of the store's hot paths, by aiosqlite and in threads of our own.

`python -m tests.bench.store` prints one line per figure and takes half a minute.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from cti.desk.views import CustomerView
from cti.store import demo
from cti.store.customer_card import card as read_card
from cti.store.store import Store
from tests.unit.store.stories import handled, interaction

FACTS = len(handled(interaction(0), 0))
SECONDS = 4


async def cpu_share(store: Store, calls_s: int, first: int) -> float:
    """Share of one core while `calls_s` calls are told, each with `FACTS` facts."""
    began, cpu = time.monotonic(), time.process_time()
    told = 0
    while (passed := time.monotonic() - began) < SECONDS:
        while told < passed * calls_s:
            for fact in handled(interaction(first + told), time.time()):
                store.writer.on_fact(fact)
            told += 1
        await asyncio.sleep(0.02)
    await store.writer.drain()
    return (time.process_time() - cpu) / (time.monotonic() - began)


async def flat_out(store: Store, first: int, calls: int = 3000) -> float:
    """Facts per second when they come as fast as they are taken."""
    began = time.monotonic()
    for n in range(calls):
        for fact in handled(interaction(first + n), time.time()):
            store.writer.on_fact(fact)
    await store.writer.drain()
    return calls * FACTS / (time.monotonic() - began)


async def cpu_ms(what: Callable[[], Awaitable[object]], times: int = 300) -> float:
    await what()
    cpu = time.process_time()
    for _ in range(times):
        await what()
    return (time.process_time() - cpu) / times * 1000


async def card_by_aiosqlite(store: Store) -> CustomerView:
    async with store.database.engine.connect() as connection:
        return await connection.run_sync(lambda c: read_card(c, 1))


async def measure(folder: Path, *, threads: bool) -> None:
    way = "threads" if threads else "aiosqlite"
    store = await Store.open(f"sqlite+aiosqlite:///{folder}/{way}.db", spool=folder / way)
    if not threads:
        store.database.write_batch = store.database.write  # type: ignore[method-assign]
    writer = asyncio.create_task(store.writer.run(), name="store-writer")
    await demo.seed(store, recordings=folder / "recordings", hash_password=str)
    card = partial(store.customers.card, 1) if threads else partial(card_by_aiosqlite, store)
    print(f"{way}: customer card {await cpu_ms(card):.2f} ms CPU")
    for calls_s in (60, 200):
        share = await cpu_share(store, calls_s, calls_s * 100_000)
        print(f"{way}: {calls_s} calls/s = {calls_s * FACTS} facts/s take {share:.0%} of a core")
    print(f"{way}: flat out {await flat_out(store, 90_000_000):.0f} facts/s")
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await store.close()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for threads in (False, True):
            await measure(Path(folder), threads=threads)


if __name__ == "__main__":
    asyncio.run(main())
