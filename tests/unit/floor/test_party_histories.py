"""Agents who bring colleagues and outside numbers into their calls, while much else happens: the histories of
`test_floor_histories.py`, with what has little to do with it left out.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from cti.desk import commands as ask
from tests.unit.floor.shop import Shop
from tests.unit.floor.test_floor_histories import PAUSES, PICK, FloorHistories

WHOM = st.sampled_from((("agent", "1001"), ("agent", "1002"), ("agent", "1003"), ("number", "13811112222")))
STATES = st.sampled_from(("ringing", "consulting", "aside", "joined", "joined", "given"))
BRIEFLY = st.sampled_from((0.0, 0.0, 0.001, 0.003, 0.02, 0.1, 0.5))
DOING = st.sampled_from(
    (
        ask.Swap,
        ask.Swap,
        ask.CompleteTransfer,
        ask.CompleteTransfer,
        ask.CancelConsult,
        ask.Conference,
        ask.Conference,
        ask.DropParty,
        ask.LeaveConference,
        ask.HangUp,
        ask.Hold,
        ask.Resume,
    )
)


class PartyHistories(FloorHistories):
    everybody_is_rung = a_caller_asks_to_be_called_back = a_phone_out_there_is_picked_up = None  # type: ignore[assignment]
    a_supervisor_assigns = an_agent_changes_queues = a_supervisor_reorders = None  # type: ignore[assignment]

    @initialize(seed=st.integers(0, 2**16), whom=WHOM, state=STATES, pause=BRIEFLY)
    def open(self, seed: int, whom: tuple[str, str], state: str, pause: float) -> None:
        self.shop = Shop(seed)
        self.shop.run(0.1)
        self._bring_in(whom, state, pause)

    def _with_party(self) -> list[Any]:
        return [one for one in self.shop.floor.conversations.by_id.values() if one.party is not None]

    def _phone_of_party(self, n: int) -> str:
        found = self._with_party()
        channel = found[n % len(found)].party.channel if found else ""
        return channel if channel in self.shop.exchange.channels else ""

    def _do(self, n: int, wait: bool, what: type[ask.Command]) -> None:
        found = self._with_party()
        if found:
            one = found[n % len(found)]
            more = {"party_id": one.party.party_id} if what is ask.DropParty else {}
            self._command(one.party.by, wait, what, interaction_id=one.interaction_id, **more)

    def _bring_in(self, whom: tuple[str, str], state: str, pause: float) -> None:
        """As far as things go well; the last step has had `pause` to happen."""
        shop, who = self.shop, "1002" if whom[1] == "1001" else "1001"
        if whom[0] == "agent" and shop.exchange.link:
            shop.register(whom[1])
            shop.ask(whom[1], ask.SignIn, phone="desk")
            shop.ask(whom[1], ask.NotReady, reason="lunch")
        self._talk(who)
        self._work(who, False, 0.2, ask.Consult, {"kind": whom[0], "target": whom[1]})
        if state == "given":
            self._do(0, False, ask.CompleteTransfer)
            shop.run(0.2)
        if state != "ringing":
            self._answer(0, 0.2 if state in {"aside", "joined"} else pause)
        if state in {"aside", "joined"}:
            self._do(0, False, ask.Swap if state == "aside" else ask.Conference)
        shop.run(pause)

    def _answer(self, n: int, pause: float) -> None:
        channel = self._phone_of_party(n)
        if channel and not self.shop.exchange.channels[channel].up:
            self.shop.loop.call_soon(self.shop.exchange.answer, channel)
            self.shop.run(pause)

    @rule(whom=WHOM, state=STATES, pause=BRIEFLY)
    def somebody_is_brought_in(self, whom: tuple[str, str], state: str, pause: float) -> None:
        self._bring_in(whom, state, pause)

    @precondition(lambda self: self._talking("connected", "held"))
    @rule(n=PICK, whom=WHOM, wait=st.booleans(), pause=PAUSES)
    def an_agent_consults(self, n: int, whom: tuple[str, str], wait: bool, pause: float) -> None:
        talking = self._talking("connected", "held")
        self._work(talking[n % len(talking)], wait, pause, ask.Consult, {"kind": whom[0], "target": whom[1]})

    @precondition(lambda self: self._with_party())
    @rule(n=PICK, pause=PAUSES)
    def a_party_answers(self, n: int, pause: float) -> None:
        self._answer(n, pause)

    @precondition(lambda self: self._with_party())
    @rule(n=PICK, wait=st.booleans(), pause=PAUSES, what=DOING)
    def an_agent_does_something_about_it(self, n: int, wait: bool, pause: float, what: type[ask.Command]) -> None:
        self._do(n, wait, what)
        self.shop.run(pause)

    @precondition(lambda self: self._with_party())
    @rule(n=PICK, what=DOING, other=DOING, between=BRIEFLY, pause=PAUSES)
    def an_agent_clicks_twice(
        self, n: int, what: type[ask.Command], other: type[ask.Command], between: float, pause: float
    ) -> None:
        self._do(n, False, what)
        self.shop.run(between)
        self._do(n, False, other)
        self.shop.run(pause)

    @precondition(lambda self: self._with_party())
    @rule(
        n=PICK,
        which=st.sampled_from(("customer", "agent", "party")),
        what=st.none() | DOING,
        between=BRIEFLY,
        pause=PAUSES,
        cause=st.sampled_from((16, 17, 19, 21, 34)),
    )
    def one_of_the_three_hangs_up(  # noqa: PLR0917  # Hypothesis passes them by name
        self, n: int, which: str, what: type[ask.Command] | None, between: float, pause: float, cause: int
    ) -> None:
        """In the midst of what the agent does."""
        found = self._with_party()
        one = found[n % len(found)]
        legs = {"customer": one.channel, "agent": one.leg.channel if one.leg else "", "party": one.party.channel}
        if what is not None:
            self._do(n, False, what)
            self.shop.run(between)
        self.shop.hang_up(legs[which], pause, cause)

    @precondition(lambda self: self._with_party())
    @rule(n=PICK, wait=st.booleans(), what=st.sampled_from((ask.HangUp, ask.Decline)), pause=PAUSES)
    def a_colleague_does_not_want_to(self, n: int, wait: bool, what: type[ask.Command], pause: float) -> None:
        found = self._with_party()
        one = found[n % len(found)]
        if one.asked:
            self._command(one.asked, wait, what, interaction_id=one.interaction_id)
            self.shop.run(pause)


PartyHistories.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPartyHistories = PartyHistories.TestCase
del FloorHistories
