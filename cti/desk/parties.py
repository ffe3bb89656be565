"""Those whom an agent brings into a call, as agent and colleague see them: a part of topic `call`, from facts."""

import msgspec

from cti.desk.calls import CallDesk, Contact
from cti.desk.surface import Handlers
from cti.desk.views import PartyGoneView, PartyView
from cti.events import PartyChanged, PartyInvited, PartyLeft, PartyLeftReason

replace = msgspec.structs.replace

_WANTED: frozenset[PartyLeftReason] = frozenset({"dropped", "transferred", "over"})


class PartyDesk:
    """Writes into the calls of `calls`."""

    def __init__(self, calls: CallDesk) -> None:
        self._calls = calls
        self.handlers: Handlers = {
            PartyInvited: self._invited,
            PartyChanged: self._changed,
            PartyLeft: self._left,
        }

    def _invited(self, fact: PartyInvited) -> None:
        """A colleague sees the customer as the one who asks does, at once."""
        calls = self._calls
        contact = calls.known(fact.interaction_id)
        if contact is None:
            return
        contact.parties[fact.party_id] = PartyView(
            party_id=fact.party_id,
            kind=fact.kind,
            target=fact.target,
            name=fact.name,
            state="ringing",
            since=fact.at,
            by=fact.agent_id,
        )
        calls.change(fact.agent_id, fact.interaction_id, party_gone=None)
        if fact.kind == "agent":
            contact.agents.add(fact.target)
            call = calls.view(fact.interaction_id, contact, fact.at, queue=contact.queue, waited_s=0)
            calls.put(fact.target, replace(call, asked_by=fact.agent_id))
        self._show(fact.interaction_id, contact)

    def _show(self, interaction_id: str, contact: Contact) -> None:
        for agent_id in contact.agents:
            call = self._calls.call(agent_id)
            if call is not None and call.phase != "wrap_up":
                self._calls.change(agent_id, interaction_id, parties=tuple(contact.parties.values()))

    def _changed(self, fact: PartyChanged) -> None:
        contact = self._calls.known(fact.interaction_id)
        party = contact.parties.get(fact.party_id) if contact is not None else None
        if contact is None or party is None:
            return
        contact.parties[fact.party_id] = replace(party, state=fact.state, since=fact.at)
        aside = fact.state == "aside"
        call = self._calls.call(party.target)
        if call is not None and call.asked_by:
            self._calls.change(
                party.target,
                fact.interaction_id,
                phase="held" if aside else "connected",
                held_since=fact.at if aside else None,
                connected_at=call.connected_at or fact.at,
            )
        self._show(fact.interaction_id, contact)

    def _left(self, fact: PartyLeft) -> None:
        contact = self._calls.known(fact.interaction_id)
        party = contact.parties.pop(fact.party_id, None) if contact is not None else None
        if contact is None or party is None:
            return
        call = self._calls.call(party.target)
        asked = call is not None and (call.interaction_id, call.asked_by) == (fact.interaction_id, fact.agent_id)
        if asked and fact.reason != "transferred":
            self._calls.clear(party.target)
        if fact.reason not in _WANTED:
            gone = PartyGoneView(name=party.name, reason=fact.reason, at=fact.at)
            self._calls.change(fact.agent_id, fact.interaction_id, party_gone=gone)
        self._show(fact.interaction_id, contact)
