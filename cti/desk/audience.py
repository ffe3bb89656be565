"""Who may see which entity. Pure; the hub and its tests ask nobody else."""

from collections.abc import Collection

import msgspec

from cti.desk.views import AgentView, AnyView, MeView, WaitingView
from cti.rights import Actor

__all__ = ["Actor", "narrowed", "own_queues", "queue_of", "visible"]

PERSONAL = frozenset({"me", "call", "supervision", "inbox", "drafts", "my_tasks"})
"""Topics whose key is an agent id: everybody sees their own entity and nobody else's."""

SHARED = frozenset({"queues", "agents", "system"})
"""Topics that everybody who is logged in sees."""

WIDE_ONLY = frozenset({"intervals", "minutes", "alarms", "texts", "tasks"})
"""Topics of the supervisor board."""

OF_QUEUE = frozenset({"waiting"})
"""Topics whose entities are each in a queue: boards see all of them, an agent those in the own queues."""

AROUND = frozenset({"queues", "agents"}) | OF_QUEUE
"""What an agent sees of the floor around them. Of five hundred colleagues somebody changes all the time: agents are
told once in a while (`cti.desk.around`), so that what is their own, and the boards, are told at once."""

SHOWN = 7
"""Digits of a number that may be seen by who has not got the call: shorter ones are no secret."""


def own_queues(me: AnyView | None) -> frozenset[str]:
    """The queues of whom this entity of the topic `me` is about: also those that the agent has left for now."""
    return frozenset((*me.queues, *me.absent_from)) if isinstance(me, MeView) else frozenset()


def queue_of(entity: AnyView | None) -> str:
    """Where an entity of `OF_QUEUE` is, "" for nowhere."""
    return entity.queue if isinstance(entity, WaitingView) else ""


def visible(topic: str, key: str, actor: Actor, *, queue: str = "", own: Collection[str] = ()) -> bool:
    """Whether `actor` may see the entity; a topic that stands in no table is shown to nobody.

    `queue` is where an entity of `OF_QUEUE` is, `own` are the actor's queues.
    """
    if topic in PERSONAL:
        return key == actor.agent_id
    if topic in WIDE_ONLY:
        return actor.wide
    if topic in OF_QUEUE:
        return actor.wide or queue in own
    return topic in SHARED


def narrowed(entity: AnyView) -> AnyView:
    """What an agent sees of it: of a colleague name, extension, queues, groups and state, nothing of the customer.

    Of who waits everything but the number, of which only the ends are shown: it is seen by whoever gets the call.
    """
    if isinstance(entity, WaitingView):
        number = entity.number
        return msgspec.structs.replace(entity, number=f"{number[:3]}…{number[-4:]}" if len(number) > SHOWN else number)
    if isinstance(entity, AgentView):
        return msgspec.structs.replace(
            entity,
            interaction_id="",
            customer="",
            queue="",
            phase="",
            supervised_by="",
            supervised_mode=None,
            handled_today=0,
            absent_from=(),
            skills={},
            parties=(),
            trouble="",
        )
    return entity
