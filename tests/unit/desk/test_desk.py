"""What the screens show, from facts alone: pop, tiles, queues; day change; and no memory of what is over."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from zoneinfo import ZoneInfo

from cti.agents.agent import AgentProfile
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.desk.views import AgentView, CallView, IntervalView, MeView, QueueView, View
from cti.events import (
    AgentStateChanged,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionHeld,
    InteractionOverflowed,
    InteractionQueued,
    InteractionResumed,
    InteractionStarted,
    InteractionTransferred,
    IvrStepped,
    OfferEnded,
    OfferMade,
    Outcome,
    PartyChanged,
    PartyInvited,
    PartyLeft,
    RecordingStarted,
    SegmentEnded,
    StateName,
    SupervisionChanged,
    SupervisionEnded,
    SupervisionStarted,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = 1_795_233_600.0  # 2026-11-21 12:00 in Shanghai
AGENTS = ("1001", "1002", "2001")


@dataclass
class Screens:
    """A desk on a hub, and short ways to say what happened. `at` is the time of the next fact."""

    at: float = NOON
    hub: Hub = field(default_factory=Hub)

    def __post_init__(self) -> None:
        self.desk = Desk(self.hub, version="1", demo=False, zone=SHANGHAI)
        for name in ("sales", "care"):
            self.desk.queues.configure(name, {"en": name}, 20)
        for agent in AGENTS:
            profile = AgentProfile(agent_id=agent, name=agent, extension=agent, queues=("sales",))
            self.desk.add_agent(profile, "agent")
        self.desk.flush(self.at)

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.desk.on_fact(fact)

    def state(self, agent: str, state: StateName, interaction: str = "", until: float | None = None) -> None:
        previous = self.agent(agent).state
        self.tell(
            AgentStateChanged(
                at=self.at,
                agent_id=agent,
                state=state,
                previous=previous,
                since=self.at,
                until=until,
                interaction_id=interaction,
            )
        )

    def arrive(self, interaction: str, queue: str = "sales") -> None:
        self.tell(
            InteractionStarted(
                at=self.at,
                interaction_id=interaction,
                medium="voice",
                channel="c",
                linkedid="c",
                customer_number="+8613900000001",
                caller_name="Li",
                dialled="4000",
            ),
            IvrStepped(at=self.at, interaction_id=interaction, flow="main", step="menu", digits="2", label="sales"),
        )
        self.queue(interaction, queue)

    def queue(self, interaction: str, queue: str, queued_at: float | None = None) -> None:
        since = self.at if queued_at is None else queued_at
        self.tell(InteractionQueued(at=self.at, interaction_id=interaction, queue=queue, priority=0, queued_at=since))

    def offer(self, interaction: str, agent: str, n: int = 1) -> None:
        self.tell(
            OfferMade(
                at=self.at,
                interaction_id=interaction,
                offer_id=f"{interaction}-{n}",
                agent_id=agent,
                queue="sales",
                waited_s=1,
                ring_until=self.at + 20,
            )
        )
        self.state(agent, "offered", interaction)

    def miss(self, interaction: str, agent: str, n: int = 1) -> None:
        self.tell(
            OfferEnded(
                at=self.at, interaction_id=interaction, offer_id=f"{interaction}-{n}", agent_id=agent, reason="rona"
            )
        )
        self.state(agent, "not_ready")

    def connect(self, interaction: str, agent: str, segment: int = 1, *, taken: bool = False) -> None:
        self.state(agent, "busy", interaction)
        self.tell(
            InteractionConnected(
                at=self.at,
                interaction_id=interaction,
                agent_id=agent,
                segment=segment,
                queue="sales",
                waited_s=1,
                how="take_over" if taken else "offer",
            )
        )

    def part(self, interaction: str, agent: str, segment: int = 1) -> None:
        self.tell(
            SegmentEnded(
                at=self.at,
                interaction_id=interaction,
                agent_id=agent,
                segment=segment,
                talk_s=10,
                hold_s=0,
                ended_by="customer",
            )
        )
        if self.agent(agent).state == "busy":
            self.state(agent, "wrap_up", interaction, self.at + 30)

    def end(self, interaction: str, outcome: Outcome = "handled") -> None:
        self.tell(InteractionEnded(at=self.at, interaction_id=interaction, outcome=outcome, ended_by="customer"))

    def _entity(self, topic: str, key: str) -> View | None:
        return self.hub.entities(topic).get(key)

    def agent(self, agent: str) -> AgentView:
        view = self._entity("agents", agent)
        assert isinstance(view, AgentView)
        return view

    def call(self, agent: str) -> CallView | None:
        view = self._entity("call", agent)
        assert view is None or isinstance(view, CallView)
        return view

    def counts(self, queue: str = "sales") -> tuple[int, int, int, int, float | None]:
        """(waiting, offered, answered, abandoned, service level)"""
        self.desk.flush(self.at)
        view = self._entity("queues", queue)
        assert isinstance(view, QueueView)
        today = (view.offered_today, view.answered_today, view.abandoned_today)
        return (view.waiting, *today, view.service_level_today)

    def waiting(self) -> set[str]:
        return set(self.hub.entities("waiting"))


def test_a_call_from_the_pop_to_the_end_of_the_wrap_up() -> None:
    s = Screens()
    s.arrive("a")
    s.offer("a", "1001")
    pop = s.call("1001")
    assert pop is not None
    assert (pop.phase, pop.number, [step.digits for step in pop.ivr]) == ("offered", "+8613900000001", ["2"])
    assert s.waiting() == {"a"}
    s.connect("a", "1001")
    s.tell(RecordingStarted(at=s.at, interaction_id="a", file="a.raw", channel="c"))
    s.tell(InteractionHeld(at=s.at, interaction_id="a", agent_id="1001"))
    assert (s.agent("1001").phase, s.waiting()) == ("held", set())
    s.tell(InteractionResumed(at=s.at, interaction_id="a", agent_id="1001"))
    talk = s.call("1001")
    assert talk is not None
    assert (talk.phase, talk.recording, s.agent("1001").customer) == ("connected", True, "Li")
    s.part("a", "1001")
    s.end("a")
    form = s.call("1001")
    assert form is not None
    assert (form.phase, form.wrap_up_until) == ("wrap_up", s.at + 30)
    s.state("1001", "ready")
    tile = s.agent("1001")
    assert (s.call("1001"), tile.interaction_id, tile.customer, tile.phase, tile.handled_today) == (None, "", "", "", 1)
    assert not s.desk.calls._contacts


def test_a_wrap_up_that_is_over_before_the_interaction_is() -> None:
    s = Screens()
    s.arrive("a")
    s.offer("a", "1001")
    s.connect("a", "1001")
    s.tell(InteractionTransferred(at=s.at, interaction_id="a", from_agent="1001", kind="queue", target="care"))
    s.part("a", "1001")
    s.state("1001", "ready")
    assert s.call("1001") is None
    s.queue("a", "care")
    s.end("a", "abandoned")
    assert not s.desk.calls._contacts
    assert s.waiting() == set()


def test_a_take_over_by_one_who_is_not_signed_in_leaves_nothing_on_the_tile() -> None:
    s = Screens()
    s.arrive("a")
    s.offer("a", "1001")
    s.connect("a", "1001")
    s.part("a", "1001")
    s.tell(
        InteractionConnected(
            at=s.at, interaction_id="a", agent_id="2001", segment=2, queue="sales", waited_s=1, how="take_over"
        )
    )
    tile = s.agent("2001")
    assert (tile.interaction_id, tile.customer, tile.queue, tile.phase) == ("a", "Li", "sales", "connected")
    assert s.agent("1001").phase == "wrap_up"
    s.part("a", "2001", 2)
    s.end("a")
    assert (s.agent("2001").phase, s.agent("2001").interaction_id, s.call("2001")) == ("", "", None)


def test_supervision_ends_for_the_call_that_it_was_on() -> None:
    s = Screens()
    s.tell(SupervisionStarted(at=s.at, interaction_id="a", supervisor_id="2001", agent_id="1001", mode="listen"))
    s.tell(SupervisionChanged(at=s.at, interaction_id="a", supervisor_id="2001", agent_id="1001", mode="barge"))
    assert s.agent("1001").supervised_mode == "barge"
    s.tell(SupervisionStarted(at=s.at, interaction_id="b", supervisor_id="2001", agent_id="1002", mode="listen"))
    s.tell(SupervisionEnded(at=s.at, interaction_id="a", supervisor_id="2001", agent_id="1001"))
    assert (s.agent("1001").supervised_by, s.agent("1002").supervised_by) == ("", "2001")
    assert set(s.hub.entities("supervision")) == {"2001"}
    s.tell(SupervisionEnded(at=s.at, interaction_id="b", supervisor_id="2001", agent_id="1002"))
    assert not s.hub.entities("supervision")


def test_queue_counts_across_misses_transfers_and_abandoning() -> None:
    s = Screens()
    s.arrive("a")
    s.offer("a", "1001")
    s.miss("a", "1001")
    assert s.counts() == (1, 1, 0, 0, None)
    s.offer("a", "1002", 2)
    s.at += 5
    s.connect("a", "1002")
    assert s.counts() == (0, 1, 1, 0, 1.0)
    s.part("a", "1002")
    s.queue("a", "care")  # transferred: a wait of its own
    assert (s.counts(), s.counts("care")) == ((0, 1, 1, 0, 1.0), (1, 1, 0, 0, None))
    s.end("a", "handled")
    assert s.counts("care") == (0, 1, 0, 0, None)
    s.arrive("b")
    s.offer("b", "1001")
    s.at += 40
    s.end("b", "abandoned")
    assert s.counts() == (0, 2, 1, 1, 0.5)
    s.arrive("c")
    s.queue("c", "care")  # moved on while waiting: judged there
    s.arrive("d")
    s.at += 21
    s.connect("d", "1001")
    assert s.counts() == (0, 4, 2, 1, 1 / 3)
    s.connect("c", "1002")
    assert s.counts("care") == (0, 2, 1, 0, 0.0)
    s.arrive("e")
    s.end("e", "overflowed")
    assert s.counts() == (0, 5, 2, 1, 1 / 3)
    s.arrive("f")
    s.tell(InteractionOverflowed(at=s.at, interaction_id="f", queue="sales", why="nobody", way_out="number:110"))
    assert s.counts() == (0, 6, 2, 1, 1 / 3)  # it rings elsewhere
    assert s.waiting() == set()
    s.end("f", "abandoned")
    assert s.counts() == (0, 6, 2, 1, 1 / 3)


def test_who_gets_a_caller_in_another_queue_sees_where_they_waited_in_vain() -> None:
    s = Screens()
    s.arrive("a")
    s.tell(InteractionOverflowed(at=s.at, interaction_id="a", queue="sales", why="longest_wait", way_out="queue:care"))
    s.queue("a", "care")
    s.offer("a", "1002")
    pop = s.call("1002")
    assert pop is not None
    assert [(step.step, step.label) for step in pop.ivr][-1] == ("overflow", "not served in queue sales")


def test_who_comes_back_after_a_restart_is_no_new_arrival() -> None:
    s = Screens()
    s.desk.queues.seed("sales", offered=7, answered=4, abandoned=1, within=3)
    s.desk.queues.seeded(s.at)
    s.queue("a", "sales", s.at - 60)
    assert s.counts() == (1, 7, 4, 1, 3 / 5)
    s.connect("a", "1001")
    assert s.counts() == (0, 7, 5, 1, 3 / 6)


def test_a_queue_that_is_taken_out_is_shown_until_it_is_empty_and_comes_back_with_its_figures() -> None:
    s = Screens()
    s.arrive("a", "care")
    s.arrive("b", "care")
    s.end("b", "abandoned")
    s.desk.queues.keep(["sales"])
    assert s.counts("care") == (1, 2, 0, 1, 0.0)
    s.at += 5
    s.connect("a", "1001")
    s.desk.flush()
    assert set(s.hub.entities("queues")) == {"sales"}
    s.desk.queues.configure("care", {"en": "Care"}, 30)
    s.desk.queues.keep(["sales", "care"])
    s.arrive("c", "care")
    assert s.counts("care") == (1, 3, 1, 1, 0.5)


def test_somebody_who_goes_leaves_no_tile_and_no_head_in_the_queue() -> None:
    s = Screens()
    s.state("1001", "ready")
    s.state("1002", "ready")
    s.desk.remove_agent("1001")
    s.desk.flush()
    tile = s.hub.entities("queues")["sales"]
    assert isinstance(tile, QueueView)
    assert (tile.ready, tile.signed_in) == (1, 1)
    assert "1001" not in {*s.hub.entities("agents"), *s.hub.entities("me")}
    s.desk.remove_agent("nobody")


def test_at_midnight_in_the_zone_of_the_site_today_begins_anew() -> None:
    s = Screens()
    midnight = NOON + 12 * 3600
    s.at = midnight - 60
    s.arrive("a")
    s.offer("a", "1001")
    s.connect("a", "1001")
    s.part("a", "1001")
    s.end("a")
    s.arrive("late")
    assert s.counts() == (1, 2, 1, 0, 1.0)
    s.at = midnight + 1
    assert s.counts() == (1, 0, 0, 0, None)
    assert s.agent("1001").handled_today == 0
    assert not s.hub.entities("intervals")
    s.end("late", "abandoned")  # yesterday's caller
    assert s.counts() == (0, 0, 0, 0, None)
    s.arrive("b")
    assert s.counts() == (1, 1, 0, 0, None)
    intervals = s.hub.entities("intervals").values()
    assert {(i.start, i.queue, i.offered) for i in intervals if isinstance(i, IntervalView)} == {
        (midnight, "", 1),
        (midnight, "sales", 1),
    }


def test_what_comes_after_the_call_is_shown_until_it_comes() -> None:
    s = Screens()
    s.desk.pending("1001", "not_ready:lunch")
    me = s.hub.entities("me")["1001"]
    assert isinstance(me, MeView)
    assert me.pending == "not_ready:lunch"


def one_call(s: Screens, rng: random.Random, interaction: str) -> None:
    """A call that goes any way that the floor lets it go."""
    s.at += 1
    s.arrive(interaction, rng.choice(("sales", "care")))
    if rng.random() < 0.3:
        s.end(interaction, "abandoned")
        return
    agents = rng.sample(AGENTS, 2)
    for segment, agent in enumerate(agents, 1):
        s.offer(interaction, agent, segment)
        if rng.random() < 0.2:
            s.miss(interaction, agent, segment)
            continue
        s.connect(interaction, agent, segment)
        s.part(interaction, agent, segment)
        if rng.random() < 0.3:
            s.queue(interaction, "care")
            continue
        break
    endings: list[Callable[[], None]] = [partial(s.state, agent, "ready") for agent in agents]
    endings.append(partial(s.end, interaction))
    rng.shuffle(endings)
    for ending in endings:
        ending()
    s.tell(RecordingStarted(at=s.at, interaction_id=interaction, file="late", channel="c"))  # one that was slow


def test_ten_thousand_calls_leave_no_trace_in_memory() -> None:
    s, rng = Screens(), random.Random(7)
    for n in range(10_000):
        one_call(s, rng, f"i{n}")
    calls, queues = s.desk.calls, s.desk.queues
    assert not calls._contacts
    assert not calls._ended
    assert not calls._calls
    assert not queues._waits_in
    assert s.waiting() == set()
    assert not s.hub.entities("call")
    waiting, offered, answered, abandoned, _ = s.counts()
    assert waiting == 0
    assert offered >= answered + abandoned > 0


def test_the_tile_of_an_agent_shows_whom_they_brought_into_the_call() -> None:
    s = Screens()
    s.arrive("a")
    s.offer("a", "1001")
    s.connect("a", "1001")
    about = {"interaction_id": "a", "agent_id": "1001", "party_id": "p1"}
    s.tell(PartyInvited(at=s.at, kind="agent", target="1002", name="Ben", **about))
    assert [(party.name, party.state) for party in s.agent("1001").parties] == [("Ben", "ringing")]
    s.tell(PartyChanged(at=s.at, state="joined", **about))
    assert [party.state for party in s.agent("1001").parties] == ["joined"]
    s.tell(PartyLeft(at=s.at, reason="dropped", **about))
    assert s.agent("1001").parties == ()
    s.tell(PartyInvited(at=s.at, kind="agent", target="1002", name="Ben", **about))
    s.part("a", "1001")
    assert s.agent("1001").parties == ()
