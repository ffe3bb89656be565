"""Whatever people, phones, Asterisk and the link do, in whatever order: no call is lost, doubled or leaked."""

import random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cti.desk import commands as ask
from cti.errors import DeadlineExceeded
from tests.unit.floor.exchange import Channel
from tests.unit.floor.shop import AGENTS, SUPERVISORS, Shop

PEOPLE = st.sampled_from(sorted({**AGENTS, **SUPERVISORS}))
WORKERS = st.sampled_from(sorted(AGENTS))
BOSSES = st.sampled_from(sorted(SUPERVISORS))
PAUSES = st.sampled_from((0.0, 0.001, 0.02, 0.1, 0.5, 2.0, 6.0, 30.0))
PICK = st.integers(0, 5)
NUMBERS = st.sampled_from(("+8613900000001", "+8613900000002", ""))


class FloorHistories(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 2**16))
    def open(self, seed: int) -> None:
        self.shop = Shop(seed)
        self.shop.call_back(attempts=2, retry_s=10, ring_s=8)
        self.shop.run(0.1)
        self.shop.sign_in("1001")
        self.shop.sign_in("1002")
        self._talk("1001")

    # --- callers ---

    def _talk(self, who: str) -> None:
        shop = self.shop
        if not shop.exchange.link or shop.exchange.faults or len(shop.exchange.of_kind("customer")) > 3:
            return
        shop.register(who)
        shop.ask(who, ask.SignIn, phone="desk")
        shop.ask(who, ask.Ready)
        shop.call(1.0)
        for leg in shop.legs(who, up=False):
            shop.loop.call_soon(shop.exchange.answer, leg.uniqueid)
        shop.run(0.5)

    @rule(who=st.sampled_from(("1001", "1002", "2001")))
    def two_talk(self, who: str) -> None:
        self._talk(who)

    @rule(who=st.sampled_from(("1001", "1002")), pause=PAUSES)
    def two_talk_and_more_happens(self, who: str, pause: float) -> None:
        self._talk(who)
        self.shop.run(pause)

    def _talking(self, *states: str) -> list[str]:
        """The agents who talk."""
        found = self.shop.floor.conversations.by_id.values()
        return sorted(c.leg.agent_id for c in found if c.leg and c.leg.bridged and c.state in states)

    @precondition(lambda self: len(self.shop.exchange.of_kind("customer")) < 4)
    @rule(pause=PAUSES, dialled=st.sampled_from(("4000", "4000", "4001")))
    def a_caller_dials(self, pause: float, dialled: str) -> None:
        self.shop.call(pause, dialled=dialled)

    @precondition(lambda self: self.shop.exchange.link and len(self.shop.exchange.of_kind("customer")) < 4)
    @rule(answer=st.lists(st.sampled_from(sorted(AGENTS)), unique=True), rings_s=PAUSES, pause=PAUSES)
    def everybody_is_rung(self, answer: list[str], rings_s: float, pause: float) -> None:
        """And some of them answer in the same instant."""
        shop = self.shop
        for who in AGENTS:
            shop.register(who)
            shop.ask(who, ask.SignIn, phone="desk")
            shop.ask(who, ask.Ready)
        shop.call(rings_s, dialled="4001")
        for leg in [leg for who in answer for leg in shop.legs(who, up=False)]:
            shop.loop.call_soon(shop.exchange.answer, leg.uniqueid)
        shop.run(pause)

    @precondition(lambda self: len(self.shop.exchange.of_kind("customer")) < 4)
    @rule(pause=PAUSES, keys=st.sampled_from(("11", "11", "11", "1", "1213900000002#1")), number=NUMBERS)
    def a_caller_asks_to_be_called_back(self, pause: float, keys: str, number: str) -> None:
        self.shop.call(pause, keys, number)

    @rule(n=PICK, pause=PAUSES, cause=st.sampled_from((0, 0, 0, 17, 20)))
    def a_phone_out_there_is_picked_up(self, n: int, pause: float, cause: int) -> None:
        """Or not, for this cause."""
        found = self._pick(self.shop.exchange.of_kind("called"), n)
        if found and cause:
            self.shop.hang_up(found, pause, cause)
        elif found:
            self.shop.loop.call_soon(self.shop.exchange.answer, found)
            self.shop.run(pause)

    def _pick(self, found: list[Channel], n: int) -> str | None:
        return found[n % len(found)].uniqueid if found else None

    @rule(n=PICK, pause=PAUSES)
    def somebody_hangs_up(self, n: int, pause: float) -> None:
        found = self._pick([c for c in self.shop.exchange.channels.values() if c.up], n)
        if found:
            self.shop.hang_up(found, pause)

    # --- phones ---

    @rule(n=PICK, pause=PAUSES)
    def a_phone_is_answered(self, n: int, pause: float) -> None:
        found = self._pick(self.shop.exchange.of_kind("leg", up=False), n)
        if found:
            self.shop.loop.call_soon(self.shop.exchange.answer, found)
            self.shop.run(pause)

    @rule(n=PICK, pause=PAUSES, cause=st.sampled_from((17, 21, 18, 20, 34)))
    def a_phone_declines(self, n: int, pause: float, cause: int) -> None:
        found = self._pick(self.shop.exchange.of_kind("leg", up=False), n)
        if found:
            self.shop.hang_up(found, pause, cause)

    @rule(who=PEOPLE, reachable=st.sampled_from((True, True, False)))
    def a_phone_registers(self, who: str, reachable: bool) -> None:
        self.shop.register(who, reachable=reachable)

    # --- people at their desks ---

    def _command(self, who: str, wait: bool, command: type[ask.Command], **arguments: Any) -> None:
        (self.shop.ask if wait else self.shop.start)(who, command, **arguments)

    @rule(
        who=PEOPLE,
        wait=st.booleans(),
        what=st.sampled_from(
            (
                (ask.SignIn, {"phone": "desk"}),
                (ask.Ready, {}),
                (ask.Ready, {}),
                (ask.NotReady, {"reason": "lunch"}),
                (ask.SignOut, {}),
            )
        ),
    )
    def an_agent_changes_state(self, who: str, wait: bool, what: tuple[type[ask.Command], dict[str, str]]) -> None:
        self._command(who, wait, what[0], **what[1])

    @precondition(lambda self: self._talking("connected", "held"))
    @rule(
        n=PICK,
        wait=st.booleans(),
        pause=PAUSES,
        what=st.sampled_from(
            (
                (ask.HangUp, {}),
                (ask.Hold, {}),
                (ask.Hold, {}),
                (ask.Transfer, {"kind": "queue", "target": "care"}),
                (ask.Transfer, {"kind": "agent", "target": "1002"}),
                (ask.Transfer, {"kind": "agent", "target": "1001"}),
                (ask.Transfer, {"kind": "number", "target": "13811112222"}),
            )
        ),
    )
    def an_agent_works(self, n: int, wait: bool, pause: float, what: tuple[type[ask.Command], dict[str, Any]]) -> None:
        talking = self._talking("connected", "held")
        self._work(talking[n % len(talking)], wait, pause, *what)

    @precondition(lambda self: self._talking("held"))
    @rule(n=PICK, wait=st.booleans(), pause=PAUSES)
    def an_agent_resumes(self, n: int, wait: bool, pause: float) -> None:
        talking = self._talking("held")
        self._work(talking[n % len(talking)], wait, pause, ask.Resume, {})

    @rule(who=PEOPLE, pause=PAUSES, what=st.sampled_from((ask.HangUp, ask.Decline, ask.SaveWrapUp, ask.Resume)))
    def somebody_clicks(self, who: str, pause: float, what: type[ask.Command]) -> None:
        self._work(who, True, pause, what, {})

    def _work(self, who: str, wait: bool, pause: float, what: type[ask.Command], more: dict[str, Any]) -> None:
        conversation = self.shop.floor.conversations.of_agent(who)
        view = self.shop.desk.call(who)
        interaction = conversation.interaction_id if conversation else view.interaction_id if view else ""
        if interaction:
            self._command(who, wait, what, interaction_id=interaction, **more)
            self.shop.run(pause)

    @precondition(lambda self: self._talking("connected", "held"))
    @rule(
        boss=BOSSES,
        n=PICK,
        wait=st.booleans(),
        rings_s=st.sampled_from((0.0, 0.001, 0.03, 0.3)),
        pause=PAUSES,
        mode=st.sampled_from(("listen", "whisper", "barge", "take_over", "take_over", "take_over")),
    )
    def a_supervisor_joins(  # noqa: PLR0917  # Hypothesis passes them by name
        self, boss: str, n: int, wait: bool, rings_s: float, pause: float, mode: str
    ) -> None:
        shop, talking = self.shop, self._talking("connected", "held")
        self._command(boss, wait, ask.Supervise, agent_id=talking[n % len(talking)], mode=mode)
        shop.run(rings_s)
        for leg in shop.legs(boss, up=False):
            shop.loop.call_soon(shop.exchange.answer, leg.uniqueid)
        shop.run(pause)

    @rule(
        boss=BOSSES,
        who=PEOPLE,
        wait=st.booleans(),
        what=st.sampled_from(("stop", "hang_up", "ready", "not_ready", "logged_out")),
    )
    def a_supervisor_acts(self, boss: str, who: str, wait: bool, what: str) -> None:
        if what == "stop":
            self._command(boss, wait, ask.StopSupervising)
        elif what == "hang_up":
            self._command(boss, wait, ask.ForceHangUp, agent_id=who)
        else:
            self._command(boss, wait, ask.ForceState, agent_id=who, state=what)

    @rule(
        boss=BOSSES,
        who=PEOPLE,
        wait=st.booleans(),
        what=st.sampled_from(
            (
                {"queues": ("sales",)},
                {"queues": ("care", "sales")},
                {"queues": ()},
                {"skills": {"zh": 5}},
            )
        ),
    )
    def a_supervisor_assigns(self, boss: str, who: str, wait: bool, what: dict[str, Any]) -> None:
        self._command(boss, wait, ask.Assign, agent_id=who, **what)

    @rule(
        who=PEOPLE,
        wait=st.booleans(),
        queue=st.sampled_from(("sales", "care")),
        what=st.sampled_from((ask.JoinQueue, ask.LeaveQueue)),
    )
    def an_agent_changes_queues(self, who: str, wait: bool, queue: str, what: type[ask.Command]) -> None:
        self._command(who, wait, what, queue=queue)

    @rule(boss=BOSSES, n=PICK, wait=st.booleans(), queue=st.sampled_from(("", "sales", "care")))
    def a_supervisor_reorders(self, boss: str, n: int, wait: bool, queue: str) -> None:
        """Any call, also one that does not wait: then it is refused."""
        calls = sorted(self.shop.floor.conversations.by_id)
        if calls and queue:
            self._command(boss, wait, ask.MoveToQueue, interaction_id=calls[n % len(calls)], queue=queue)
        elif calls:
            self._command(boss, wait, ask.Prioritise, interaction_id=calls[n % len(calls)])

    # --- what goes wrong ---

    @rule(fault=st.sampled_from(("refused", "lost", "late")), after=st.integers(0, 2))
    def orders_will_fail(self, fault: str, after: int) -> None:
        self.shop.exchange.faults.extend([""] * after + [fault])

    @rule(refuse=st.booleans())
    def outside_numbers(self, refuse: bool) -> None:
        self.shop.exchange.refuse_outside = refuse

    @rule(pause=PAUSES)
    def the_link_is_lost_for_a_while(self, pause: float) -> None:
        self.shop.inside(self.shop.exchange.lose_link)
        self.shop.run(pause)
        self.shop.loop.call_soon(self.shop.exchange.restore_link)
        self.shop.run(0)

    @rule(pause=PAUSES)
    def asterisk_is_killed_and_started_again(self, pause: float) -> None:
        self.shop.inside(self.shop.exchange.die)
        self.shop.run(pause)
        self.shop.loop.call_soon(self.shop.exchange.restore_link)
        self.shop.run(0)
        assert not [c for c in self.shop.floor.conversations.by_id.values() if c.talking]

    @precondition(lambda self: self.shop.exchange.link)
    @rule()
    def the_link_is_lost(self) -> None:
        self.shop.inside(self.shop.exchange.lose_link)

    @precondition(lambda self: not self.shop.exchange.link)
    @rule()
    def the_link_is_back(self) -> None:
        self.shop.inside(self.shop.exchange.restore_link)

    @rule()
    def a_session_is_given_up(self) -> None:
        self.shop.exchange.agi_faults.append(DeadlineExceeded("Asterisk did not answer"))

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        self.shop.run(pause)

    # --- what must hold ---

    def _mend(self) -> None:
        shop = self.shop
        shop.exchange.faults.clear()
        shop.exchange.agi_faults.clear()
        shop.loop.call_soon(shop.exchange.restore_link)
        shop.run(0.1)

    @rule()
    def nobody_is_stranded(self) -> None:
        self._mend()
        for _ in range(40):
            self.shop.run(0.5)
            if not self.shop.stranded():
                break
        assert not self.shop.stranded()
        assert not self.shop.defects()
        assert not self.shop.overlaps()

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        shop = self.shop
        try:
            self._mend()
            shop.run(random.Random(0).choice((0.0, 1.0)))
            for channel in shop.exchange.of_kind("customer"):
                shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
            shop.run(2)
            for conversation in shop.floor.callbacks.pending():
                shop.inside(shop.floor.callbacks.cancel, conversation.interaction_id)
            shop.run(60)
            complaints = shop.complaints()
        finally:
            shop.close()
        assert not complaints, "\n".join(complaints)


FloorHistories.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestFloorHistories = FloorHistories.TestCase
