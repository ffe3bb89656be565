"""When a queue does not take a caller, or lets go of one who waits: its limits and the ways out."""

from math import isfinite
from typing import Literal

import msgspec

LimitKind = Literal["length", "wait_estimate", "nobody"]
WayOutKind = Literal["queue", "voicemail", "callback", "announcement", "number"]


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """`way_out` is taken when `when` is exceeded; see `WayOut` for what it may say.

    - "length", on entering: more than `above` interactions are in the queue, this one and the offered ones included.
    - "wait_estimate", on entering: the estimate is known, and more than `above` seconds.
    - "nobody", on entering and while waiting: not one agent is signed in (in whatever state) to the queue, or to a
      queue or group that its relaxation adds sooner or later.

    The longest wait is `QueueRules.max_wait_s`. An impossible value raises `ValueError`.
    """

    when: LimitKind
    way_out: str
    above: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.above) and self.above >= 0):
            raise ValueError(f"a limit on {self.when} must be 0 or more")


def exceeded(
    limits: tuple[Limit, ...], *, entering: bool, length: int, wait_estimate: float | None, staffed: bool
) -> Limit | None:
    """The first limit that is exceeded; only "nobody" counts for one who is not just entering."""
    for limit in limits:
        if limit.when == "nobody":
            hit = not staffed
        elif limit.when == "length":
            hit = entering and length > limit.above
        else:
            hit = entering and wait_estimate is not None and wait_estimate > limit.above
        if hit:
            return limit
    return None


class WayOut(msgspec.Struct, frozen=True):
    """Where a caller goes who leaves a queue unserved; the floor carries it out.

    Written as "queue:<name>", "voicemail" or "voicemail:<box>", "callback", "announcement:<prompt>" or
    "number:<digits>".
    """

    kind: WayOutKind
    target: str = ""


def parse_way_out(text: str) -> WayOut:
    """`ValueError` says what was expected."""
    kind, colon, target = text.partition(":")
    if kind == "callback" and not colon:
        return WayOut("callback")
    if kind == "voicemail" and (target or not colon):
        return WayOut("voicemail", target)
    if kind == "queue" and target:
        return WayOut("queue", target)
    if kind == "announcement" and target:
        return WayOut("announcement", target)
    if kind == "number" and target.removeprefix("+").isdecimal():
        return WayOut("number", target)
    raise ValueError(
        f"way out '{text}': expected queue:<name>, voicemail, callback, announcement:<prompt> or number:<digits>"
    )
