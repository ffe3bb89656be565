"""Who is calling: looked up beside the call, so that no caller waits long for the database."""

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from cti.bus import Bus
from cti.customers.directory import CustomerDirectory
from cti.customers.identify import identify
from cti.customers.numbers import is_public
from cti.desk.calls import Who
from cti.desk.desk import Desk
from cti.desk.views import CandidateView, CustomerView
from cti.errors import CtiError
from cti.events import CustomerIdentified
from cti.floor.conversation import Conversation

log = structlog.get_logger(__name__)

IDENTIFY_S = 0.3
"""How long a caller who enters a queue may wait for the database, so that the pop shows the history at once."""


class Identifying:
    def __init__(
        self,
        bus: Bus,
        desk: Desk,
        directory: CustomerDirectory[CustomerView],
        clock: Callable[[], float],
        tell: Callable[[Conversation], None],
    ) -> None:
        """`tell` is called once the card is there."""
        self._tell = tell
        self._bus = bus
        self._desk = desk
        self._directory = directory
        self._clock = clock

    def begin(self, conversation: Conversation) -> None:
        if not conversation.customer_id and not is_public(conversation.number):
            return  # withheld, or one of the house
        name = f"identify {conversation.interaction_id}"
        conversation.identifying = asyncio.create_task(self._identify(conversation), name=name)

    async def known(self, conversation: Conversation) -> None:
        """Wait until the caller is known, but no longer than `IDENTIFY_S`."""
        if conversation.identifying is not None and not conversation.identifying.done():
            await asyncio.wait({conversation.identifying}, timeout=IDENTIFY_S)

    async def _identify(self, conversation: Conversation) -> None:
        number, at = conversation.number, self._clock()
        try:
            if conversation.customer_id:
                await self._show(conversation, conversation.customer_id, Who())
                return
            who = await identify(self._directory, number, caller_name=conversation.caller_name, at=at)
            if who is None:
                return
            self._bus.publish(
                CustomerIdentified(
                    at=self._clock(),
                    interaction_id=conversation.interaction_id,
                    customer_id=who.customer_id,
                    customer_name=who.name,
                    vip=who.vip,
                    created=who.created,
                )
            )
            candidates = tuple(CandidateView(**msgspec.structs.asdict(one)) for one in who.candidates)
            await self._show(conversation, who.customer_id, Who(candidates=candidates))
        except CtiError as error:
            log.warning("no history for this caller", number=number, reason=str(error))

    async def _show(self, conversation: Conversation, customer_id: int, who: Who) -> None:
        card = await self._directory.card(customer_id)
        if self._desk.calls.who(conversation.interaction_id).chosen:
            return  # an agent was faster than the database
        conversation.card = card
        self._desk.know(conversation.interaction_id, card, who)
        self._tell(conversation)
