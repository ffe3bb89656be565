"""The distribution engine: who gets whom. Pure: it is told events with the time, and answers with decisions.

How the floor uses it::

    engine = Engine(settings.queues)
    for decision in engine.handle(CallerQueued(...), now):
        ...  # carry it out, in this order
    # whenever the clock reaches engine.next_deadline():
    engine.handle(Tick(), now)

The engine reads no clock, draws no random number and does no I/O: the same events at the same times give the same
decisions, bit for bit, so a log of (event, now) is a complete replay. `now` should not run backwards (a step back only
makes deadlines late). After a restart, sign the agents in first, then queue the callers, oldest `queued_at` first.

**An offer's life.** `MakeOffer` -> the floor shows the screen-pop and rings -> one of

- `OfferAnswered` (the leg is up; the agent is BUSY, the ring time is off), then `OfferConnected` once the two are
  bridged. Should bridging fail in between, `OfferFailed` takes the interaction back to its place.
- `OfferFailed(rona | declined | unreachable)`, the phone or the agent said no; answered by `RevokeOffer` of the reason.
- the ring time passes at a `Tick`: `RevokeOffer(rona)`. Only a `Tick` makes it pass: an answer that comes first counts.
- `RevokeOffer(caller_gone | revoked)` because of something else that happened.

So every offer ends by an `OfferAnswered` that is not answered by `RevokeOffer(stale)`, or by one `RevokeOffer`. After a
failed offer the interaction keeps its rank, hence its place at the head, and goes to the next agent in the same answer.

**Agents.** An offer passed goes by the rules of the queue (NOT_READY with the reason, or READY after a rest);
"unreachable" is always NOT_READY, ends by itself with `ReachabilityChanged(reachable=True)`. Reachability is a gate
beside the state: an agent who is not reachable keeps the state and is offered nothing (`AgentView.blocked`).
`AgentNotReady` while OFFERED revokes the offer; while BUSY or in WRAP_UP it is remembered (`AgentView.pending`) and
comes after the wrap-up; `AgentSignedOut` likewise, except that it ends a WRAP_UP at once. `AgentReady` takes back what
is remembered, ends a WRAP_UP or a rest. The same reason again changes nothing, so that no pause clock starts anew.
`AgentEngaged` makes any signed-in agent who is not in another conversation BUSY; an offer that rings elsewhere is
revoked, other agents who talk with that customer stay BUSY until their `ConversationEnded`; and an agent who was
NOT_READY is NOT_READY again afterwards. BUSY ends by `ConversationEnded`, by `CallerLeft`, or by `CallerQueued` for the
interaction (transfer to a queue); whichever comes later is ignored. `CallerPostponed` is `CallerLeft` for a customer
who was to be dialled and was not reached: who had answered for them is READY again at the old place, without a wrap-up.

**Several interactions in hand** (`AgentView.handling`). An agent has room for one more of a medium as long as the
profile's capacity for it is not reached, and the interruption rules let it come on top of all other media in hand
(`cti/agents/capacity.py`; by default calls over chats over mail). An interaction takes its room from the offer to
the end of its wrap-up, and has ring time and wrap-up to itself. Then:

- The agent's one state is that of the foremost: BUSY in any conversation, else WRAP_UP in any wrap-up, else OFFERED;
  READY and NOT_READY have nothing in hand. So a BUSY agent may be offered more, by the same rules as a READY one.
- Who asks to stop (`AgentNotReady`, `AgentSignedOut`) gets nothing new from then on: what rings is revoked, and what is
  remembered comes when nothing is in hand any more. Otherwise both go by the agent's state, as above.
- A missed offer that makes NOT_READY is such a stop; its reason is remembered while something else is in hand.
  During a rest nothing new comes, and what is in hand goes on.
- When an offer is answered, whatever else rings at the agent and may not come on top of it is revoked.
- `AgentEngaged` needs room beside the conversations, if there are any; whatever rings is revoked, and every wrap-up
  is over. `AgentReady` ends every wrap-up too; `WrapUpFinished` and `WrapUpExtended` mean one.
- Lower capacities and stricter rules take nothing away: nothing new comes until there is room by them.

**What is refused, and what is ignored.** Nothing that raises has changed anything.

- Commands by people raise: an agent not signed in, or in a state that does not allow it, `IllegalTransition`;
  `WrapUpFinished` for another interaction, or an extension of no length, `Conflict`; `CallerQueued` for a queue
  that is not configured (any more), or `InteractionChanged` for no known interaction, `NotFound`; numbers that are
  none, `ValueError`.
- Observations never raise. About an offer, an interaction or an agent that is no longer there they are ignored, but for
  `OfferAnswered`: that leg is up and belongs to nobody, so `RevokeOffer(stale)` has it hung up.

**Order.** Points first (priority of queue and interaction, VIP level, ageing, relaxation), then who is due earlier,
then arrival; across all queues of an agent: `cti/acd/order.py`. Of the agents who fit and have room, who has least in
hand, then the first by the choice of the interaction's queue, `cti/acd/choice.py`; its preferred agent before all
others. Ring time, wrap-up (with its limit) and rest all end.

**Pick-up.** `PickedUp` makes the offer to exactly this agent, READY or NOT_READY, whatever the agent's queues and
skills and whoever's turn it is; offers of it that ring elsewhere are revoked. It is refused (`Conflict`) for an agent
without room or whose phone cannot be reached, and for an interaction that does not wait. A missed one is an offer like
any other: the interaction has its place again. Who was NOT_READY is so again afterwards.

**Need.** Who fits is the need of the moment (`cti/acd/need.py`): the agents of its queue who have its skills, fewer
skills and more agents as the steps of `QueueRules.relax` come (`cti/acd/relax.py`). For `preferred_wait_s` its
preferred agent alone fits, as long as that agent fits, is signed in, not NOT_READY and has not asked to stop; once
given up, that agent is not waited for again in this queue. Then, for `branch_wait_s` of the whole wait, agents of
its branch. All times count from `entered_at`, so that a restart takes up a wait where it stood. A fitting
agent with room and an interaction that is not being offered never coexist.

**Ring all.** A queue that chooses "ring_all" has one offer for each of several agents; `OfferAnswered` of one
revokes the others ("revoked", their agents keep their place), and the interaction is back in its place when the
last one failed. Agents who get free meanwhile are not added. Everywhere else an interaction has one live offer at
most.

**Limits.** After everything else was decided for an event, whoever has just entered a queue and is offered to
nobody is let in or leaves (`WaitExpired` with `why`); and when the last agent of a queue and its relaxation has
signed out, those who wait there leave if it says so: `cti/acd/limits.py`. Who waits for one agent alone
or one group alone (`only_agent`, `only_group`) is exempt.

**Why.** `explain` says of each offer who else was idle and how they ranked, of a waiting interaction who its
candidates are and why none has it. **How long.** `wait_estimate` and `calibrations`: `cti/acd/estimate.py`.

**Rules, profiles and interactions changed** (`QueueRulesChanged`, `AgentProfileChanged`, `InteractionChanged`)
count at once and keep everything that lives: waiting interactions get their new points, needs and longest wait,
running rings and wrap-ups end as they began, and a queue that is gone still serves who is in it. A preferred agent
who was given up is waited for after all where the rules now say another time for it, and not otherwise: a reload
about something else takes no caller from those who may have him by now. `check.problems` finds what is wrong with
rules before they go live.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cti.acd.decisions import Decision
from cti.acd.doorkeeper import Doorkeeper
from cti.acd.duty import Duty
from cti.acd.estimate import Calibration, WaitEstimate
from cti.acd.events import (
    AgentEngaged,
    AgentNotReady,
    AgentProfileChanged,
    AgentReady,
    AgentSignedIn,
    AgentSignedOut,
    CallerLeft,
    CallerPostponed,
    CallerQueued,
    ConversationEnded,
    Event,
    InteractionChanged,
    OfferAnswered,
    OfferConnected,
    OfferFailed,
    PickedUp,
    QueueRulesChanged,
    ReachabilityChanged,
    Tick,
    WrapUpExtended,
    WrapUpFinished,
)
from cti.acd.explain import wait_reasons
from cti.acd.interaction import Interaction, InteractionState
from cti.acd.line import Line
from cti.acd.matching import Matching
from cti.acd.offers import Offers
from cti.acd.queue import QueueRules
from cti.acd.ranked import Ranked
from cti.acd.reasons import OfferReasons, WaitReasons
from cti.acd.roster import Deadlines, Roster
from cti.acd.talk import Talk
from cti.acd.views import AgentView, InteractionView, Snapshot
from cti.agents.capacity import INTERRUPTION, Interruption
from cti.errors import NotFound


class Engine:
    """See the module. `ValueError` when two of the `rules` have one name."""

    def __init__(self, rules: Iterable[QueueRules], interruption: Interruption = INTERRUPTION) -> None:
        self._decisions: list[Decision] = []
        self._matching = Matching()
        self._deadlines: Deadlines = Ranked()
        self._estimate = WaitEstimate()
        self._roster = Roster(self._matching, self._deadlines, self._emit, interruption)
        self._line = Line(self._matching, self._deadlines, self._estimate, self._roster.awaited)
        self._offers = Offers(self._line, self._roster, self._deadlines, self._estimate, self._emit)
        self._doorkeeper = Doorkeeper(self._line, self._matching, self._estimate, self._emit)
        talk = Talk(self._line, self._roster, self._offers)
        duty = self._duty = Duty(self._roster, self._offers, talk)
        self._reactions: Mapping[type[Event], Callable[[Any, float], None]] = {
            AgentSignedIn: duty.signed_in,
            AgentSignedOut: duty.signed_out,
            AgentReady: duty.ready,
            AgentNotReady: duty.not_ready,
            AgentProfileChanged: duty.profile,
            ReachabilityChanged: duty.reachability,
            WrapUpFinished: duty.wrap_up_finished,
            WrapUpExtended: duty.wrap_up_extended,
            AgentEngaged: talk.engaged,
            ConversationEnded: talk.ended,
            CallerQueued: talk.queued,
            CallerLeft: talk.left,
            CallerPostponed: talk.postponed,
            InteractionChanged: self._amend,
            OfferAnswered: self._offers.answered,
            OfferConnected: self._offers.connected,
            OfferFailed: self._offers.failed,
            PickedUp: self._offers.pick_up,
            QueueRulesChanged: self._reload,
            Tick: self._tick,
        }
        self._line.reload(rules, 0.0)
        self._rung_at_once = self._several()

    def handle(self, event: Event, now: float) -> list[Decision]:
        """What is to be done about this event, in order. Raises as the module says, with nothing changed."""
        self._decisions = []
        self._reactions[type(event)](event, now)
        self._match(now)
        self._doorkeeper.look(now)
        return self._decisions

    def next_deadline(self) -> float | None:
        """When the next `Tick` is needed, None for not at all."""
        due = self._deadlines.first()
        return None if due is None else float(self._deadlines.rank(due)[0])

    # --- to be seen

    def queues(self) -> tuple[QueueRules, ...]:
        """The configured queues by (order, name)."""
        return self._line.all_rules()

    def queue(self, name: str) -> QueueRules | None:
        """Also of a queue that is no longer configured and still serves somebody; None for any other."""
        return self._line.rules(name)

    def agents(self) -> tuple[AgentView, ...]:
        """All who are signed in, by id."""
        return tuple(agent.view() for agent in self._roster.all())

    def agent(self, agent_id: str) -> AgentView:
        """`NotFound` for one who is not signed in."""
        agent = self._roster.find(agent_id)
        if agent is None:
            raise NotFound("agent", agent_id)
        return agent.view()

    def waiting(self, queue: str, most: int | None = None) -> tuple[InteractionView, ...]:
        """Who waits in the queue, first to be served first; one that is being offered keeps its place in it.

        O(`most`), the length of the queue for None.
        """
        return self._line.waiting(queue, most)

    def last(self, queue: str) -> str | None:
        """Who is served last of all who wait in the queue; None while nobody does."""
        return self._line.last(queue)

    def interaction(self, interaction_id: str) -> InteractionView:
        """`NotFound` for one that was never queued or has ended."""
        return self._line.view(interaction_id)

    def position(self, interaction_id: str) -> int | None:
        """The place in its queue, counted from 1; None for one that does not wait."""
        return self._line.position(interaction_id)

    def wait_estimate(self, interaction_id: str) -> float | None:
        """Seconds that it will still wait, None for unknown or not waiting."""
        position = self._line.position(interaction_id)
        interaction = self._line.find(interaction_id)
        if position is None or interaction is None:
            return None
        return self._estimate.after(interaction.queue, interaction.priority, position - 1, interaction.beyond)

    def calibrations(self) -> tuple[Calibration, ...]:
        """How right the wait estimates were, by queue and priority."""
        return self._estimate.calibrations()

    def explain(self, interaction_id: str, now: float) -> WaitReasons:
        """Why it waits, and why its offers went where they went; `NotFound` for one that the engine does not know.

        O(agents of its queues and groups): for a person who asks, not for every decision.
        """
        interaction = self._line.find(interaction_id)
        if interaction is None:
            raise NotFound("interaction", interaction_id)
        return wait_reasons(interaction, self._line.position(interaction_id), self._roster, self._matching, now)

    def offer_reasons(self, interaction_id: str) -> tuple[OfferReasons, ...]:
        """The part of `explain` that is known already: why its latest offers, the oldest first; () for unknown."""
        interaction = self._line.find(interaction_id)
        return () if interaction is None else interaction.why

    def snapshot(self) -> Snapshot:
        return Snapshot(queues=self.queues(), agents=self.agents(), interactions=self._line.views())

    # --- inside

    def _emit(self, decision: Decision) -> None:
        self._decisions.append(decision)

    def _match(self, now: float) -> None:
        while self._roster.restless:
            agent_id, _ = self._roster.restless.popitem()
            self._line.give_up(agent_id, now)
        for pair in self._matching.pairs(now, self._rung_at_once):
            self._offers.make(pair, now)

    # --- rules and time

    def _reload(self, event: QueueRulesChanged, now: float) -> None:
        self._line.reload(event.rules, now)
        if event.interruption is not None:
            self._roster.interrupt(event.interruption)
        self._rung_at_once = self._several()
        self._doorkeeper.staff_changed()

    def _several(self) -> dict[str, int]:
        """The queues that ring several agents at once."""
        return {rules.name: rules.rung_at_once() for rules in self._line.served_rules() if rules.rung_at_once() > 1}

    def _amend(self, event: InteractionChanged, now: float) -> None:
        interaction = self._line.find(event.interaction_id)
        if interaction is None:
            raise NotFound("interaction", event.interaction_id)
        self._line.amend(interaction, event, now)

    def _tick(self, _event: Tick, now: float) -> None:
        """Whatever is due. Longest waits come last: who can be offered an agent at this very moment does not leave."""
        expired: list[Interaction] = []
        while (due := self._deadlines.first()) and self._deadlines.rank(due)[0] <= now:
            self._deadlines.discard(due)
            kind, subject = due
            if kind == "ring" and (offer := self._offers.find(subject)):
                self._offers.fail(offer, "rona", now)
            elif kind == "wrap" and (agent := self._roster.find(subject)):
                self._duty.wrap_up_over(agent, now)
            elif kind == "rest" and (agent := self._roster.find(subject)):
                self._roster.wake(agent)
            elif kind == "relax" and (interaction := self._line.find(subject)):
                self._line.reconsider(interaction, now)
            elif kind == "wait" and (interaction := self._line.find(subject)):
                expired.append(interaction)
        self._match(now)
        for interaction in expired:
            if interaction.state is InteractionState.QUEUED:
                rules = self._offers.rules(interaction.queue)
                self._doorkeeper.see_out(interaction, interaction.way_out or rules.way_out, "longest_wait", now)
