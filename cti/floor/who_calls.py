"""An agent says who is calling: one of several who share the number, somebody found by name, or somebody new."""

from collections.abc import Callable, Collection

import msgspec
import structlog

from cti.customers.directory import CustomerRegister
from cti.customers.numbers import is_public
from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.desk.views import CallView, CustomerView
from cti.errors import Conflict, CtiError, Forbidden
from cti.events import CustomerIdentified
from cti.floor.floor import Floor

log = structlog.get_logger(__name__)

Result = dict[str, str | int | float | bool | None]


class WhoCalls:
    def __init__(
        self,
        floor: Floor,
        directory: CustomerRegister[CustomerView],
        audit: Callable[[Actor, str, str, str, str], None],
    ) -> None:
        """`audit` takes (actor, command, subject, detail, interaction)."""
        self._floor = floor
        self._directory = directory
        self._audit = audit

    async def identify(self, command: ask.IdentifyCustomer, actor: Actor) -> Result | None:
        """During the call and in the wrap-up. Everything that shows the call, and its timeline, follows."""
        call = self._own(command.interaction_id, actor)
        before = call.customer.customer_id if call.customer is not None else 0
        number = call.number if command.keep_number and is_public(call.number) else ""
        customer_id = command.customer_id
        if not customer_id:
            at = self._floor.clock()
            customer_id = await self._directory.create(name=command.name, number=number, by=actor.agent_id, at=at)
        await self._directory.assign(customer_id, number=number, instead_of=before)
        card = await self._directory.card(customer_id)
        self._floor.bus.publish(
            CustomerIdentified(
                at=self._floor.clock(),
                interaction_id=command.interaction_id,
                customer_id=card.customer_id,
                customer_name=card.name,
                vip=card.vip,
                created=not command.customer_id,
                by=actor.agent_id,
            )
        )
        detail = f"before: {before or 'nobody'}" + ", a new customer" * (not command.customer_id)
        self._audit(actor, "call.identify", str(card.customer_id), detail, command.interaction_id)
        self._show(command.interaction_id, card, chosen=True)
        return {"customer_id": card.customer_id}

    async def refresh(self, customer_ids: Collection[int]) -> None:
        """These customers were edited, merged or parted: whoever has one on the screen sees it."""
        for interaction_id, card in self._floor.desk.showing(customer_ids).items():
            try:
                now = await self._directory.card(card.customer_id)
            except CtiError as error:
                log.warning("a card could not be read again", customer=card.customer_id, reason=str(error))
            else:
                self._show(interaction_id, now)

    def _own(self, interaction_id: str, actor: Actor) -> CallView:
        call = self._floor.call_of(actor.agent_id)
        if call is None or call.interaction_id != interaction_id:
            raise Conflict("this call is not on your desk (any more)", "ended")
        if call.asked_by:
            raise Forbidden("this is not your call")
        if call.direction == "internal":
            raise Conflict("a colleague is no customer", "internal")
        return call

    def _show(self, interaction_id: str, card: CustomerView, *, chosen: bool = False) -> None:
        conversation = self._floor.conversations.by_id.get(interaction_id)
        who = msgspec.structs.replace(self._floor.desk.calls.who(interaction_id), chosen=True) if chosen else None
        self._floor.desk.know(interaction_id, card, who)
        if conversation is not None:
            conversation.card, conversation.customer_id = card, card.customer_id
            self._floor.places.customer_known(conversation)
