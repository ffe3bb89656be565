"""Whose page has whose phone: the phone of an agent in the browser belongs to one tab, wherever that is open.

A tab is a name that a page chose and keeps through a reload. The tab that owns the phone may register it, is rung, and
has the audio; every other one only shows. A page is there while its websocket answers (`cti/web/ws.py`). One that has
gone is waited for: nothing is offered meanwhile, and a reload within the patience changes nothing else.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cti.desk.views import GateState, GateStep, StationView
from cti.errors import Conflict
from cti.floor.rules import SoftphoneRules

Told = Callable[[str], None]
"""Called with the agent id."""


@dataclass(slots=True)
class Station:
    """`tab` owns the phone, "" for none; `pages` counts the connected ones by their tab. For `gate` and `step` see
    `cti/floor/gate.py`.
    """

    tab: str = ""
    pages: Counter[str] = field(default_factory=Counter)
    gate: GateState = "unchecked"
    step: GateStep = ""
    waiting: asyncio.TimerHandle | None = None

    @property
    def present(self) -> bool:
        return self.pages[self.tab] > 0 if self.tab else False

    def view(self) -> StationView:
        return StationView(tab=self.tab, present=self.present, gate=self.gate, step=self.step)


class Stations:
    """`rules` None: nobody's page is asked for, and whose phone is registered can be rung (simulations)."""

    def __init__(self, rules: SoftphoneRules | None) -> None:
        self._rules = rules
        self._by_agent: dict[str, Station] = {}
        self._changed: list[Told] = []
        self._lost: list[Told] = []

    @property
    def asked_for(self) -> bool:
        return self._rules is not None

    def listen(self, changed: Told, lost: Told) -> None:
        """`changed`: anything about an agent's station. `lost`: its page has been gone for longer than the patience."""
        self._changed.append(changed)
        self._lost.append(lost)

    def of(self, agent_id: str) -> Station:
        return self._by_agent.setdefault(agent_id, Station())

    def view(self, agent_id: str) -> StationView:
        return self.of(agent_id).view()

    # --- pages come and go -----------------------------------------------------------------------------------------

    def came(self, agent_id: str, tab: str) -> None:
        station = self.of(agent_id)
        station.pages[tab] += 1
        if tab == station.tab:
            self._stop_waiting(station)
            self.tell(agent_id)

    def went(self, agent_id: str, tab: str) -> None:
        station = self.of(agent_id)
        station.pages[tab] -= 1
        if station.pages[tab] <= 0:
            del station.pages[tab]
        if tab == station.tab and not station.present:
            patience = self._rules.patience_s if self._rules is not None else 0.0
            self._stop_waiting(station)
            station.waiting = asyncio.get_running_loop().call_later(patience, self._given_up, agent_id)
            self.tell(agent_id)

    def _given_up(self, agent_id: str) -> None:
        station = self.of(agent_id)
        station.waiting = None
        self._own(station, "")
        for lost in self._lost:
            lost(agent_id)
        self.tell(agent_id)

    @staticmethod
    def _stop_waiting(station: Station) -> None:
        if station.waiting is not None:
            station.waiting.cancel()
            station.waiting = None

    # --- whose it is -----------------------------------------------------------------------------------------------

    def claim(self, agent_id: str, tab: str, *, seize: bool) -> bool:
        """Whether the phone is this tab's now. `seize` takes it from another one whose page is there."""
        station = self.of(agent_id)
        if not station.pages[tab]:
            raise Conflict("this page is not connected", "page")
        if station.tab != tab and station.present and not seize:
            return False
        if station.tab != tab:
            self._stop_waiting(station)
            self._own(station, tab)
            self.tell(agent_id)
        return True

    def check_owner(self, agent_id: str, tab: str) -> None:
        """Raises Conflict unless this tab may have the phone's secret: it owns the phone, or nobody does."""
        station = self.of(agent_id)
        if station.tab not in ("", tab):
            raise Conflict("your phone is in another tab or on another computer", "elsewhere")

    @staticmethod
    def _own(station: Station, tab: str) -> None:
        station.tab, station.gate, station.step = tab, "unchecked", ""

    # --- who can be rung -------------------------------------------------------------------------------------------

    def stands(self, agent_id: str) -> bool:
        """Whether somebody sits behind this phone who can hear and be heard, as far as anybody knows."""
        station = self.of(agent_id)
        return self._rules is None or (station.present and station.gate == "passed")

    def check_ready(self, agent_id: str) -> None:
        """Raises Conflict, with the step that is missing as its state, unless this phone may be rung."""
        if self.stands(agent_id):
            return
        station = self.of(agent_id)
        if not station.present:
            raise Conflict("no page has your phone: open the desk, or use the phone here", "page")
        raise Conflict("your phone has not been checked, or failed the check", station.step or station.gate)

    def enter(self, agent_id: str, gate: GateState, step: GateStep = "") -> None:
        """What the check has come to."""
        station = self.of(agent_id)
        if (station.gate, station.step) != (gate, step):
            station.gate, station.step = gate, step
            self.tell(agent_id)

    def tell(self, agent_id: str) -> None:
        for changed in self._changed:
            changed(agent_id)
