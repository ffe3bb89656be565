"""What each agent is working on (topic `call`, the screen-pop) and who waits (topic `waiting`), from facts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from cti.desk.forms import VALUES
from cti.desk.surface import Handlers, Surface
from cti.desk.views import CallView, CandidateView, CustomerView, DraftView, IvrView, PartyView, WaitingView
from cti.events import (
    AgentMuted,
    CallbackDialled,
    CallbackPaused,
    CallbackRequested,
    CallFailed,
    CallPlaced,
    CustomerIdentified,
    Direction,
    FlowEntered,
    FlowLeft,
    InteractionConnected,
    InteractionEnded,
    InteractionHeld,
    InteractionOverflowed,
    InteractionPrioritised,
    InteractionQueued,
    InteractionResumed,
    InteractionStarted,
    InteractionTransferred,
    InternalCallConnected,
    InternalCallEnded,
    InternalCallStarted,
    IvrStepped,
    Medium,
    OfferEnded,
    OfferMade,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    SegmentEnded,
    SpyMode,
    SupervisionChanged,
    SupervisionEnded,
    SupervisionStarted,
    WrapUpSaved,
)

replace = msgspec.structs.replace


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """How sure it is who calls. `chosen`: an agent has asked; `candidates`: who shares the number, if it is shared."""

    candidates: tuple[CandidateView, ...] = ()
    chosen: bool = False


@dataclass(slots=True)
class Contact:
    """What the desk knows of one live interaction."""

    number: str = ""
    caller_name: str = ""
    customer_name: str = ""
    vip: int = 0
    card: CustomerView | None = None
    who: Who = field(default_factory=Who)
    ivr: list[IvrView] = field(default_factory=list)
    queue: str = ""
    priority: int = 0
    queued_at: float | None = None
    position: int | None = None
    wait_s: float | None = None
    recording: bool = False
    paused: bool = False
    paused_until: float | None = None
    medium: Medium = "voice"
    direction: Direction = "in"
    not_before: float | None = None
    agents: set[str] = field(default_factory=set)
    rung: dict[str, str] = field(default_factory=dict)
    """Live offer -> whose phone it rings."""
    parties: dict[str, PartyView] = field(default_factory=dict)
    """By id, those who were brought in and are there."""

    @property
    def title(self) -> str:
        return self.customer_name or self.caller_name or self.number


def rounded(seconds: float | None) -> float | None:
    """To five seconds: finer is not known, and would only keep the screens busy."""
    return None if seconds is None else 5.0 * round(seconds / 5)


def _noticed(mode: SpyMode) -> SpyMode | None:
    """An agent is told of a supervisor who can be heard, not of one who only listens."""
    return None if mode == "listen" else mode


_FAILURES: Mapping[str, str] = {
    "busy": "{number} is busy",
    "no_answer": "{number} did not answer",
    "declined": "{number} declined the call",
    "unreachable": "{number} cannot be reached",
    "own_phone": "your own phone did not answer, so {number} was not called",
}


class CallDesk:
    """Feeds topics `call` and `waiting`. Interactions that ended are forgotten when the wrap-up is over."""

    def __init__(self, surface: Surface, draft: Callable[[str, str], DraftView | None]) -> None:
        """`draft`: what an agent wrote about an interaction before (agent id, interaction id), None for nothing."""
        self._surface = surface
        self._draft = draft
        self._contacts: dict[str, Contact] = {}
        self._calls: dict[str, CallView] = {}
        self._ended: set[str] = set()
        self.handlers: Handlers = {
            InteractionStarted: self._started,
            CustomerIdentified: self._identified,
            IvrStepped: self._stepped,
            InteractionQueued: self._queued,
            InteractionPrioritised: self._prioritised,
            InteractionOverflowed: self._overflowed,
            OfferMade: self._offered,
            OfferEnded: self._offer_ended,
            CallPlaced: self._placed,
            CallFailed: self._failed,
            InternalCallConnected: self._colleague_connected,
            InternalCallEnded: self._colleague_gone,
            CallbackRequested: self._called_back,
            CallbackDialled: self._dialled,
            CallbackPaused: self._paused,
            InteractionConnected: self._connected,
            InteractionHeld: self._held,
            InteractionResumed: self._resumed,
            InteractionTransferred: self._transferred,
            SegmentEnded: self._segment_ended,
            RecordingStarted: self._recording,
            RecordingPaused: self._recording_paused,
            RecordingResumed: self._recording,
            AgentMuted: self._muted,
            FlowEntered: self._in_flow,
            FlowLeft: self._out_of_flow,
            SupervisionStarted: self._supervised,
            SupervisionChanged: self._supervised,
            SupervisionEnded: self._unsupervised,
            WrapUpSaved: self._wrapped,
            InteractionEnded: self._ended_for_good,
        }

    def contact(self, interaction_id: str) -> Contact:
        """What is known of it. Of one that has not begun or is over nothing is, and nothing is kept."""
        return self._contacts.get(interaction_id) or Contact()

    def known(self, interaction_id: str) -> Contact | None:
        """To be changed by whoever feeds these topics, too."""
        return self._contacts.get(interaction_id)

    def call(self, agent_id: str) -> CallView | None:
        return self._calls.get(agent_id)

    def know(self, interaction_id: str, card: CustomerView, who: Who | None = None) -> None:
        """The customer's card was read; it may come before or after the first pop. `who` None: as sure as before."""
        contact = self.contact(interaction_id)
        contact.card, contact.customer_name, contact.vip = card, card.name, card.vip
        contact.who = who or contact.who
        for agent_id in contact.agents:
            self.change(
                agent_id,
                interaction_id,
                customer=card,
                candidates=contact.who.candidates,
                customer_chosen=contact.who.chosen,
            )
        self._show_waiting(interaction_id, contact)

    def showing(self, customer_ids: Collection[int]) -> Mapping[str, CustomerView]:
        """Interaction -> the card of one of these customers that is on somebody's screen, or will be."""
        return {
            interaction_id: contact.card
            for interaction_id, contact in self._contacts.items()
            if contact.card is not None and contact.card.customer_id in customer_ids
        }

    def who(self, interaction_id: str) -> Who:
        return self.contact(interaction_id).who

    def expect(self, interaction_id: str, position: int, wait_s: float | None) -> None:
        """The place in the queue at this moment, and what is still to wait: rounded, for a screen."""
        contact = self.contact(interaction_id)
        contact.position, contact.wait_s = position, rounded(wait_s)
        self._show_waiting(interaction_id, contact)

    def clear(self, agent_id: str) -> None:
        """The agent is done with the call and its wrap-up."""
        call = self._calls.pop(agent_id, None)
        if call is None:
            return
        self._surface.drop("call", agent_id)
        self._let_go(agent_id, call.interaction_id)

    def _let_go(self, agent_id: str, interaction_id: str) -> None:
        contact = self._contacts.get(interaction_id)
        if contact is not None:
            contact.agents.discard(agent_id)
            self._forget(interaction_id)

    def wrap_up_until(self, agent_id: str, interaction_id: str, at: float, until: float | None) -> None:
        call = self._calls.get(agent_id)
        if call is not None and call.interaction_id == interaction_id:
            self.put(
                agent_id,
                replace(call, phase="wrap_up", ended_at=call.ended_at or at, wrap_up_until=until, supervised=None),
            )

    def put(self, agent_id: str, call: CallView) -> None:
        before = self._calls.get(agent_id)
        if before is not None and before.interaction_id != call.interaction_id:
            self._let_go(agent_id, before.interaction_id)
        if before is None or before.interaction_id != call.interaction_id:
            draft = self._draft(agent_id, call.interaction_id)
            call = call if draft is None else replace(call, **{name: getattr(draft, name) for name in VALUES})
        self._calls[agent_id] = call
        self._surface.put("call", agent_id, call)

    def change(self, agent_id: str, interaction_id: str, **changes: object) -> None:
        call = self._calls.get(agent_id)
        if call is not None and call.interaction_id == interaction_id:
            self.put(agent_id, replace(call, **changes))

    def _forget(self, interaction_id: str) -> None:
        contact = self._contacts.get(interaction_id)
        if contact is not None and interaction_id in self._ended and not contact.agents:
            del self._contacts[interaction_id]
            self._ended.discard(interaction_id)

    def _started(self, fact: InteractionStarted) -> None:
        contact = self._contacts.setdefault(fact.interaction_id, Contact())
        contact.number, contact.caller_name = fact.customer_number, fact.caller_name
        contact.medium, contact.direction = fact.medium, fact.direction

    def _identified(self, fact: CustomerIdentified) -> None:
        contact = self.contact(fact.interaction_id)
        contact.customer_name, contact.vip = fact.customer_name, fact.vip

    def _stepped(self, fact: IvrStepped) -> None:
        self.contact(fact.interaction_id).ivr.append(IvrView(step=fact.step, digits=fact.digits, label=fact.label))

    def _queued(self, fact: InteractionQueued) -> None:
        contact = self.contact(fact.interaction_id)
        contact.queue, contact.priority, contact.queued_at = fact.queue, fact.priority, fact.queued_at
        contact.position = contact.wait_s = contact.not_before = None
        contact.rung.clear()
        self._show_waiting(fact.interaction_id, contact)

    def _prioritised(self, fact: InteractionPrioritised) -> None:
        contact = self.contact(fact.interaction_id)
        contact.priority = fact.priority
        self._show_waiting(fact.interaction_id, contact)

    def _overflowed(self, fact: InteractionOverflowed) -> None:
        """It waits no more; whoever gets it in another queue sees that it has waited here."""
        contact = self.contact(fact.interaction_id)
        contact.queued_at = None
        contact.ivr.append(IvrView(step="overflow", digits="", label=f"not served in queue {fact.queue}"))
        self._surface.drop("waiting", fact.interaction_id)

    def _show_waiting(self, interaction_id: str, contact: Contact) -> None:
        """`offered_to` is the first of those who are rung."""
        if contact.queued_at is None:
            return
        view = WaitingView(
            interaction_id=interaction_id,
            queue=contact.queue,
            number=contact.number,
            caller_name=contact.caller_name,
            customer_name=contact.customer_name,
            vip=contact.vip,
            priority=contact.priority,
            queued_at=contact.queued_at,
            offered_to=next(iter(contact.rung.values()), ""),
            position=contact.position,
            wait_s=contact.wait_s,
            medium=contact.medium,
            not_before=contact.not_before,
        )
        self._surface.put("waiting", interaction_id, view)

    def _offered(self, fact: OfferMade) -> None:
        contact = self.contact(fact.interaction_id)
        contact.agents.add(fact.agent_id)
        contact.rung[fact.offer_id] = fact.agent_id
        self.put(
            fact.agent_id,
            self.view(
                fact.interaction_id,
                contact,
                fact.at,
                queue=fact.queue,
                waited_s=fact.waited_s,
                offer_id=fact.offer_id,
                ring_until=fact.ring_until,
            ),
        )
        self._show_waiting(fact.interaction_id, contact)

    def view(
        self,
        interaction_id: str,
        contact: Contact,
        at: float,
        *,
        queue: str,
        waited_s: float,
        offer_id: str = "",
        ring_until: float = 0,
    ) -> CallView:
        return CallView(
            interaction_id=interaction_id,
            offer_id=offer_id,
            phase="offered",
            queue=queue,
            number=contact.number,
            caller_name=contact.caller_name,
            customer=contact.card,
            ivr=tuple(contact.ivr),
            waited_s=waited_s,
            offered_at=at,
            ring_until=ring_until,
            connected_at=None,
            held_since=None,
            ended_at=None,
            wrap_up_until=None,
            recording=contact.recording,
            supervised=None,
            note="",
            disposition="",
            complaint=False,
            medium=contact.medium,
            direction=contact.direction,
            candidates=contact.who.candidates,
            customer_chosen=contact.who.chosen,
        )

    def _placed(self, fact: CallPlaced) -> None:
        contact = self.contact(fact.interaction_id)
        contact.agents.add(fact.agent_id)
        view = self.view(fact.interaction_id, contact, fact.at, queue="", waited_s=0)
        self.put(fact.agent_id, replace(view, phase="dialling"))

    def _failed(self, fact: CallFailed) -> None:
        if fact.reason != "cancelled":
            self._say_failed(fact.agent_id, fact.reason, fact.number)

    def _say_failed(self, agent_id: str, reason: str, number: str) -> None:
        self._surface.notice(agent_id, "info", f"dial.{reason}", _FAILURES[reason].format(number=number))

    def internal(self, fact: InternalCallStarted, agent_id: str, number: str, name: str) -> None:
        """A call between colleagues: who is at the other end of it."""
        contact = Contact(number=number, caller_name=name)
        view = self.view(fact.interaction_id, contact, fact.at, queue="", waited_s=0, ring_until=fact.ring_until)
        phase: Literal["dialling", "offered"] = "dialling" if agent_id == fact.agent_id else "offered"
        self.put(agent_id, replace(view, direction="internal", phase=phase))

    def _colleague_connected(self, fact: InternalCallConnected) -> None:
        for agent_id in (fact.agent_id, fact.colleague_id):
            self.change(agent_id, fact.interaction_id, phase="connected", connected_at=fact.at)

    def _colleague_gone(self, fact: InternalCallEnded) -> None:
        name = call.caller_name if (call := self._calls.get(fact.agent_id)) else fact.colleague_id
        for agent_id in (fact.agent_id, fact.colleague_id):
            if (call := self._calls.get(agent_id)) and call.interaction_id == fact.interaction_id:
                self.clear(agent_id)
        if fact.reason not in ("hung_up", "cancelled"):
            self._say_failed(fact.agent_id, fact.reason, name)

    def _called_back(self, fact: CallbackRequested) -> None:
        contact = self.contact(fact.interaction_id)
        contact.number, contact.medium = fact.number, "callback"
        contact.queue, contact.queued_at = fact.queue, fact.queued_at
        self._show_waiting(fact.interaction_id, contact)

    def _dialled(self, fact: CallbackDialled) -> None:
        self.change(fact.agent_id, fact.interaction_id, phase="dialling")

    def _paused(self, fact: CallbackPaused) -> None:
        contact = self.contact(fact.interaction_id)
        contact.not_before = fact.until
        self._show_waiting(fact.interaction_id, contact)

    def _offer_ended(self, fact: OfferEnded) -> None:
        contact = self.contact(fact.interaction_id)
        contact.rung.pop(fact.offer_id, None)
        if fact.reason == "answered":
            return
        call = self._calls.get(fact.agent_id)
        if call is not None and call.offer_id == fact.offer_id:
            self.clear(fact.agent_id)
        self._show_waiting(fact.interaction_id, contact)

    def _connected(self, fact: InteractionConnected) -> None:
        contact = self.contact(fact.interaction_id)
        contact.queued_at = None
        contact.agents.add(fact.agent_id)
        self._surface.drop("waiting", fact.interaction_id)
        call = self._calls.get(fact.agent_id)
        if call is None or call.interaction_id != fact.interaction_id:
            call = self.view(fact.interaction_id, contact, fact.at, queue=fact.queue, waited_s=fact.waited_s)
        call = replace(call, phase="connected", connected_at=fact.at, held_since=None, asked_by="")
        self.put(
            fact.agent_id,
            replace(
                call,
                recording=contact.recording,
                recording_paused=contact.paused,
                recording_paused_until=contact.paused_until,
                may_record=fact.may_record,
            ),
        )

    def _held(self, fact: InteractionHeld) -> None:
        self.change(fact.agent_id, fact.interaction_id, phase="held", held_since=fact.at, party_gone=None)

    def _resumed(self, fact: InteractionResumed) -> None:
        self.change(fact.agent_id, fact.interaction_id, phase="connected", held_since=None, party_gone=None)

    def _transferred(self, fact: InteractionTransferred) -> None:
        label = {"agent": "transferred to agent", "queue": "transferred to queue"}.get(fact.kind, "transferred")
        self.contact(fact.interaction_id).ivr.append(
            IvrView(step="transfer", digits="", label=f"{label} {fact.target}")
        )

    def _segment_ended(self, fact: SegmentEnded) -> None:
        self.change(
            fact.agent_id,
            fact.interaction_id,
            phase="wrap_up",
            ended_at=fact.at,
            supervised=None,
            parties=(),
            party_gone=None,
            muted=False,
            flow="",
            recording_paused=False,
            recording_paused_until=None,
            may_record=False,
        )

    def _in_flow(self, fact: FlowEntered) -> None:
        self.change(fact.agent_id, fact.interaction_id, flow=fact.flow, flow_result={})

    def _out_of_flow(self, fact: FlowLeft) -> None:
        self.change(fact.agent_id, fact.interaction_id, flow="", flow_result=fact.label)

    def _muted(self, fact: AgentMuted) -> None:
        self.change(fact.agent_id, fact.interaction_id, muted=fact.muted)

    def _recording(self, fact: RecordingStarted | RecordingResumed) -> None:
        contact = self.contact(fact.interaction_id)
        contact.recording, contact.paused, contact.paused_until = True, False, None
        self._show_recording(fact.interaction_id, contact)

    def _recording_paused(self, fact: RecordingPaused) -> None:
        """One that the queue does not have made is no recording that is paused, for the agent."""
        contact = self.contact(fact.interaction_id)
        contact.recording, contact.paused = fact.why != "queue", fact.why != "queue"
        contact.paused_until = fact.until
        self._show_recording(fact.interaction_id, contact)

    def _show_recording(self, interaction_id: str, contact: Contact) -> None:
        changes: dict[str, object] = {"may_record": False} if contact.recording else {}
        for agent_id in contact.agents:
            call = self._calls.get(agent_id)
            if call is not None and call.phase != "wrap_up":
                self.change(
                    agent_id,
                    interaction_id,
                    recording=contact.recording,
                    recording_paused=contact.paused,
                    recording_paused_until=contact.paused_until,
                    **changes,
                )

    def _supervised(self, fact: SupervisionStarted | SupervisionChanged) -> None:
        self.change(fact.agent_id, fact.interaction_id, supervised=_noticed(fact.mode))

    def _unsupervised(self, fact: SupervisionEnded) -> None:
        self.change(fact.agent_id, fact.interaction_id, supervised=None)

    def _wrapped(self, fact: WrapUpSaved) -> None:
        self.change(fact.agent_id, fact.interaction_id, **{name: getattr(fact, name) for name in VALUES})

    def _ended_for_good(self, fact: InteractionEnded) -> None:
        self._surface.drop("waiting", fact.interaction_id)
        contact = self._contacts.get(fact.interaction_id)
        if contact is not None:
            contact.queued_at = None
            for agent_id in tuple(contact.agents):
                if self._calls[agent_id].asked_by:  # there is no wrap-up of it
                    self.clear(agent_id)
            self._ended.add(fact.interaction_id)
            self._forget(fact.interaction_id)
