"""Legs of ours that are no longer wanted: told to hang up until they are seen to be gone."""

import asyncio

from cti.events import ChannelAnswered, ChannelCreated, ChannelHungUp, OriginateFailed
from cti.floor.conversation import Conversation, Leg
from cti.floor.means import Means

RELEASED_S = 120.0
"""How long a leg that is no longer wanted is watched for: longer than any phone rings."""
RELEASE_AGAIN_S = 1.0


class Legs:
    def __init__(self, means: Means) -> None:
        self._means = means
        self._released: set[str] = set()

    def release(self, channel: str) -> None:
        """End a leg of ours, also one that is still to come: while its `Originate` is under way no hang-up finds it."""
        if channel not in self._released:
            self._released.add(channel)
            asyncio.get_running_loop().call_later(RELEASED_S, self._released.discard, channel)
        self._hang_up(channel)

    def take_from(self, conversation: Conversation, leg: Leg | None) -> None:
        """The conversation goes on without this leg, if it still is there."""
        if leg is not None and leg.channel in self._means.conversations.by_leg:
            conversation.old_legs.add(leg.channel)
            self.release(leg.channel)

    def release_again(self) -> None:
        """All that were released while nobody could be told to hang up."""
        for channel in tuple(self._released):
            self._hang_up(channel)

    def on_seen(self, fact: ChannelCreated | ChannelAnswered) -> None:
        self._hang_up(fact.channel)

    def on_gone(self, fact: ChannelHungUp | OriginateFailed) -> None:
        self._released.discard(fact.channel)

    def _hang_up(self, channel: str) -> None:
        means = self._means
        if channel in self._released and means.link:
            means.orders.start(f"release {channel}", means.switch.hang_up(channel), lambda _: self._try_again(channel))

    def _try_again(self, channel: str) -> None:
        asyncio.get_running_loop().call_later(RELEASE_AGAIN_S, self._hang_up, channel)
