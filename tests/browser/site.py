"""The house of `tests/harness` with the demo database in it, as `make run` brings it up, and cheap password hashes."""

import contextlib
import math
import random
import time
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path

import yaml
from argon2 import PasswordHasher

from cti.daemon.running import running
from cti.desk import commands as ask
from cti.private_asterisk.model import REPOSITORY
from cti.settings import Settings
from cti.simulated.phone import free_udp_port
from cti.store import demo
from cti.store.store import Store
from tests.harness.house import House, configured, open_asterisk

COLLEAGUES: Mapping[str, str] = {
    "1002": "lunch",
    "1003": "back_office",
    "1004": "training",
    "1005": "break",
    "1006": "",
}
"""Who else is there, with the reason why not ready: only 1006 is ready, whose queues our callers do not choose."""

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextlib.asynccontextmanager
async def open_site(
    root: Path,
    *,
    away: Collection[str] = tuple(COLLEAGUES),
    contacts: Mapping[str, str] = {},
    queues: Mapping[str, Mapping[str, object]] = {},
    **settings_: object,
) -> AsyncIterator[House]:
    """`away`: whose desk phones are there, but never answer; `contacts`: where others' are, which do not register.

    `queues`: what is other than in config/queues.yaml, `settings_` than in config/laidian.yaml.
    """
    written = yaml.safe_load((REPOSITORY / "config" / "queues.yaml").read_text())["queues"]
    changed = {name: {**rules, **queues.get(name, {})} for name, rules in written.items()}
    async with open_asterisk(root) as asterisk:
        settings = configured(root, asterisk, queues=changed, **settings_)
        await _seed(settings)
        nowhere = {login: f"sip:{login}@127.0.0.1:{free_udp_port()}" for login in away}
        async with running(settings, contacts={**nowhere, **contacts}) as daemon:
            house = House(asterisk, daemon)
            daemon.bus.subscribe(house.hear)
            yield house


async def colleagues_come(house: House) -> None:
    for login, reason in COLLEAGUES.items():
        await house.ask(login, ask.SignIn, phone="desk")
        if reason:
            await house.ask(login, ask.NotReady, reason=reason)
        else:
            await house.ask(login, ask.Ready)


def a_day_so_far(house: House) -> None:
    """Figures as of an afternoon, so that the board's picture does not depend on the hour of the test."""
    queues = house.daemon.desk.queues
    for name, offered, lost, late in (("after_sales", 84, 3, 9), ("complaints", 19, 2, 5), ("operator", 23, 0, 1)):
        queues.seed(name, offered=offered, answered=offered - lost, abandoned=lost, within=offered - lost - late)
    dice = random.Random(15)
    quarter = time.time() // 900 * 900
    for back in range(1, 24):
        offered = round(6 + 3 * math.sin(back / 4) + dice.uniform(-2, 2))
        lost, late = int(dice.random() < 0.25), dice.randrange(3)
        answered = offered - lost
        queues.seed_interval(
            quarter - 900 * back, offered=offered, answered=answered, abandoned=lost, within=max(0, answered - late)
        )


async def _seed(settings: Settings) -> None:
    spool, recordings = settings.path(settings.spool), settings.path(settings.recordings)
    store = await Store.open(settings.database_url, spool=spool / "facts", region=settings.region)
    try:
        assert await demo.seed(store, recordings=recordings, hash_password=_CHEAP.hash)
    finally:
        await store.close()
