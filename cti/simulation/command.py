"""`laidian simulate` and `laidian staffing`."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.config.file import load
from cti.errors import ConfigError
from cti.settings.queues import QueueSettings, QueuesFile
from cti.simulation import chart, tables
from cti.simulation.arrivals import Demand
from cti.simulation.chance import Duration
from cti.simulation.floor import SimulatedAgent, simulate
from cti.simulation.scenario import Scenario, read_scenario, scenario
from cti.simulation.staffing import Staffing, staffing
from cti.simulation.steady import Load

RulesOf = Callable[[str, QueueSettings, int], QueueRules]
"""The daemon's own translation of a queue's settings (name, settings, order) into the engine's rules."""

UNUSABLE = 2
_WIDTH = 120
_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


def register(main: click.Group, rules_of: RulesOf) -> None:
    """Add both commands to the command line."""

    @main.command(name="simulate")
    @_input_options
    @click.option("--agents", multiple=True, metavar="QUEUE[,QUEUE]=COUNT", help="So many agents for these queues.")
    @click.option("--chart", "chart_file", type=click.Path(dir_okay=False, path_type=Path), help="Draw an SVG picture.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
    def simulate_(
        *, queues: Path, agents: tuple[str, ...], chart_file: Path | None, as_json: bool, **options: Any
    ) -> None:
        """Play a day on a virtual clock with the live engine: service level, ASA, abandon rate, occupancy."""
        played = _scenario(queues, rules_of, agents=agents, **options)
        outcome = simulate(played.plan, played.play())
        if chart_file is not None:
            chart_file.write_text(chart.svg(outcome, played.start_s), encoding="utf-8")
        if as_json:
            click.echo(json.dumps(tables.as_data(outcome, played.start_s), ensure_ascii=False, indent=2))
        else:
            _console().print(*tables.outcome(outcome, played.start_s), sep="\n")

    @main.command(name="staffing")
    @_input_options
    @click.option("--target", metavar="SHARE/SECONDS", help="Such as 80/20; by default each queue's own.")
    @click.option("--answer", default=3.0, show_default=True, help="Seconds for which an agent lets it ring.")
    @click.option("--calls", default=4000, show_default=True, help="Length of a simulated run; 0: theory alone.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
    def staffing_(
        *, queues: Path, target: str | None, answer: float, calls: int, as_json: bool, **options: Any
    ) -> None:
        """Agents needed in each interval: by Erlang C, by Erlang A, and by simulating the live engine."""
        played = _scenario(queues, rules_of, agents=(), **options)
        if played.arrivals is not None:
            raise click.UsageError("staffing needs calls per interval, not recorded arrivals")
        ringing = Duration(mean_s=answer, shape="constant")
        found = {
            rules.name: _staffing(_aimed(rules, target), played, ringing, calls)
            for rules in played.plan.rules
            if rules.name in played.demands
        }
        if as_json:
            click.echo(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2))
        else:
            _console().print(*tables.staffing(found, played), sep="\n")


def _console() -> Console:
    """Wide enough for a table, also where the output is no terminal."""
    return Console(width=max(_WIDTH, Console().width))


def _input_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--seed", type=int, help="Another seed is another day."),
        click.option("--interval", default=30.0, show_default=True, help="Minutes."),
        click.option("--hours", default=8.0, show_default=True, help="How long the day is."),
        click.option("--patience", type=float, help="Seconds until a caller gives up, on average; default: never."),
        click.option("--talk", default=180.0, show_default=True, help="Seconds of talk, on average."),
        click.option("--arrivals", multiple=True, metavar="QUEUE=PER-HOUR|CSV", help="Calls, or a record of them."),
        click.option("--scenario", "file", type=_FILE, help="A YAML file instead of the options below."),
        click.argument("queues", type=_FILE, metavar="QUEUES.YAML"),
    ):
        command = option(command)
    return command


def _scenario(
    queues: Path,
    rules_of: RulesOf,
    *,
    file: Path | None,
    arrivals: tuple[str, ...],
    agents: tuple[str, ...],
    seed: int | None,
    **day: Any,
) -> Scenario:
    """From the file or from the options; what is wrong with a file is said with file:line, exit code 2."""
    if (file is None) == (not arrivals):
        raise click.UsageError("give either --scenario or --arrivals")
    if file is not None and agents:
        raise click.UsageError("a scenario names its agents itself")
    try:
        settings = load(queues, QueuesFile).queues
        rules = {name: rules_of(name, one, order) for order, (name, one) in enumerate(settings.items())}
        if file is not None:
            return read_scenario(file, rules, seed)
        return _by_options(rules, arrivals, agents, seed=1 if seed is None else seed, **day)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(UNUSABLE)


def _by_options(
    rules: Mapping[str, QueueRules],
    arrivals: tuple[str, ...],
    agents: tuple[str, ...],
    *,
    seed: int,
    talk: float,
    patience: float | None,
    hours: float,
    interval: float,
) -> Scenario:
    interval_s = interval * 60
    intervals = max(1, round(hours * 3600 / interval_s)) if interval > 0 else 0
    if not intervals or hours <= 0 or talk < 0 or (patience is not None and patience <= 0):
        raise click.UsageError("--hours, --interval and --patience must be more than 0, --talk not less")
    record = next((Path(one) for one in arrivals if "=" not in one), None)
    if record is not None and len(arrivals) > 1:
        raise click.UsageError("one CSV file with all arrivals, or QUEUE=PER-HOUR for each queue")
    rates = dict.fromkeys(rules, 0.0) if record else dict(_pair(one, rules) for one in arrivals)
    demands = {
        name: Demand(
            queue=name,
            calls=[rate * interval / 60] * intervals,
            talk=Duration(mean_s=talk),
            patience=None if patience is None else Duration(mean_s=patience),
        )
        for name, rate in rates.items()
    }
    return scenario(
        rules=rules,
        demands=demands,
        agents=_agents(agents, rules, hours * 3600),
        interval_s=interval_s,
        start_s=0.0,
        seed=seed,
        record=record,
    )


def _agents(texts: tuple[str, ...], rules: Mapping[str, QueueRules], end_s: float) -> tuple[SimulatedAgent, ...]:
    """For the whole day, with the skills that their queues ask for, picking up after 3 s."""
    found: list[SimulatedAgent] = []
    for text in texts:
        names, _, count = text.partition("=")
        queues = tuple(names.split(","))
        unknown = [name for name in queues if name not in rules]
        if unknown or not count.isdigit():
            raise click.UsageError(f"--agents {text}: expected QUEUE=COUNT with queues of {', '.join(rules)}")
        skills: dict[str, int] = {}
        for name in queues:
            skills |= {skill: max(level, skills.get(skill, 0)) for skill, level in rules[name].skills.items()}
        for _ in range(int(count)):
            profile = AgentProfile(agent_id=f"a{len(found) + 1:05d}", queues=queues, skills=skills)
            answer = Duration(mean_s=3.0, shape="constant")
            found.append(SimulatedAgent(profile=profile, shifts=((0.0, end_s),), answer=answer))
    return tuple(found)


def _pair(text: str, rules: Mapping[str, QueueRules]) -> tuple[str, float]:
    name, _, rate = text.partition("=")
    try:
        value = float(rate)
    except ValueError:
        value = -1.0
    if name not in rules or not 0 <= value < float("inf"):
        raise click.UsageError(f"--arrivals {text}: expected QUEUE=CALLS-PER-HOUR with a queue of {', '.join(rules)}")
    return name, value


def _aimed(rules: QueueRules, target: str | None) -> QueueRules:
    if target is None:
        return rules
    share, _, seconds = target.partition("/")
    try:
        percent, target_s = float(share), float(seconds)
    except ValueError:
        percent, target_s = -1.0, 0.0
    if not (0 <= percent < 100 and 0 <= target_s < float("inf")):  # noqa: PLR2004 - per cent
        raise click.UsageError(f"--target {target}: expected something like 80/20, for 80 % within 20 s")
    return msgspec.structs.replace(rules, target_s=target_s, target_share=percent / 100)


def _staffing(rules: QueueRules, played: Scenario, ringing: Duration, calls: int) -> list[Staffing]:
    """For each interval; equal ones are computed once."""
    demand = played.demands[rules.name]
    known: dict[float, Staffing] = {}
    for expected in demand.calls:
        if expected not in known:
            rate = expected / played.plan.interval_s
            load = Load(rules=rules, rate=rate, talk=demand.talk, patience=demand.patience, answer=ringing)
            try:
                known[expected] = staffing(load, rules.target_share, calls=calls, seed=played.plan.seed)
            except ValueError as error:
                raise click.ClickException(f"{rules.name}: {error}") from None
    return [known[expected] for expected in demand.calls]
