"""Who calls, when, and how long they talk: two SIPps, one of callers over the trunk, one of all agents' phones."""

import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from cti.simulated import scenarios
from cti.simulated.sipp import Sipp, sipp
from tests.bench import load
from tests.chaos.stand import MENU, STRAIGHT, Stand
from tests.harness.phones import TRUNK_HOST

RING_MS = 400
"""Long enough for a blow to fall while phones ring."""
SHORT_MS = 700
LONG, SHORT = 0, 1
"""The last digit of a caller's number says how long the agent talks."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`number` as it stands in the From header; `after_s` after the start they dial `dialled`."""

    number: str
    dialled: str
    after_s: float
    talks: bool


@dataclass(frozen=True, slots=True)
class Crowd:
    """`talkers` come first and keep every agent busy for `talk_s`; the waiters wait behind them."""

    talkers: int
    waiters: int
    talk_s: float
    rate: float = 10.0

    def beside(self, start_s: float) -> "Crowd":
        """The same where a daemon takes so long to start: they talk until it has started twice, and longer."""
        return replace(self, talk_s=self.talk_s + 2 * start_s)

    @property
    def fill_s(self) -> float:
        return (self.talkers + self.waiters) / self.rate

    def callers(self, wave: int) -> list[Caller]:
        """Every third waiter hears a menu first. `wave` makes the numbers of one stand differ."""
        talking = [
            Caller(f"139{wave:03}{n:04}{LONG}", STRAIGHT, n / self.rate, talks=True) for n in range(self.talkers)
        ]
        begin = self.talkers / self.rate + 1.0
        waiting = [
            Caller(f"138{wave:03}{n:04}{SHORT}", STRAIGHT if n % 3 else MENU, begin + n / self.rate, talks=False)
            for n in range(self.waiters)
        ]
        return talking + waiting


@contextlib.asynccontextmanager
async def phones(stand: Stand, talk_s: float) -> AsyncIterator[Sipp]:
    """All agents: they ring for a moment, answer, and hang up when the talk is over."""
    lengths = (round(talk_s * 1000), SHORT_MS)
    scenario = scenarios.agent(answer_after_ms=RING_MS, hang_up_after_ms=lengths[0])
    async with sipp(
        load._one_of(scenario, lengths, by_caller=True), server=stand.server, port=stand.agents_port
    ) as running:
        yield running


@contextlib.asynccontextmanager
async def calling(stand: Stand, callers: list[Caller]) -> AsyncIterator[Sipp]:
    """All of them dial, each at their time, press the key of the menu, and stay until the other side hangs up."""
    scenario = scenarios.caller(keys=load.KEY, before_keys_ms=load.BEFORE_KEY_MS, number="[field0]")
    scenario = scenario.replace("[service]", "[field1]").replace("</action></nop>\n", load._AT, 1)
    rows = [f"{one.number};{one.dialled};{one.after_s * 1000:.0f}" for one in callers]
    async with sipp(scenario, server=stand.server, host=TRUNK_HOST, calls=len(rows), rate=1000, rows=rows) as running:
        yield running


def moment(chance: random.Random, begin: float, end: float) -> float:
    return chance.uniform(begin, max(begin, end))
