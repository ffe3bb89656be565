"""State tables as pictures: what the documentation shows is what the code does."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


def mermaid(transitions: Mapping[tuple[S, T], S], *, start: S) -> str:
    """A mermaid `stateDiagram-v2`, one arrow for each pair of states, its triggers in the order of the table."""
    arrows: dict[tuple[S, S], list[T]] = {}
    for (state, trigger), target in transitions.items():
        arrows.setdefault((state, target), []).append(trigger)
    lines = ["stateDiagram-v2", f"    [*] --> {start.name}"]
    lines += [f"    {state.name} --> {target.name}: {', '.join(names)}" for (state, target), names in arrows.items()]
    lines += [f"    {state.name} --> [*]" for state in type(start) if not any(s is state for s, _ in transitions)]
    return "\n".join(lines) + "\n"
