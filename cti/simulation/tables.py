"""The outcome of a simulation and the agents needed, as tables for people and as data for programs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from cti.simulation.chart import clock
from cti.simulation.outcome import Outcome, Slice
from cti.simulation.scenario import Scenario
from cti.simulation.staffing import Answer, Staffing

_FIGURES = ("offered", "answered", "abandoned", "overflowed", "service level", "ASA", "abandon rate", "occupancy")


def outcome(found: Outcome, start_s: float) -> Iterator[Table]:
    """All queues together in one table, then each with its intervals."""
    whole = _table("Queues", "queue", *_FIGURES)
    for queue in found.queues:
        whole.add_row(queue.queue, *_cells(queue.total))
    yield whole
    for queue in found.queues:
        table = _table(f"{queue.queue}: target {queue.target_share:.0%} within {queue.target_s:g} s", "from", *_FIGURES)
        for one in queue.slices:
            table.add_row(clock(start_s + one.start_s), *_cells(one))
        yield table


def staffing(found: Mapping[str, Sequence[Staffing]], played: Scenario) -> Iterator[Table]:
    """One table for each queue."""
    for queue, rows in found.items():
        table = _table(f"Agents needed: {queue}", "from", "calls", "Erlangs", "Erlang C", "Erlang A", "simulated")
        for number, (calls, row) in enumerate(zip(played.demands[queue].calls, rows, strict=True)):
            table.add_row(
                clock(played.start_s + number * played.plan.interval_s),
                f"{calls:g}",
                f"{row.load_erlang:.1f}",
                *(_answer(answer) for answer in (row.erlang_c, row.erlang_a, row.simulated)),
            )
        yield table


def as_data(found: Outcome, start_s: float) -> dict[str, Any]:
    """Figures are None where there was nothing to judge."""
    return {
        "interval_s": found.interval_s,
        "queues": {
            queue.queue: {
                "target_s": queue.target_s,
                "target_share": queue.target_share,
                **_data(queue.total),
                "intervals": [{"from": clock(start_s + one.start_s), **_data(one)} for one in queue.slices],
            }
            for queue in found.queues
        },
    }


def _data(one: Slice) -> dict[str, Any]:
    figures = one.figures
    return {
        "offered": figures.offered,
        "answered": figures.answered,
        "abandoned": figures.abandoned,
        "overflowed": one.overflowed,
        "service_level": figures.service_level,
        "asa_s": figures.asa_s,
        "abandon_rate": one.abandon_rate,
        "occupancy": one.occupancy,
    }


def _cells(one: Slice) -> Iterator[str]:
    for name, value in _data(one).items():
        if value is None:
            yield "-"
        elif name == "asa_s":
            yield f"{value:.1f} s"
        else:
            yield f"{value:.1%}" if isinstance(value, float) else str(value)


def _answer(answer: Answer | None) -> str:
    if answer is None:
        return "-"
    half = f" ± {answer.half:.1%}" if answer.half else ""
    return f"{answer.agents} ({answer.service_level:.1%}{half})"


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
