"""One measured figure, as `bench-results.jsonl` holds it, and what a person reads of it."""

from typing import TypedDict


class Figure(TypedDict):
    """`ratio`: how many times better than the peer in the same run, or the fraction of a limit; more is better.

    `goal`: the least acceptable ratio, 0 for a figure that only explains others.
    """

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float
    goal: float


def reached(figure: Figure) -> bool:
    return figure["ratio"] >= figure["goal"]


def markdown(figures: list[Figure], *, machine: str, date: str) -> str:
    """The table of docs/figures.md."""
    head = [
        f"Measured on {date}; {machine}.",
        "",
        "| figure | value | peer | peer's value | times better | goal |",
        "|---|---|---|---|---|---|",
    ]
    rows = [
        f"| `{one['name']}` | {amount(one['value'])} {one['unit']} | {one['peer']} | {amount(one['peer_value'])} "
        f"{one['unit']} | {one['ratio']:g}{'' if reached(one) else ' (missed)'} | {goal(one)} |"
        for one in figures
    ]
    return "\n".join([*head, *rows, ""])


def goal(figure: Figure) -> str:
    return f"{figure['goal']:g}" if figure["goal"] else "none"


def amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
