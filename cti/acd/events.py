"""What the engine is told. See `cti/acd/engine.py` for what each does; all times are unix seconds."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from cti.acd.queue import QueueRules
from cti.agents.agent import SIGNED_IN, AgentProfile
from cti.agents.capacity import AskedMedium, Interruption
from cti.agents.state import AgentState

Miss = Literal["rona", "declined", "unreachable"]

ONLY_AGENT_WAIT_S: Final = 60.0
"""How long an interaction waits for one agent alone when nobody says how long."""
ONLY_GROUP_WAIT_S: Final = 300.0
"""And for a group."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all; tagged with its class name, so that an event log can be written and replayed."""


# --- agents --------------------------------------------------------------------------------------------------------


class AgentSignedIn(Event, frozen=True, kw_only=True):
    """An agent signed in, or is given back after a restart exactly as stored.

    `state` READY, NOT_READY, WRAP_UP or BUSY is taken as it is with its `reason`, `since` (None: now) and, for
    WRAP_UP, `until` (None: at once over). OFFERED comes back as READY, LOGGED_OUT as NOT_READY. BUSY needs
    `interaction_id`; `queue` is the queue that brought it and decides the wrap-up, "" for none. `medium` is the
    interaction's, "" for that of the queue. Who has several conversations is told by `AgentEngaged` of the others.
    `handled` is how many conversations are to be counted already.
    For an agent who is signed in already only the profile and `reachable` count, and a remembered sign-out is
    forgotten: a page that reloads changes no state and no clock.
    """

    profile: AgentProfile
    state: AgentState = AgentState.NOT_READY
    reason: str = SIGNED_IN
    since: float | None = None
    until: float | None = None
    interaction_id: str = ""
    queue: str = ""
    reachable: bool = True
    handled: int = 0
    medium: AskedMedium = ""


class AgentSignedOut(Event, frozen=True, kw_only=True):
    agent_id: str


class AgentReady(Event, frozen=True, kw_only=True):
    agent_id: str


class AgentNotReady(Event, frozen=True, kw_only=True):
    agent_id: str
    reason: str


class AgentProfileChanged(Event, frozen=True, kw_only=True):
    profile: AgentProfile


class ReachabilityChanged(Event, frozen=True, kw_only=True):
    agent_id: str
    reachable: bool


class AgentEngaged(Event, frozen=True, kw_only=True):
    """The agent has this interaction without an offer: take-over, pick-up from the queue, three-way transfer.

    `queue` decides the wrap-up when the engine does not know the interaction yet, unless `wrap_up_s` says how long it
    is (a call of no queue). `medium` is the interaction's, "" for what is known of it, or the queue's.
    """

    agent_id: str
    interaction_id: str
    queue: str = ""
    medium: AskedMedium = ""
    wrap_up_s: float | None = None


class PickedUp(Event, frozen=True, kw_only=True):
    """The agent wants this waiting interaction now, whoever's turn it is, and whether READY or NOT_READY."""

    agent_id: str
    interaction_id: str


class ConversationEnded(Event, frozen=True, kw_only=True):
    """The agent's part in the conversation is over; the customer may still be there (survey, transfer).

    `wrap_up` false: there is nothing to write down (a colleague was only asked, nobody answered), the agent is free at
    once, and it counts for nothing in `choice.Standing.handled`.
    """

    agent_id: str
    interaction_id: str
    wrap_up: bool = True


class WrapUpFinished(Event, frozen=True, kw_only=True):
    """`interaction_id` says which is meant, and guards against a click that came late; "" for the foremost."""

    agent_id: str
    interaction_id: str = ""


class WrapUpExtended(Event, frozen=True, kw_only=True):
    """`interaction_id` says which wrap-up is meant, "" for the foremost."""

    agent_id: str
    seconds: float
    interaction_id: str = ""


# --- interactions --------------------------------------------------------------------------------------------------


class CallerQueued(Event, frozen=True, kw_only=True):
    """An interaction waits: for the first time, again after a transfer, somewhere else, or after a restart.

    `priority` is added to the queue's. `queued_at` is when the customer's wait began and decides the order;
    `entered_at` (None: now) is when this queue was entered and decides the longest wait. `skills` (name -> least
    level) come on top of the queue's. `preferred_agent` gets it when ready at that moment, anybody else otherwise.
    `only_agent` makes it wait for that agent alone, whatever the agent's queues and skills; `only_group` for anybody
    of that group.
    `node` is the telephone system that the customer is on, where there are several: whoever gets it has a phone there.
    `preferred_wait_s` replaces the queue's time for which only the preferred agent gets it, if at work.
    `vip` is the customer's VIP level, 0 for none, and `branch` where the customer belongs.
    `max_wait_s` and `way_out` replace the queue's; without `max_wait_s`, `only_agent` waits `ONLY_AGENT_WAIT_S` and
    `only_group` `ONLY_GROUP_WAIT_S`.
    `offers` is how many offers the interaction has had, as far as the store knows. `medium` is what it is, "" for what
    the queue has (`QueueRules.medium`).
    """

    interaction_id: str
    queue: str
    queued_at: float
    priority: int = 0
    entered_at: float | None = None
    skills: Mapping[str, int] = {}
    preferred_agent: str = ""
    node: str = ""
    only_agent: str = ""
    only_group: str = ""
    max_wait_s: float | None = None
    way_out: str = ""
    offers: int = 0
    vip: int = 0
    branch: str = ""
    preferred_wait_s: float | None = None
    medium: AskedMedium = ""


class InteractionChanged(Event, frozen=True, kw_only=True):
    """Somebody changed this of an interaction while it waits; takes effect at once. None leaves a thing as it is.

    `skills` are all that it asks beside the queue's. For another queue send `CallerQueued` with its old `queued_at`.
    """

    interaction_id: str
    priority: int | None = None
    vip: int | None = None
    skills: Mapping[str, int] | None = None
    preferred_agent: str | None = None


class CallerLeft(Event, frozen=True, kw_only=True):
    """The interaction is over, in whatever state it was. Sent once for each interaction that was ever queued."""

    interaction_id: str


class CallerPostponed(Event, frozen=True, kw_only=True):
    """A callback's customer is not reached now: it waits no more, until it is queued again.

    An agent who had answered for it has nothing to wrap up and keeps the place among the idle; or, with `miss`, was the
    one who let it pass.
    """

    interaction_id: str
    miss: Miss | None = None


class OfferAnswered(Event, frozen=True, kw_only=True):
    """The agent's leg is up and the two are about to be connected."""

    offer_id: str


class OfferConnected(Event, frozen=True, kw_only=True):
    """Agent and customer hear each other: from now on the offer cannot fail any more."""

    offer_id: str


class OfferFailed(Event, frozen=True, kw_only=True):
    """The agent's leg failed before anybody was heard, or the agent declined."""

    offer_id: str
    reason: Miss


# --- the rest ------------------------------------------------------------------------------------------------------


class QueueRulesChanged(Event, frozen=True, kw_only=True):
    """All queues as configured now; `interruption` are the rules of `cti/agents/capacity.py`, None for as they are."""

    rules: tuple[QueueRules, ...]
    interruption: Interruption | None = None


class Tick(Event, frozen=True, kw_only=True):
    """Time has passed: whatever was due by `now` happens."""
