"""`config/queues.yaml`: how each queue distributes, and how it treats those who wait.

What the rules mean stands at `cti.acd.queue.QueueRules`; here is only how they are written.
"""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator

from cti.acd.choice import Choice
from cti.acd.limits import LimitKind, parse_way_out
from cti.acd.queue import AfterMiss, Serve
from cti.calendars.spans import Days, Spans
from cti.config.file import ConfigModel
from cti.config.label import Text
from cti.settings.alarms import AlarmSettings
from cti.settings.keeping import QueueRetentionSettings

Seconds = Annotated[float, Field(gt=0)]
Duration = Annotated[float, Field(ge=0, le=86_400)]
Level = Annotated[int, Field(ge=1, le=10)]
LowerLevel = Annotated[int, Field(ge=0, le=10)]
Points = Annotated[int, Field(ge=-1000, le=1000)]


def check_way_out(text: str) -> str:
    if text:
        parse_way_out(text)
    return text


class RelaxSettings(ConfigModel):
    """A step of relaxation, `cti.acd.relax.RelaxStep`."""

    after_s: Duration
    skills: dict[str, LowerLevel] = Field(default_factory=dict)
    lower: LowerLevel = 0
    queues: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    points: Points = 0


class LimitSettings(ConfigModel):
    """`cti.acd.limits.Limit`."""

    when: LimitKind
    above: Annotated[float, Field(ge=0)] = 0
    way_out: str

    _parsed = field_validator("way_out")(check_way_out)


class AnnouncementSettings(ConfigModel):
    """What a waiting caller is told, and when; without a time that of `queueing` in config/laidian.yaml."""

    first_s: Seconds | None = None
    every_s: Seconds | None = None
    position: bool = True
    wait_estimate: bool = True


class CallbackSettings(ConfigModel):
    """Callers may hang up and keep their place. `attempts` at most, `retry_s` apart, each ringing for `ring_s`.

    Nobody is dialled outside `hours` (the site's time zone). A number must begin with one of `allow`; without any, with
    the country code of the site's region.
    """

    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    retry_s: Annotated[float, Field(ge=1, le=86_400)] = 300
    ring_s: Annotated[float, Field(ge=5, le=120)] = 30
    hours: dict[Days, Spans] = Field(default_factory=lambda: dict[Days, Spans]({"mon-sun": ("09:00-21:00",)}))
    allow: tuple[Annotated[str, Field(pattern=r"^\+?[0-9]+$")], ...] = ()


class QueueSettings(ConfigModel):
    """`target_s`: answered within it counts for the service level. `max_wait_s` None: wait for ever.

    `preferred` is who is a caller's preferred agent, the first that there is: the named one, or who talked last.
    `when_closed` is the way out outside the opening hours (config/opening_hours.yaml).
    `dispositions` names one of `disposition_trees`, "" the tree `dispositions`; both are in config/laidian.yaml.
    `wrap_up_unfinished`: what happens when the time is over and the form is not finished.
    `recording` "on_demand": only
    from when an agent asks for it; agents may have it paused, for `recording_pause_limit_s` at a time.
    """

    label: Text
    priority: Annotated[int, Field(ge=0, le=10)] = 5
    ring_s: Annotated[float, Field(ge=3, le=120)] = 20
    wrap_up_s: Annotated[float, Field(ge=0, le=3600)] = 60
    wrap_up_limit_s: Annotated[float, Field(ge=0, le=14_400)] = 600
    wrap_up_unfinished: Literal["release", "wait"] = "release"
    dispositions: str = ""
    disposition_required: bool = False
    target_s: Seconds = 20
    target_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    max_wait_s: Seconds | None = None
    way_out: str = ""
    skills: dict[str, Level] = Field(default_factory=dict)
    rona: AfterMiss = "not_ready"
    declined: AfterMiss = "not_ready"
    rest_s: Annotated[float, Field(ge=0.1, le=600)] = 5
    choice: Choice = "longest_idle"
    ring_at_once: Annotated[int, Field(ge=1, le=20)] = 5
    relax: tuple[RelaxSettings, ...] = ()
    limits: tuple[LimitSettings, ...] = ()
    serve: Serve = "arrival"
    ageing: Annotated[float, Field(ge=0, le=100)] = 0
    vip_points: Annotated[int, Field(ge=0, le=1000)] = 0
    preferred: tuple[Literal["named", "last"], ...] = ("named",)
    preferred_wait_s: Duration = 0
    prefer_branch: bool = False
    branch_wait_s: Duration = 0
    announcements: AnnouncementSettings = AnnouncementSettings()
    callback: CallbackSettings | None = None
    when_closed: str = "announcement:closed"
    alarms: AlarmSettings | None = None
    recording: Literal["always", "on_demand", "never"] = "always"
    recording_pause_limit_s: Annotated[float, Field(ge=1, le=3600)] = 120
    retention: QueueRetentionSettings = QueueRetentionSettings()

    _parsed = field_validator("way_out", "when_closed")(check_way_out)

    @field_validator("relax")
    @classmethod
    def _in_order(cls, relax: tuple[RelaxSettings, ...]) -> tuple[RelaxSettings, ...]:
        if any(one.after_s > two.after_s for one, two in pairwise(relax)):
            raise ValueError("expected the steps in the order of after_s")
        return relax


class QueuesFile(ConfigModel):
    queues: Annotated[dict[str, QueueSettings], Field(min_length=1)]
