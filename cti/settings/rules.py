"""The configured queues as the distributor's rules and as what the floor goes by. Pure."""

from collections.abc import Mapping

from cti.acd.limits import Limit
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.calendars.calendar import Calendar
from cti.calendars.config import HoursSettings, calendar
from cti.customers.numbers import country_code
from cti.floor.rules import AdmissionRules, Announcements, CallbackRules, OutboundRules, QueueCare
from cti.settings import QueueingSettings, Settings, SettingsFile
from cti.settings.alarms import alarm_rules
from cti.settings.queues import CallbackSettings, QueueSettings

_SAME = (
    "priority",
    "ring_s",
    "wrap_up_s",
    "wrap_up_limit_s",
    "target_s",
    "target_share",
    "max_wait_s",
    "way_out",
    "skills",
    "rona",
    "declined",
    "rest_s",
    "choice",
    "ring_at_once",
    "serve",
    "ageing",
    "vip_points",
    "preferred_wait_s",
    "prefer_branch",
    "branch_wait_s",
)
"""What has the same name and form in the settings and in the rules."""


def queue_rules(name: str, settings: QueueSettings, order: int) -> QueueRules:
    """What the distributor goes by; `order` sorts the queues on screens."""
    return QueueRules(
        name=name,
        label={str(language): text for language, text in settings.label.items()},
        order=order,
        relax=tuple(RelaxStep(**step.model_dump()) for step in settings.relax),
        limits=tuple(Limit(**limit.model_dump()) for limit in settings.limits),
        wrap_up_ends=settings.wrap_up_unfinished == "release",
        **{field: getattr(settings, field) for field in _SAME},
    )


def all_queue_rules(queues: Mapping[str, QueueSettings]) -> tuple[QueueRules, ...]:
    """In the order of the file."""
    return tuple(queue_rules(name, queue, order) for order, (name, queue) in enumerate(queues.items()))


def queue_care(
    settings: QueueSettings, site: QueueingSettings, *, time_zone: str, country_code: str, opening: Calendar | None
) -> QueueCare:
    """How the floor treats those who wait. `country_code` as in "+86"; `opening` None: always open."""
    said = settings.announcements
    callback = settings.callback
    return QueueCare(
        announcements=Announcements(
            first_s=said.first_s or site.first_announcement_s,
            every_s=said.every_s or site.announcement_every_s,
            position=said.position,
            wait_estimate=said.wait_estimate,
        ),
        callback=_callback(callback, time_zone, country_code) if callback else None,
        preferred=settings.preferred,
        opening=opening,
        when_closed=settings.when_closed,
        alarms=alarm_rules(settings.alarms, target_s=settings.target_s, target_share=settings.target_share),
        recording=settings.recording,
        pause_limit_s=settings.recording_pause_limit_s,
    )


def _callback(settings: CallbackSettings, time_zone: str, country_code: str) -> CallbackRules:
    return CallbackRules(
        attempts=settings.attempts,
        retry_s=settings.retry_s,
        ring_s=settings.ring_s,
        permitted=calendar(HoursSettings(time_zone=time_zone, weekly=settings.hours)),
        allow=settings.allow or (country_code,),
    )


def admission_rules(settings: Settings) -> AdmissionRules:
    """`queue`: the first one, where none is named."""
    own = settings.admission
    queue = own.queue or next(iter(settings.queues), "")
    return AdmissionRules(**{**own.model_dump(), "queue": queue, "way_out": own.way_out or ""})


def outbound_rules(settings: SettingsFile) -> OutboundRules:
    """What agents may dial, and how the customer sees it."""
    own, numbers = settings.outbound, (name for name in settings.hotlines if name.lstrip("+").isdigit())
    return OutboundRules(
        caller_id=own.caller_id or next(numbers, ""),
        allow=own.allow or (country_code(settings.region),),
        ring_s=own.ring_s,
        wrap_up_s=own.wrap_up_s,
        premium=own.premium,
        emergency=own.emergency,
        per_user=own.limits.per_user.bounds(),
        in_all=own.limits.in_all.bounds(),
        per_number_day=own.limits.per_number_day,
        prices=own.prices,
        hours=calendar(HoursSettings(time_zone=settings.time_zone, weekly=own.hours)) if own.hours else None,
    )
