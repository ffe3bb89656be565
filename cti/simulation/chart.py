"""The outcome as an SVG picture: for each queue the calls of every interval, the service level and the occupancy."""

from collections.abc import Callable, Iterator, Sequence
from html import escape

from cti.simulation.outcome import Outcome, QueueOutcome, Slice

_WIDTH, _PANEL, _TOP, _LEFT, _RIGHT, _PLOT = 960, 240, 44, 56, 56, 150
_COLOURS = {"answered": "#7aa6d6", "abandoned": "#d9705f", "level": "#1b6e3c", "occupancy": "#a06a00"}
_LABELS = {"answered": "answered", "abandoned": "not answered", "level": "service level", "occupancy": "occupancy"}
_DENSEST = 16
"""More labels than this under the axis would touch each other."""


def svg(outcome: Outcome, start_s: float) -> str:
    """One panel for each queue; the axis shows times of the day, `start_s` being that of the first interval."""
    height = _TOP + _PANEL * len(outcome.queues)
    view = f'viewBox="0 0 {_WIDTH} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {view} font-family="sans-serif" font-size="12" fill="#222222">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        *_legend(),
    ]
    for number, queue in enumerate(outcome.queues):
        parts.append(f'<g transform="translate(0 {_TOP + number * _PANEL})">')
        parts += _panel(queue, outcome.interval_s, start_s)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def clock(seconds: float) -> str:
    return f"{int(seconds // 3600) % 24:02}:{int(seconds % 3600 // 60):02}"


def _legend() -> Iterator[str]:
    for number, (name, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + number * 140
        yield f'<rect x="{x}" y="14" width="14" height="10" fill="{colour}"/>'
        yield _text(x + 20, 23, _LABELS[name])


def _panel(queue: QueueOutcome, interval_s: float, start_s: float) -> Iterator[str]:
    slices = queue.slices
    most = max([1, *(one.figures.offered for one in slices)])
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(slices))
    yield _text(_LEFT, 14, queue.queue, weight="bold")
    for share in (0, 0.5, 1):
        y = _y(share)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#cccccc"/>'
        yield _text(_LEFT - 6, y + 4, f"{most * share:g}", anchor="end")
        yield _text(_WIDTH - _RIGHT + 6, y + 4, f"{share:.0%}")
    for number, one in enumerate(slices):
        yield from _bar(one, _LEFT + number * step, step, most)
        if number % (len(slices) // _DENSEST + 1) == 0:
            yield _text(_LEFT + number * step, _y(0) + 16, clock(start_s + number * interval_s))
    y = _y(queue.target_share)
    yield (
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="{_COLOURS["level"]}" '
        f'stroke-dasharray="4 4"><title>target: {queue.target_share:.0%} within {queue.target_s:g} s</title></line>'
    )
    yield _line(slices, step, lambda one: one.figures.service_level, "level")
    yield _line(slices, step, lambda one: one.occupancy, "occupancy")


def _bar(one: Slice, x: float, step: float, most: int) -> Iterator[str]:
    answered, offered = one.figures.answered / most, one.figures.offered / most
    for name, low, high in (("answered", 0.0, answered), ("abandoned", answered, offered)):
        if high > low:
            yield (
                f'<rect x="{x + step * 0.1:.1f}" y="{_y(high):.1f}" width="{step * 0.8:.1f}" '
                f'height="{_y(low) - _y(high):.1f}" fill="{_COLOURS[name]}"/>'
            )


def _line(slices: Sequence[Slice], step: float, figure: Callable[[Slice], float | None], name: str) -> str:
    """A break where there is no figure; a lone figure is a dot, by the round cap of a line of no length."""
    path, pen_down = [], False
    for number, one in enumerate(slices):
        value = figure(one)
        if value is not None:
            point = f"{_LEFT + (number + 0.5) * step:.1f} {_y(value):.1f}"
            path.append(f"L{point}" if pen_down else f"M{point} L{point}")
        pen_down = value is not None
    return (
        f'<path d="{" ".join(path)}" fill="none" stroke="{_COLOURS[name]}" stroke-width="2.5" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _y(share: float) -> float:
    return 24 + _PLOT * (1 - share)


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'
