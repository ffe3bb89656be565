"""What goes on, in the log: a line at the end of each contact; every step where details are asked for.

Ids and words only: names, numbers and what was typed stand in the database, where they can be erased.
"""

import logging

import structlog

from cti.events import (
    AgentStateChanged,
    AlarmCleared,
    AlarmRaised,
    Fact,
    InteractionEnded,
    InteractionFact,
)

log = structlog.get_logger(__name__)

_BRIEFLY = (InteractionEnded, AlarmRaised)
_IN_DETAIL = (InteractionFact, AgentStateChanged, AlarmRaised, AlarmCleared)
_WORDS = ("agent_id", "queue", "state", "previous", "reason", "offer_id", "how", "kind", "level", "mode", "step", "end")


def told() -> tuple[type[Fact], ...]:
    """What to subscribe `tell` to: the details only where the log takes them, for they cost every call."""
    return _IN_DETAIL if log.is_enabled_for(logging.DEBUG) else _BRIEFLY


def tell(fact: Fact) -> None:
    if isinstance(fact, InteractionEnded):
        log.info("a contact has ended", outcome=fact.outcome, ended_by=fact.ended_by, cause=fact.cause)
    elif isinstance(fact, AlarmRaised):
        log.warning("a queue is in trouble", queue=fact.queue, kind=fact.kind, level=fact.level, value=fact.value)
    else:
        words = {name: value for name in _WORDS if (value := getattr(fact, name, None)) not in (None, "")}
        log.debug("fact", fact=type(fact).__name__, **words)
