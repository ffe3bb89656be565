"""A believable demo database: deterministic for one seed, relative to `now`, and only ever put into an empty one.

The past is told as facts and stored through the same projections as the real ones. Everybody's password is
`demo-<login>`; the rows are marked, so that the daemon can say on every page that demo passwords are in force.
"""

import asyncio
import hashlib
import random
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from math import pi, sin
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from sqlalchemy import Connection, func, insert, select

from cti.events import Fact, RecordingPublished
from cti.recording.stitch import RATE, wav_header
from cti.store import tables as t
from cti.store.demo_deliveries import EXTRA, SHARED, addresses_of, delivery_of
from cti.store.demo_people import CUSTOMER_NOTES, CUSTOMER_NOTES_EN, CUSTOMERS, GOODS, USERS
from cti.store.demo_story import Story, tell
from cti.store.prepared import Prepared
from cti.store.projections import rows
from cti.store.store import Store
from cti.store.users import User

DAY_S = 86_400
ORDERS, INTERACTIONS, RECORDINGS = 90, 250, 6
SHIPPED_AFTER_DAYS, DELIVERED_AFTER_DAYS = 1, 4

Hash = Callable[[str], str]


def demo_password(login: str) -> str:
    return f"demo-{login}"


async def seed(
    store: Store, *, recordings: Path, now: float | None = None, luck: int = 88123, hash_password: Hash | None = None
) -> bool:
    """False, and nothing is done, unless the database is empty. `recordings`: the folder of the published WAVs."""
    now = time.time() if now is None else now
    if not await store.database.read(_empty):
        return False
    users = await asyncio.to_thread(_users, hash_password or PasswordHasher().hash)
    dice = random.Random(luck)  # noqa: S311 - the same demo everywhere, no secret
    stories = tell(dice, now, INTERACTIONS)
    facts = sorted((fact for story in stories for fact in story.facts), key=lambda fact: fact.at)
    audible = [story for story in stories if story.recorded_s][-RECORDINGS:]
    facts += [await asyncio.to_thread(_record, recordings, story) for story in audible]
    await store.database.write(lambda c: _insert(c, dice, now, users, facts))
    return True


def _empty(c: Connection) -> bool:
    return not any(c.scalar(select(func.count()).select_from(table)) for table in (t.users, t.customers, t.facts))


def _users(hash_password: Hash) -> list[User]:
    return [
        User(
            login=user.login,
            name=user.name,
            role=user.role,
            password_hash=hash_password(demo_password(user.login)),
            extension=user.login if user.login.isdigit() else "",
            queues=user.queues,
            skills=dict(user.skills),
            groups=user.groups,
            demo=True,
        )
        for user in USERS
    ]


def _insert(c: Connection, dice: random.Random, now: float, users: Sequence[User], facts: Sequence[Fact]) -> None:
    since = now - 400 * DAY_S
    c.execute(
        insert(t.users),
        [{**msgspec.structs.asdict(user), "queues": list(user.queues), "created_at": since} for user in users],
    )
    _insert_customers(c, since)
    c.execute(insert(t.orders), list(_orders(dice, now)))
    c.execute(insert(t.customer_notes), list(_notes(dice, now)))
    grouped: dict[str, list[dict[str, object]]] = {}
    for n, fact in enumerate(facts):
        fact_id = f"{int(fact.at * 1000):012x}demo-{n:08x}"
        for name, row in rows(fact_id, fact, msgspec.json.encode(fact)):
            grouped.setdefault(name, []).append(row)
    Prepared(c.dialect.name).run(c, grouped)


def _insert_customers(c: Connection, since: float) -> None:
    """One by one: facts name customers by the place in the list, so the ids are 1, 2, 3 ... of an empty table."""
    for n, customer in enumerate(CUSTOMERS, 1):
        values = {"name": customer.name, "vip": customer.vip, "city": customer.city, "company": customer.company}
        addresses = [{"label": label, "text": text} for label, text in addresses_of(n, customer)]
        more = {"addresses": addresses, "extra": EXTRA.get(n, {})}
        times = {"created_at": since + n, "updated_at": since + n}
        c.execute(insert(t.customers).values(new=False, demo=True, **times, **values, **more))
        known = (*customer.numbers, *(number for number, sharing in SHARED.items() if n in sharing))
        numbers = [{"number": number, "customer_id": n, "position": i} for i, number in enumerate(known)]
        c.execute(insert(t.customer_numbers), numbers)


def _orders(dice: random.Random, now: float) -> Iterable[dict[str, object]]:
    """The first is the one that `make call` asks for; newer orders have higher numbers."""
    yield _order(88123, 1, title=GOODS[0][0], amount=f"¥ {GOODS[0][2]:,}.00", at=now - 12 * DAY_S, state="delivered")
    ages = sorted((dice.uniform(0.2, 180) for _ in range(ORDERS - 1)), reverse=True)
    for n, age_days in enumerate(ages):
        customer_id = 1 if n % 30 == 0 else dice.randint(1, len(CUSTOMERS))
        chinese, english, price = dice.choice(GOODS)
        title = english if CUSTOMERS[customer_id - 1].language == "en" else chinese
        at, state = now - age_days * DAY_S, _state(dice, age_days)
        yield _order(90000 + 17 * n, customer_id, title=title, amount=f"¥ {price:,}.00", at=at, state=state)


def _state(dice: random.Random, age_days: float) -> str:
    if age_days < SHIPPED_AFTER_DAYS:
        return "paid"
    if age_days < DELIVERED_AFTER_DAYS:
        return "shipped"
    return dice.choices(("delivered", "completed", "returned", "repairing"), (4, 12, 1, 1))[0]


def _order(number: int, customer_id: int, *, title: str, amount: str, at: float, state: str) -> dict[str, object]:
    return {
        "number": str(number),
        "customer_id": customer_id,
        "placed_at": at,
        "title": title,
        "amount": amount,
        "state": state,
        **delivery_of(number, CUSTOMERS[customer_id - 1], at=at, state=state),
    }


def _notes(dice: random.Random, now: float) -> Iterable[dict[str, object]]:
    for customer_id, customer in enumerate(CUSTOMERS, 1):
        if customer_id == 1 or dice.random() < 0.4:  # noqa: PLR2004 - two in five
            text = dice.choice(CUSTOMER_NOTES_EN if customer.language == "en" else CUSTOMER_NOTES)
            author = dice.choice(("1001", "1002", "1003", "1005", "2001"))
            yield {"customer_id": customer_id, "at": now - dice.uniform(1, 90) * DAY_S, "author": author, "text": text}


def _record(folder: Path, story: Story) -> RecordingPublished:
    """A WAV of two humming voices that take turns; nobody could mistake it for a real conversation."""
    wav = _conversation(story.recorded_s)
    data = wav_header(len(wav)) + wav
    path = folder / "demo" / f"{story.interaction_id}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(path)
    return RecordingPublished(
        at=story.ended_at + 1,
        interaction_id=story.interaction_id,
        path=path.relative_to(folder).as_posix(),
        started_at=story.ended_at - story.recorded_s,
        duration_s=len(wav) / RATE / 4,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _conversation(seconds: int) -> bytes:
    """Left and right hum in turns of two seconds, in syllables of a quarter of a second."""
    silence = array("h", bytes(2 * 2 * RATE))
    low, high = _hum(130), _hum(205)
    left, right = array("h"), array("h")
    for turn in range(0, seconds, 2):
        customer_talks = turn % 4 == 0
        left.extend(high if customer_talks else silence)
        right.extend(silence if customer_talks else low)
    stereo = array("h", bytes(4 * RATE * seconds))
    stereo[0::2], stereo[1::2] = left[: RATE * seconds], right[: RATE * seconds]
    return stereo.tobytes()


def _hum(pitch: float) -> "array[int]":
    def at(n: int) -> int:
        second = n / RATE
        swell = sin(pi * (second * 4 % 1)) * (0.6 + 0.4 * sin(second * 9))
        angle = 2 * pi * pitch * (1 + 0.03 * sin(second * 5)) * second
        return round(5000 * swell * (sin(angle) + 0.5 * sin(2 * angle) + 0.25 * sin(3 * angle)))

    return array("h", map(at, range(2 * RATE)))
