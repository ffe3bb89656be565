"""Processes that tell facts as a daemon does, each until it is killed.

`python -m tests.unit.store.crash FOLDER ROUNDS`. After each `on_fact` the fact's number goes to FOLDER/told with
write(2) too: what was acknowledged. In two of three rounds the database is away. All processes are forks of one that
has imported everything.
"""

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

from cti.events import InteractionStarted
from cti.store.database import Database, make_engine
from cti.store.inbox import KEEPING
from cti.store.store import Store


def fact(n: int) -> InteractionStarted:
    return InteractionStarted(
        at=1_790_000_000.0 + n,
        interaction_id=f"{n:08d}",
        medium="voice",
        channel="c",
        linkedid="c",
        customer_number="13900000001",
        caller_name="王先生" * random.randint(0, 60),
        dialled="4000",
    )


async def tell(folder: Path, first: int, told: int) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{folder}/laidian.db", busy_timeout_s=0.05)
    store = Store(Database(engine, busy_timeout_s=0.05), folder / "spool", region="CN", keeping=KEEPING)
    store.writer.own()
    running = asyncio.create_task(store.writer.run())
    n = first
    while not running.done():
        for _ in range(random.randint(1, 20)):
            store.writer.on_fact(fact(n))
            os.write(told, b"%d\n" % n)
            n += 1
        await asyncio.sleep(random.choice((0.001, 0.01, 0.05)))


def first_to_tell(folder: Path) -> int:
    told = (folder / "told").read_text().split()
    return int(told[-1]) + 1 if told else 0


def main(folder: Path, rounds: int) -> None:
    told = os.open(folder / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    thief: sqlite3.Connection | None = None
    for n in range(rounds):
        first = first_to_tell(folder)
        pid = os.fork()
        if not pid:
            asyncio.run(tell(folder, first, told))
        while first_to_tell(folder) == first:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.4))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if thief is not None and n % 3 == 0:
            thief.close()
            thief = None
        elif thief is None and n % 3 == 1:
            thief = sqlite3.connect(folder / "laidian.db", isolation_level=None)
            thief.execute("BEGIN IMMEDIATE")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
