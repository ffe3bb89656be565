"""What people on the floor want to know: calls, queues, offers, agents, recordings. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import get_args

from prometheus_client.metrics_core import Metric

from cti.acd.interaction import InteractionState
from cti.acd.views import AgentView
from cti.agents.state import AgentState
from cti.desk.views import AlarmView, QueueView
from cti.events import AlarmKind, AlarmLevel, OfferEnd, Outcome
from cti.watch.counts import FactCounts
from cti.watch.family import counter, every, gauge, histogram

_TODAY = ("offered", "answered", "within", "abandoned", "overflowed")
_PEOPLE = ("ready", "busy", "signed_in")


def counted(counts: FactCounts) -> Iterator[Metric]:
    """What has happened since the start of the daemon."""
    started = {("voice", "in"): 0, **counts.started}.items()
    yield counter("interactions_started", "Contacts that began, of any medium.", started, ("medium", "direction"))
    ended = every(get_args(Outcome), counts.ended)
    yield counter("interactions_ended", "Contacts that ended, by what came of them.", ended, ("outcome",))
    offers = every(get_args(OfferEnd), counts.offers)
    yield counter("offers_ended", "Offers to agents, by how they ended.", offers, ("end",))
    yield counter("agents_missed", "Agents who were taken out because they did not answer (RONA).", counts.missed)
    waits = (((queue,), waits) for queue, waits in counts.waits.items())
    yield histogram("queue_wait_seconds", "How long those had waited whom an agent answered.", waits, ("queue",))
    overflows = counts.overflows.items()
    yield counter("queue_overflows", "Callers whom a queue did not serve, and why.", overflows, ("queue", "why"))
    yield histogram("talk_seconds", "How long agents talked with a customer.", counts.talks)
    yield counter("recordings_published", "Recordings that are complete and checked.", counts.published)
    yield counter("recordings_failed", "Recordings of which nothing could be published.", counts.failed)
    pending = counts.recordings_pending
    yield gauge("recordings_pending", "Recordings of ended contacts that are not published yet.", pending)
    yield counter("commands_refused", "Commands of people who had no right to give them.", counts.refused)


def queues(views: Sequence[QueueView], now: float) -> Iterator[Metric]:
    of = ("queue",)
    yield gauge("queue_waiting", "Who waits now.", (((view.name,), view.waiting) for view in views), of)
    longest = (((view.name,), max(0.0, now - view.oldest) if view.oldest else 0.0) for view in views)
    yield gauge("queue_longest_wait_seconds", "How long the one has waited who waits longest now.", longest, of)
    estimates = (((view.name,), view.wait_s) for view in views if view.wait_s is not None)
    yield gauge("queue_wait_estimate_seconds", "What the last in line is expected to wait.", estimates, of)
    levels = (((view.name,), view.service_level_today) for view in views if view.service_level_today is not None)
    text = "Answered within the target today, of all answered or abandoned."
    yield gauge("queue_service_level_ratio", text, levels, of)
    today = (((view.name, what), float(getattr(view, f"{what}_today"))) for view in views for what in _TODAY)
    yield gauge("queue_calls_today", "Callers of today by what came of their wait.", today, (*of, "result"))
    people = (((view.name, state), float(getattr(view, state))) for view in views for state in _PEOPLE)
    yield gauge("queue_agents", "Agents of the queue; signed_in includes the others.", people, (*of, "state"))


def agents(views: Sequence[AgentView], members: int) -> Iterator[Metric]:
    """`members`: all who could sign in."""
    states = Counter(str(view.state) for view in views)
    states[str(AgentState.LOGGED_OUT)] += members - len(views)
    yield gauge("agents", "Agents by state.", every(map(str, AgentState), states), ("state",))
    blocked = sum(view.blocked == "unreachable" for view in views)
    yield gauge("agents_unreachable", "Agents who are signed in and whose phone cannot be rung.", blocked)


def interactions(states: Iterable[InteractionState]) -> Iterator[Metric]:
    known = [str(state) for state in InteractionState if state is not InteractionState.ENDED]
    going_on = Counter(str(state) for state in states if state is not InteractionState.ENDED)
    yield gauge("interactions", "Contacts that go on, by state.", every(known, going_on), ("state",))


def door(*, strain: float, shut: bool, refused: int) -> Iterator[Metric]:
    """As in `cti.floor.admission.Admission`."""
    yield gauge("admission_strain_ratio", "How much is used of the limit of admission that is nearest.", strain)
    yield gauge("admission_shut", "1 while new callers are turned away.", shut)
    yield counter("callers_turned_away", "Callers who were offered another way because there were too many.", refused)


def alarms(views: Iterable[AlarmView]) -> Iterator[Metric]:
    found = Counter((view.kind, view.level) for view in views)
    every_one = product(get_args(AlarmKind), get_args(AlarmLevel))
    known = ((one, found[one]) for one in every_one)
    yield gauge("alarms", "Alarms of queues that go on, by kind and level.", known, ("kind", "level"))
