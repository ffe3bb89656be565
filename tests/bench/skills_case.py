"""The hotline of `bench_skills`: who calls and who works there. Pure, and the same for both sides.

22 agents in two languages serve two products, complaints and VIPs. Each kind of call needs skills at a level. Many
agents could take the common calls; few can take the rare ones, and most of these few are wanted for common calls too:
whoever sends the wrong agent to a common call lets a rare one wait.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import log
from typing import Final

from cti.simulation.chance import stream

TARGET_S: Final = 1.5
"""From entering the queue. app_queue's callers look for an agent once a second: each has looked once by then."""
QUICK_S: Final = 0.5
"""A quarter of a talk, as 20 s are of a talk of 80 s."""
TALKS_MS: Final = (900, 1200, 1500, 1700, 2000, 2300, 2800, 3600)
"""Each as often as any other; two seconds on average."""
PATIENCE_S: Final = 8.0
"""How long callers wait before they hang up: four talks on average, exponentially distributed."""
LOAD: Final = 1.0
"""Of all agents' time, if nobody hung up. As some do, the agents talk for about nine tenths of their time."""
LAST_S: Final = 27.0
"""The last callers come at about this time."""
WISH_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of call: its `share` of all callers, and the `skills` that it cannot do without.

    `wished` are better levels, for which it waits `WISH_S`: agents of two languages are left to those who need them.
    The higher `priority` goes first, up to 10.
    """

    name: str
    share: float
    skills: Mapping[str, int]
    priority: int = 0
    wished: Mapping[str, int] = field(default_factory=dict)


KINDS: Final = (
    Kind("zh_phone", 0.31, {"zh": 5, "phone": 4}, wished={"zh": 8}),
    Kind("zh_home", 0.21, {"zh": 5, "home": 4}, wished={"zh": 8}),
    Kind("en_phone", 0.14, {"en": 5, "phone": 4}, priority=5),
    Kind("en_home", 0.10, {"en": 5, "home": 4}, priority=5),
    Kind("zh_complaint", 0.12, {"zh": 7, "complaint": 5}, priority=5),
    Kind("en_complaint", 0.05, {"en": 7, "complaint": 5}, priority=9),
    Kind("vip", 0.07, {"zh": 7, "vip": 5}, priority=10),
)


@dataclass(frozen=True, slots=True)
class Worker:
    agent_id: str
    skills: Mapping[str, int]


_TEAMS: Final = (
    (4, {"zh": 9, "phone": 9}),
    (2, {"zh": 9, "home": 9}),
    (3, {"zh": 8, "phone": 6, "home": 6}),
    (2, {"en": 9, "phone": 9}),
    (1, {"en": 9, "home": 9}),
    (2, {"zh": 8, "phone": 6, "complaint": 9}),
    (2, {"zh": 9, "home": 5, "complaint": 7, "vip": 9}),
    (3, {"zh": 6, "en": 8, "phone": 6, "home": 7}),
    (3, {"zh": 7, "en": 8, "phone": 5, "home": 5, "complaint": 8, "vip": 6}),
)


def workers(first: int = 1001) -> tuple[Worker, ...]:
    """All agents; their ids are extensions from `first` on."""
    skills = [skills for count, skills in _TEAMS for _ in range(count)]
    return tuple(Worker(str(first + place), has) for place, has in enumerate(skills))


def may(worker: Worker, kind: Kind) -> bool:
    return all(worker.skills.get(skill, 0) >= level for skill, level in kind.skills.items())


def versatility(worker: Worker) -> int:
    """How many kinds of call the agent may take."""
    return sum(may(worker, kind) for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Call:
    """`number` is the caller's and begins with a 1; its last digit is the place of `talk_ms` in TALKS_MS."""

    number: str
    kind: Kind
    at_s: float
    talk_ms: int
    patience_s: float


def rate(agents: int) -> float:
    """Callers a second."""
    return LOAD * agents * 1000 * len(TALKS_MS) / sum(TALKS_MS)


def draw(seed: int, *, a_second: float, until_s: float = LAST_S) -> Iterator[Call]:
    """A Poisson process; the same for a seed on every machine."""
    random, at, place = stream(seed, "skills"), 0.0, 0
    while (at := at - log(1.0 - random.random()) / a_second) < until_s:
        talk = int(random.random() * len(TALKS_MS))
        yield Call(
            number=f"139{seed:02d}{place:05d}{talk}",
            kind=_kind(random.random()),
            at_s=at,
            talk_ms=TALKS_MS[talk],
            patience_s=-PATIENCE_S * log(1.0 - random.random()),
        )
        place += 1


def _kind(chance: float) -> Kind:
    for kind in KINDS[:-1]:
        if chance < kind.share:
            return kind
        chance -= kind.share
    return KINDS[-1]
