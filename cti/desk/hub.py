"""The fan-out of changes: the floor puts entities, every browser gets what its owner may see."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain

from cti.desk import frames
from cti.desk.around import DEFAULT_PACE_S, Around
from cti.desk.audience import (
    AROUND,
    OF_QUEUE,
    PERSONAL,
    SHARED,
    WIDE_ONLY,
    Actor,
    narrowed,
    own_queues,
    queue_of,
    visible,
)
from cti.desk.subscription import Outlet, Subscription, SubscriptionClosed
from cti.desk.topics import TOPICS, Entities, State
from cti.desk.views import AnyView

__all__ = ["Hub", "Outlet", "Subscription", "SubscriptionClosed"]

Listener = Callable[[str, str, AnyView | None], None]
"""Called with topic, key and the entity, None when it was dropped. Must not block and must not raise."""

DEFAULT_LIMIT = 4000
"""Entities that may wait for one browser: more than a floor of 2,000 seats changes in a second."""


class Hub:
    """The current state `{topic: {key: entity}}` and who looks at it. One event loop, no locks.

    `put` and `drop` are synchronous and never wait for a browser. An entity is encoded once per audience (the whole
    floor for supervisors, `narrowed` for agents), however many browsers see it; what all boards are told is one message
    but for its number. What is in a queue (`OF_QUEUE`) agents see of their own queues, which stand in their entity of
    the topic `me`.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.time, limit: int = DEFAULT_LIMIT, pace_s: float = DEFAULT_PACE_S
    ) -> None:
        """`pace_s`: how often an agent's browser is told of the floor around (`cti.desk.audience.AROUND`)."""
        self._clock = clock
        self._limit = limit
        self._around = Around(pace_s, self._queues_of)
        self._state: dict[bool, State] = {wide: {topic: {} for topic in TOPICS} for wide in (True, False)}
        self._sections: dict[tuple[bool, str], bytes] = {}
        self._in_queue: dict[str, dict[str, list[bytes]]] = {}
        self._subscriptions: dict[bool, set[Subscription]] = {True: set(), False: set()}
        self._by_agent: dict[str, set[Subscription]] = {}
        self._fresh: dict[Subscription, None] = {}
        self._for_boards: dict[tuple[str, str], bytes] = {}
        self._listeners: tuple[Listener, ...] = ()

    # --- the floor's side ---

    def put(self, topic: str, key: str, entity: AnyView) -> None:
        """Replace an entity; nothing happens when it is equal to what is there."""
        if not isinstance(entity, TOPICS[topic]):
            raise TypeError(f"topic {topic} holds {TOPICS[topic].__name__}, not {type(entity).__name__}")
        if self._state[True][topic].get(key) == entity:
            return
        self._state[True][topic][key] = entity
        self._tell(topic, key, entity)
        self._spread(topic, key, True, partial(frames.put_part, topic, key, entity))
        self._put_narrow(topic, key, narrowed(entity))

    def _put_narrow(self, topic: str, key: str, seen: AnyView) -> None:
        before = self._state[False][topic].get(key)
        if before == seen:
            return
        self._state[False][topic][key] = seen
        if topic in OF_QUEUE:
            self._spread_in_queue(topic, key, before, seen)
        else:
            self._spread(topic, key, False, partial(frames.put_part, topic, key, seen))
        if topic == "me":
            self._look_at_other_queues(key, own_queues(before), own_queues(seen))

    def drop(self, topic: str, key: str) -> None:
        """Remove an entity; nothing happens when there is none."""
        if self._state[True][topic].pop(key, None) is None:
            return
        self._tell(topic, key, None)
        self._spread(topic, key, True, partial(frames.drop_part, topic, key))
        before = self._state[False][topic].pop(key)
        if topic in OF_QUEUE:
            self._spread_in_queue(topic, key, before, None)
        else:
            self._spread(topic, key, False, partial(frames.drop_part, topic, key))
        if topic == "me":
            self._look_at_other_queues(key, own_queues(before), frozenset())

    def entities(self, topic: str) -> Entities:
        """A copy of the whole topic, as supervisors see it."""
        return dict(self._state[True][topic])

    def seen_by(self, actor: Actor) -> State:
        """What `actor` may see now; empty topics are left out."""
        state, own = self._state[actor.wide], self._queues_of(actor.agent_id)
        picked = {
            topic: {
                key: entity
                for key, entity in entities.items()
                if visible(topic, key, actor, queue=queue_of(entity), own=own)
            }
            for topic, entities in state.items()
        }
        return {topic: entities for topic, entities in picked.items() if entities}

    def notice(self, agent_id: str, level: str, code: str, message: str) -> None:
        """A toast for every browser of one agent. `level`: info, warning or error. Not repeated after a reconnect."""
        for subscription in self._by_agent.get(agent_id, ()):
            subscription.notify(frames.notice(level, code, message))

    def connected(self, agent_id: str) -> bool:
        """Whether a browser of this agent is connected."""
        return agent_id in self._by_agent

    @property
    def browsers(self) -> tuple[int, int]:
        """How many are connected: those of agents, and those that see the whole floor."""
        return len(self._subscriptions[False]), len(self._subscriptions[True])

    async def flushed(self, agent_id: str, deadline_s: float) -> bool:
        """Wait until everything put so far for this agent is written to all of its sockets.

        False when no browser of the agent is connected, when one went away meanwhile, or when the deadline passed.
        """
        subscriptions = tuple(self._by_agent.get(agent_id, ()))
        if not subscriptions:
            return False
        self.push()
        try:
            async with asyncio.timeout(deadline_s):
                written = await asyncio.gather(*(subscription.flushed() for subscription in subscriptions))
        except TimeoutError:
            return False
        return all(written)

    def push(self) -> None:
        """Write to every browser whose way is free what it has not got yet.

        The daemon calls it when a fact has been delivered to everybody; what is put at other times follows as soon as
        the event loop comes to it.
        """
        now = self._clock()
        if self._for_boards:
            parts, self._for_boards = self._for_boards, {}
            told = frames.changes(now, parts.values())
            for board in self._subscriptions[True]:
                board.pass_on(parts, told)
        fresh, self._fresh = self._fresh, {}
        for subscription in fresh:
            subscription.push(now)

    def listen(self, listener: Listener) -> None:
        """Tell `listener`, inside the daemon, everything that is there and every change, as supervisors see it."""
        for topic, entities in self._state[True].items():
            for key, entity in entities.items():
                listener(topic, key, entity)
        self._listeners = (*self._listeners, listener)

    # --- the browser's side ---

    @contextmanager
    def subscribe(self, actor: Actor, outlet: Outlet | None = None) -> Iterator[Subscription]:
        """`outlet`: where `push` may write by itself; without one `next` has everything."""
        on_fresh = None if outlet is None else self._note_fresh
        subscription = Subscription(actor, limit=self._limit, outlet=outlet, on_fresh=on_fresh)
        self._subscriptions[actor.wide].add(subscription)
        self._by_agent.setdefault(actor.agent_id, set()).add(subscription)
        if not actor.wide:
            self._around.add(subscription)
        try:
            yield subscription
        finally:
            self._forget(subscription)

    async def next(self, subscription: Subscription) -> list[bytes]:
        """The next messages for this browser: first one snapshot, then changes. Call `written()` after writing them.

        Raises SubscriptionClosed.
        """
        self.push()
        await subscription.ready()
        topics: list[bytes] = []
        if subscription.snapshot_due:
            self.push()  # to the others: it is in the snapshot
            topics = self._snapshot_parts(subscription.actor)
        return subscription.take(self._clock(), topics)

    async def settled(self) -> None:
        """Wait until every browser has been given what there is, that of the floor around included."""
        await self._around.settled()

    def disconnect(self, agent_id: str, reason: str) -> None:
        """Close every browser of an agent, for example because the session was ended or the role changed."""
        for subscription in tuple(self._by_agent.get(agent_id, ())):
            subscription.close(reason)

    def close(self, reason: str = "the server stops") -> None:
        """Close every browser."""
        for subscription in (*self._subscriptions[True], *self._subscriptions[False]):
            subscription.close(reason)

    # --- inside ---

    def _note_fresh(self, subscription: Subscription) -> None:
        self._push_soon()
        self._fresh[subscription] = None

    def _push_soon(self) -> None:
        if not (self._fresh or self._for_boards):
            asyncio.get_running_loop().call_soon(self.push)

    def _forget(self, subscription: Subscription) -> None:
        subscription.close("the browser went away")
        self._fresh.pop(subscription, None)
        self._subscriptions[subscription.actor.wide].discard(subscription)
        self._around.discard(subscription)
        own = self._by_agent[subscription.actor.agent_id]
        own.discard(subscription)
        if not own:
            del self._by_agent[subscription.actor.agent_id]

    def _tell(self, topic: str, key: str, entity: AnyView | None) -> None:
        for listener in self._listeners:
            listener(topic, key, entity)

    def _spread(self, topic: str, key: str, wide: bool, encode: Callable[[], bytes]) -> None:
        self._sections.pop((wide, topic), None)
        if not wide and topic in AROUND:
            if self._subscriptions[wide]:
                self._around.put(topic, key, encode())
            return
        if wide and topic not in PERSONAL:
            if self._subscriptions[wide]:
                self._tell_boards(topic, key, encode())
            return
        part: bytes | None = None
        for subscription in self._looking(topic, key, wide):
            part = part or encode()
            subscription.queue(topic, key, part)

    def _tell_boards(self, topic: str, key: str, part: bytes) -> None:
        self._push_soon()
        self._for_boards.pop((topic, key), None)
        self._for_boards[topic, key] = part

    def _queues_of(self, agent_id: str) -> frozenset[str]:
        return own_queues(self._state[False]["me"].get(agent_id))

    def _spread_in_queue(self, topic: str, key: str, before: AnyView | None, seen: AnyView | None) -> None:
        """Among the agents: to those of the queue where the entity is, and of the one where it was."""
        self._in_queue.pop(topic, None)
        if self._subscriptions[False]:
            dropped = frames.drop_part(topic, key)
            part = dropped if seen is None else frames.put_part(topic, key, seen)
            self._around.put_in_queue(topic, key, queue_of(before), queue_of(seen), part, dropped)

    def _look_at_other_queues(self, agent_id: str, before: frozenset[str], now: frozenset[str]) -> None:
        """The agent's queues are others: what is in the new ones appears on the screen, the rest is taken off it."""
        screens = [own for own in self._by_agent.get(agent_id, ()) if not own.actor.wide]
        if before == now or not screens:
            return
        parts: list[tuple[tuple[str, str], bytes]] = []
        for topic in OF_QUEUE:
            for key, entity in self._state[False][topic].items():
                if queue_of(entity) in now - before:
                    parts.append(((topic, key), frames.put_part(topic, key, entity)))
                elif queue_of(entity) in before - now:
                    parts.append(((topic, key), frames.drop_part(topic, key)))
            parts += self._around.gone_from(topic, before - now)
        for screen in screens:
            screen.queue_all(parts)

    def _entities_in_queue(self, topic: str, queue: str) -> list[bytes]:
        """Encoded once, however many agents of the queue take a snapshot, until something changes."""
        by_queue = self._in_queue.get(topic)
        if by_queue is None:
            by_queue = self._in_queue[topic] = {}
            for key, entity in self._state[False][topic].items():
                by_queue.setdefault(queue_of(entity), []).append(frames.entity_part(key, entity))
        return by_queue.get(queue, [])

    def _looking(self, topic: str, key: str, wide: bool) -> Iterable[Subscription]:
        """The browsers of one audience to which `visible` shows the entity, without asking it five hundred times."""
        if topic in PERSONAL:
            return [own for own in self._by_agent.get(key, ()) if own.actor.wide is wide]
        return self._subscriptions[wide] if wide or topic in SHARED else ()

    def _snapshot_parts(self, actor: Actor) -> list[bytes]:
        shared = SHARED | WIDE_ONLY | OF_QUEUE if actor.wide else SHARED
        parts = [self._section(actor.wide, topic) for topic in TOPICS if topic in shared]
        for topic in () if actor.wide else sorted(OF_QUEUE):
            queues = sorted(self._queues_of(actor.agent_id))
            parts.append(frames.topic_part(topic, chain(*(self._entities_in_queue(topic, one) for one in queues))))
        for topic in sorted(PERSONAL):
            own = self._state[actor.wide][topic].get(actor.agent_id)
            if own is not None:
                parts.append(frames.topic_part(topic, [frames.entity_part(actor.agent_id, own)]))
        return parts

    def _section(self, wide: bool, topic: str) -> bytes:
        """A topic that everybody of this audience sees alike, encoded once until it changes."""
        section = self._sections.get((wide, topic))
        if section is None:
            entities = self._state[wide][topic]
            section = frames.topic_part(topic, (frames.entity_part(key, entity) for key, entity in entities.items()))
            self._sections[wide, topic] = section
        return section
