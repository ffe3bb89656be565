"""`alarms` of a queue in `config/queues.yaml`: when its tile is coloured and the board rings."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from cti.config.file import ConfigModel
from cti.desk.alarms import AlarmLimit, AlarmRules
from cti.events import AlarmKind

Number = Annotated[float, Field(gt=0, le=86_400)]
Share = Annotated[float, Field(gt=0, le=1)]


class _Limit(ConfigModel):
    """The two levels, the milder first; of one of them only, the other is left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        warn, alarm = getattr(self, "warn", None), getattr(self, "alarm", None)
        if warn is None and alarm is None:
            raise ValueError("expected warn, alarm or both")
        if warn is not None and alarm is not None:
            falling = isinstance(self, FallingLimit)
            if not (warn > alarm if falling else warn < alarm):
                raise ValueError(f"expected warn {'above' if falling else 'below'} alarm, found {warn:g} and {alarm:g}")
        return self


class RisingLimit(_Limit):
    warn: Number | None = None
    alarm: Number | None = None


class RisingShareLimit(_Limit):
    warn: Share | None = None
    alarm: Share | None = None
    least: Annotated[int, Field(ge=1)] = 10


class FallingLimit(_Limit):
    warn: Share | None = None
    alarm: Share | None = None
    least: Annotated[int, Field(ge=1)] = 10


class AlarmSettings(ConfigModel):
    """What each is stands at `cti.desk.alarms`; one that is left out is not watched.

    `longest_wait_s` is of those who wait now, `waiting` how many these are, `nobody_ready_s` for how long nobody has
    been ready in the opening hours. `service_level` and `abandoned` are shares of today's callers, once there were
    `least` of them.
    """

    longest_wait_s: RisingLimit | None = None
    waiting: RisingLimit | None = None
    service_level: FallingLimit | None = None
    abandoned: RisingShareLimit | None = None
    nobody_ready_s: RisingLimit | None = None
    clear_after_s: Annotated[float, Field(ge=0, le=3600)] = 15


_KINDS: tuple[tuple[str, AlarmKind], ...] = (
    ("longest_wait_s", "longest_wait"),
    ("waiting", "waiting"),
    ("service_level", "service_level"),
    ("abandoned", "abandoned"),
    ("nobody_ready_s", "nobody_ready"),
)


def alarm_rules(settings: AlarmSettings | None, *, target_s: float, target_share: float) -> AlarmRules:
    """Without settings of its own a queue is watched by its service level and the time in which it is to answer."""
    if settings is None:
        return AlarmRules(
            limits=(
                AlarmLimit(kind="longest_wait", warn=target_s, alarm=2 * target_s),
                AlarmLimit(kind="service_level", warn=target_share, least=10),
            )
        )
    found = ((kind, getattr(settings, name)) for name, kind in _KINDS)
    return AlarmRules(
        limits=tuple(
            AlarmLimit(kind=kind, warn=one.warn, alarm=one.alarm, least=getattr(one, "least", 0))
            for kind, one in found
            if one is not None
        ),
        clear_after_s=settings.clear_after_s,
    )
