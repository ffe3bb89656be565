"""A scenario as people write it: who calls, and who works when. `config/scenarios/example.yaml` shows every key."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import AfterValidator, Field, model_validator

from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.config.file import ConfigModel, Located, load_located
from cti.errors import ConfigError, Problem
from cti.simulation.arrivals import Arrival, Demand, Need, drawn, in_order, recorded
from cti.simulation.chance import Duration, Shape
from cti.simulation.floor import Plan, SimulatedAgent

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_LAST_HOUR = 48
_TOLERANCE = 1e-9

Level = Annotated[int, Field(ge=1, le=10)]


def clock_s(text: str) -> float:
    """Seconds since midnight of "8:30"; "26:00" is 2 in the morning after. `ValueError`."""
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) >= _LAST_HOUR:
        raise ValueError("expected a time of the day such as '08:30'")
    return int(match[1]) * 3600.0 + int(match[2]) * 60.0


def span_s(text: str) -> tuple[float, float]:
    """`ValueError` for anything but "08:00-16:30" and the like."""
    begin, _, end = text.partition("-")
    if not end or clock_s(begin) >= clock_s(end):
        raise ValueError("expected a span such as '08:00-16:30', the second time being the later one")
    return clock_s(begin), clock_s(end)


def _checked_clock(text: str) -> str:
    clock_s(text)
    return text


def _checked_span(text: str) -> str:
    span_s(text)
    return text


class DurationSettings(ConfigModel):
    mean_s: Annotated[float, Field(ge=0)]
    shape: Shape = "exponential"
    sd_s: Annotated[float, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _possible(self) -> "DurationSettings":
        self.duration()
        return self

    def duration(self) -> Duration:
        return Duration(mean_s=self.mean_s, shape=self.shape, sd_s=self.sd_s)


class NeedSettings(ConfigModel):
    share: Annotated[float, Field(ge=0, le=1)]
    skills: dict[str, Level]


class DemandSettings(ConfigModel):
    """`calls`: expected in each interval. Without `patience` nobody gives up."""

    calls: tuple[Annotated[float, Field(ge=0)], ...] = ()
    talk: DurationSettings
    patience: DurationSettings | None = None
    needs: tuple[NeedSettings, ...] = ()

    def demand(self, queue: str) -> Demand:
        return Demand(
            queue=queue,
            calls=self.calls,
            talk=self.talk.duration(),
            patience=None if self.patience is None else self.patience.duration(),
            needs=tuple(Need(share=need.share, skills=need.skills) for need in self.needs),
        )


class AgentsSettings(ConfigModel):
    """`count` agents who are alike. Between two shifts they are signed out."""

    count: Annotated[int, Field(ge=1, le=20_000)]
    queues: Annotated[tuple[str, ...], Field(min_length=1)]
    shifts: Annotated[tuple[Annotated[str, AfterValidator(_checked_span)], ...], Field(min_length=1)]
    skills: dict[str, Level] = Field(default_factory=dict)
    answer: DurationSettings = DurationSettings(mean_s=3, shape="constant")


class ScenarioFile(ConfigModel):
    """`recorded`: a CSV file beside this one whose arrivals replace the `calls`."""

    start: Annotated[str, AfterValidator(_checked_clock)] = "00:00"
    interval_s: Annotated[float, Field(ge=60, le=86_400)] = 1800
    seed: int = 1
    queues: Annotated[dict[str, DemandSettings], Field(min_length=1)]
    agents: tuple[AgentsSettings, ...] = ()
    back_after_rona_s: Annotated[float, Field(gt=0)] = 60
    recorded: Path | None = None


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Ready to be played. `start_s`: the time of the day at which it begins. `arrivals` as recorded, None: drawn."""

    plan: Plan
    demands: Mapping[str, Demand]
    start_s: float
    arrivals: tuple[Arrival, ...] | None = None

    def play(self) -> Iterator[Arrival]:
        """The arrivals in order."""
        if self.arrivals is not None:
            return iter(self.arrivals)
        return in_order(*(drawn(demand, self.plan.interval_s, self.plan.seed) for demand in self.demands.values()))


def read_scenario(path: Path, rules: Mapping[str, QueueRules], seed: int | None = None) -> Scenario:
    """The scenario for these queues; `seed` replaces the file's. Raises `ConfigError` with all problems at once."""
    located = load_located(path, ScenarioFile)
    problems = list(_problems(located, rules))
    if problems:
        raise ConfigError(*sorted(problems, key=lambda problem: problem.line))
    file = located.value
    demands = {queue: settings.demand(queue) for queue, settings in file.queues.items()}
    return scenario(
        rules=rules,
        demands=demands,
        agents=tuple(_agents(file)),
        interval_s=file.interval_s,
        start_s=clock_s(file.start),
        seed=file.seed if seed is None else seed,
        record=None if file.recorded is None else path.parent / file.recorded,
        back_after_rona_s=file.back_after_rona_s,
    )


def scenario(
    *,
    rules: Mapping[str, QueueRules],
    demands: Mapping[str, Demand],
    agents: tuple[SimulatedAgent, ...],
    interval_s: float,
    start_s: float,
    seed: int,
    record: Path | None = None,
    back_after_rona_s: float = 60.0,
) -> Scenario:
    """Put the parts together; the CSV file `record` is read here. `rules` are of all queues: some may overflow into."""
    arrivals = None if record is None else _read_record(record, demands, seed, start_s)
    intervals = max((len(demand.calls) for demand in demands.values()), default=0)
    if arrivals is not None:
        intervals = ceil((arrivals[-1].at + _TOLERANCE) / interval_s) if arrivals else 1
    return Scenario(
        plan=Plan(
            rules=tuple(rules.values()),
            agents=agents,
            interval_s=interval_s,
            intervals=intervals,
            seed=seed,
            back_after_rona_s=back_after_rona_s,
        ),
        demands=demands,
        start_s=start_s,
        arrivals=arrivals,
    )


def _read_record(path: Path, demands: Mapping[str, Demand], seed: int, start_s: float) -> tuple[Arrival, ...]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(Problem(str(path), 0, f"cannot be read: {error}")) from error
    return tuple(recorded(text, str(path), demands, seed=seed, start_s=start_s))


def _agents(file: ScenarioFile) -> Iterator[SimulatedAgent]:
    start_s, number = clock_s(file.start), 0
    for group in file.agents:
        spans = sorted(span_s(span) for span in group.shifts)
        shifts = tuple((max(0.0, begin - start_s), end - start_s) for begin, end in spans if end > start_s)
        for _ in range(group.count):
            number += 1
            profile = AgentProfile(agent_id=f"a{number:05d}", queues=group.queues, skills=group.skills)
            yield SimulatedAgent(profile=profile, shifts=shifts, answer=group.answer.duration())


def _problems(located: Located[ScenarioFile], rules: Mapping[str, QueueRules]) -> Iterator[Problem]:
    file = located.value
    known = ", ".join(f"'{name}'" for name in rules)
    lengths = {queue: len(demand.calls) for queue, demand in file.queues.items()}
    longest = max(lengths.values())
    for queue, demand in file.queues.items():
        if queue not in rules:
            yield located.problem(f"there is no queue '{queue}', expected one of {known}", "queues", queue)
        if file.recorded is None and lengths[queue] != longest:
            text = f"expected {longest} intervals as in the longest list, found {lengths[queue]}"
            yield located.problem(text, "queues", queue, "calls")
        if sum(need.share for need in demand.needs) > 1 + _TOLERANCE:
            yield located.problem("the shares add up to more than 1", "queues", queue, "needs")
    if file.recorded is None and longest == 0:
        yield located.problem("expected calls in one queue at least, or recorded: a CSV file", "queues")
    for number, group in enumerate(file.agents):
        for place, queue in enumerate(group.queues):
            if queue not in rules:
                text = f"there is no queue '{queue}', expected one of {known}"
                yield located.problem(text, "agents", number, "queues", place)
        spans = sorted(span_s(span) for span in group.shifts)
        if any(before[1] > after[0] for before, after in pairwise(spans)):
            yield located.problem("two shifts of the same agents overlap", "agents", number, "shifts")
