"""One live interaction as the floor sees it: the customer's channel, the agent's leg, the segment, the recording."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from cti.acd.interaction import InteractionState, InteractionTrigger, transition
from cti.desk.views import CustomerView
from cti.events import Direction, Medium, Outcome, OverflowReason, PartyKind, PartyState, RecordingPause
from cti.floor.announcing import Told
from cti.floor.rules import CallbackRules
from cti.switch.permit import Permit

EndedBy = Literal["customer", "agent", "system", "supervisor", "outage", "unknown"]

REMEMBERED = 10_000
LEAST_MESSAGE_S = 1.0
"""Less is no message: somebody has thought better of it."""


@dataclass(slots=True)
class Leg:
    """A leg that we originated to an agent. `offer_id` is "" for a take-over.

    `muted`: nobody hears it. `keys` is held while digits are sent to whoever it talks with.
    """

    channel: str
    agent_id: str
    offer_id: str = ""
    answered: bool = False
    bridged: bool = False
    muted: bool = False
    keys: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Move:
    """A blind transfer under way: its order was given, and nobody knows yet whether the customer has left `leg`."""

    leg: Leg
    kind: Literal["agent", "queue", "number", "group"]
    target: str


@dataclass(slots=True)
class Party:
    """Somebody whom the agent `by` brought into the call, on the leg `channel`; what is said of them otherwise is as in
    `cti.events.PartyInvited`.

    `given`: the customer is theirs as soon as they answer, and `by` has left.
    """

    party_id: str
    channel: str
    kind: PartyKind
    target: str
    name: str
    by: str
    state: PartyState = "ringing"
    given: bool = False
    permit: Permit | None = None
    muted: bool = False


@dataclass(slots=True)
class Detour:
    """The customer is in `flow`, and comes back to the agent who sent them there."""

    flow: str
    agent_id: str


@dataclass(slots=True)
class Segment:
    """One agent's part of a conversation; times are unix seconds."""

    number: int
    agent_id: str
    began: float
    held_s: float = 0
    held_since: float | None = None

    def hold_s(self, now: float) -> float:
        return self.held_s + (now - self.held_since if self.held_since is not None else 0)


@dataclass(slots=True)
class Take:
    """A raw recording in the making. `began` is when its first sample was taken, as near as AMI tells.

    `runs` is set as soon as Asterisk has begun.
    """

    file: str
    channel: str
    began: float
    ended: float | None = None
    runs: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Pause:
    """The recording is silent since `began`; `until` it goes on by itself, None for whenever the reason is gone."""

    why: RecordingPause
    agent_id: str
    began: float
    until: float | None = None


@dataclass(slots=True)
class Place:
    """Where the customer waits, or is to wait after a transfer; all of it as in `cti.acd.events.CallerQueued`.

    `queued_at` None: the wait begins now. `entered_at` None: the queue is entered now, and its limits count.
    `told` is what the announcements said there last.
    Who the customer is (`vip`, `branch`, `preferred_agent`) counts in whatever queue they wait: `Places.enqueue` fills
    it in.
    """

    queue: str
    priority: int = 0
    queued_at: float | None = None
    skills: dict[str, int] = field(default_factory=dict)
    entered_at: float | None = None
    only_agent: str = ""
    vip: int = 0
    branch: str = ""
    preferred_agent: str = ""
    only_group: str = ""
    told: Told = field(default_factory=Told)


@dataclass(slots=True)
class Leaving:
    """The wait in `queue` is over unserved, and the caller is on the way out. `begun`: a session sees to it."""

    queue: str
    way_out: str
    why: OverflowReason
    begun: bool = False


@dataclass(slots=True)
class Message:
    """What a caller says to nobody, from `began` on. `alone`: nothing else is in the recording."""

    began: float
    alone: bool

    def counts(self, at: float) -> bool:
        """Whether it is one, when it ends at this time."""
        return at - self.began >= LEAST_MESSAGE_S


@dataclass(slots=True)
class Promise:
    """A customer who hung up is to be dialled at `number` when it is their turn (`cti/floor/callbacks.py`).

    `attempts` were begun so far, however they ended. `until`: nobody is dialled before, and it waits in no queue.
    `dialling` is the leg to the customer while it is under way, "" otherwise.
    """

    number: str
    rules: CallbackRules
    attempts: int = 0
    until: float | None = None
    dialling: str = ""


@dataclass(slots=True)
class Outgoing:
    """A customer whom an agent calls, until the two are together (`cti/floor/outbound.py`).

    `dialling` is the leg to the customer once it is ordered, "" before; `answered`: it is up. `permit` None: of the
    time before a restart.
    """

    ring_s: float
    dialling: str = ""
    answered: bool = False
    permit: Permit | None = None


@dataclass(slots=True)
class Conversation:
    """`place` is set from the first queue on. `next_place` waits for the customer to come back over `/transfer`.

    `ringing` are the legs of live offers by channel, several where a queue rings all. `leg` is the one agent's leg
    that has the customer, or is about to; `taking` the leg of a supervisor, or of a party, who is about to have the
    customer instead; `party` is somebody beside agent and customer, the `parties`-th so far; `old_legs` are on their
    way out (transferred, taken over, lost) and their hang-up means nothing any more.
    `turned_away` are the queues that did not let the caller in;
    `leaving` is set while the caller, whose wait is over, goes a way out; `message` while they speak to the voicemail.

    `customer_id`: who it is by the books of the daemon before this one, 0 when they do not say.

    A customer with a `promise` is not on the line: `channel` is "" but while they are dialled. `inherited` is the
    promise whose place a customer has who called again meanwhile. `outgoing` is set while an agent calls the customer.

    `take` is the recording, `pause` why it is silent now; `audible` are the legs of supervisors who have barged in, and
    `barges` what was recorded of them. `may_record`: nothing is recorded unless the agent asks for it.

    `kept`: the agent's page is gone, and the customer hears music until it is back; `returns` counts the legs of pages
    that came back (`cti/floor/reattaching.py`).
    """

    interaction_id: str
    channel: str
    linkedid: str
    number: str
    caller_name: str
    dialled: str
    language: str
    started_at: float
    state: InteractionState = InteractionState.NEW
    card: CustomerView | None = None
    customer_id: int = 0
    place: Place | None = None
    next_place: Place | None = None
    ringing: dict[str, Leg] = field(default_factory=dict)
    leg: Leg | None = None
    taking: Leg | None = None
    move_on: Move | None = None
    old_legs: set[str] = field(default_factory=set)
    segment: Segment | None = None
    segments: int = 0
    offers: int = 0
    waited_s: float = 0
    outside: str = ""
    turned_away: set[str] = field(default_factory=set)
    leaving: Leaving | None = None
    message: Message | None = None
    take: Take | None = None
    pause: Pause | None = None
    may_record: bool = False
    detour: Detour | None = None
    barges: list[Take] = field(default_factory=list)
    audible: set[str] = field(default_factory=set)
    silencing: asyncio.Lock = field(default_factory=asyncio.Lock)
    supervisions: int = 0
    party: Party | None = None
    parties: int = 0
    returns: int = 0
    kept: bool = False
    left_first: str = ""
    identifying: asyncio.Task[None] | None = None
    outcome: Outcome | None = None
    ended_by: EndedBy | None = None
    medium: Medium = "voice"
    promise: Promise | None = None
    inherited: Promise | None = None
    direction: Direction = "in"
    outgoing: Outgoing | None = None

    def move(self, trigger: InteractionTrigger) -> None:
        self.state = transition(self.state, trigger)

    def legs(self) -> Iterator[Leg]:
        """Those of the agents who are rung for this interaction, or have it."""
        yield from self.ringing.values()
        if self.leg is not None:
            yield self.leg

    def leg_on(self, channel: str) -> Leg | None:
        return next((leg for leg in self.legs() if leg.channel == channel), None)

    def leg_of(self, agent_id: str) -> Leg | None:
        return next((leg for leg in self.legs() if leg.agent_id == agent_id), None)

    @property
    def asked(self) -> str:
        """The colleague who was brought in, "" for nobody."""
        return self.party.target if self.party is not None and self.party.kind == "agent" else ""

    @property
    def fetching(self) -> bool:
        """An agent has answered, and the two are not together yet."""
        return any(leg.answered and not leg.bridged for leg in self.legs())

    @property
    def under_way(self) -> bool:
        """Somebody else is about to have this customer."""
        given = self.party is not None and self.party.given
        return given or self.taking is not None or self.move_on is not None or self.fetching

    @property
    def leaves(self) -> bool:
        """The wait is over unserved, and the caller on the way out."""
        return self.leaving is not None and self.outcome is None

    @property
    def goes_on(self) -> bool:
        """Something is still to come for this customer, whom nobody may let go."""
        return self.waiting or self.leaves or self.next_place is not None or self.under_way

    def hears(self, leg: Leg) -> bool:
        """Whether the customer, or the party who is asked, is together with the agent's leg now."""
        asking = self.party is not None and self.party.state == "consulting"
        return leg is self.leg and leg.bridged and (asking or self.state is InteractionState.CONNECTED)

    @property
    def talking(self) -> bool:
        return self.state in (InteractionState.CONNECTED, InteractionState.HELD)

    @property
    def waiting(self) -> bool:
        return self.state in (InteractionState.QUEUED, InteractionState.OFFERED)


@dataclass(slots=True)
class Conversations:
    """All live interactions, found by id, by the customer's channel, or by a leg's channel."""

    by_id: dict[str, Conversation] = field(default_factory=dict)
    by_channel: dict[str, Conversation] = field(default_factory=dict)
    by_leg: dict[str, Conversation] = field(default_factory=dict)
    over: dict[str, None] = field(default_factory=dict)
    """The ids of the latest that ended, oldest first: who asks for one comes late, and is not mistaken."""

    def add(self, conversation: Conversation) -> None:
        self.by_id[conversation.interaction_id] = conversation
        if conversation.channel:
            self.by_channel[conversation.channel] = conversation

    def remove(self, conversation: Conversation) -> None:
        self.by_id.pop(conversation.interaction_id, None)
        self.over[conversation.interaction_id] = None
        if len(self.over) > REMEMBERED:
            del self.over[next(iter(self.over))]
        self.by_channel.pop(conversation.channel, None)
        others = [one.channel for one in (conversation.taking, conversation.party) if one is not None]
        for channel in (*conversation.old_legs, *(leg.channel for leg in conversation.legs()), *others):
            self.by_leg.pop(channel, None)

    def detach(self, conversation: Conversation) -> None:
        """The customer's channel is no longer the interaction's."""
        self.by_channel.pop(conversation.channel, None)
        conversation.channel = ""

    def attach(self, conversation: Conversation, channel: str) -> None:
        conversation.channel = channel
        self.by_channel[channel] = conversation

    def of_agent(self, agent_id: str) -> Conversation | None:
        """The interaction that rings or talks with this agent, or into which a colleague brought them."""
        found = self.by_id.values()
        return next((c for c in found if c.leg_of(agent_id) is not None or c.asked == agent_id), None)
