"""After a start: an interaction that ended while nobody watched is closed with what Asterisk wrote down of it.

Asterisk's own records tell when the customer was gone, and which agents had them until when; they do not tell who hung
up. Without them there is the end of the raw recording, and the last resort is now. Nothing of it is certain.
"""

from typing import Literal

from cti.calls.cdr import Afterwards, Talked
from cti.calls.channel import endpoint_of
from cti.events import InteractionConnected, InteractionEnded, SegmentEnded
from cti.floor.floor import Floor
from cti.floor.open import Open

SAME_TALK_S = 1.0
"""The phone is answered, by Asterisk's books, a moment before the two are together, by ours."""


def end_segment(floor: Floor, open_: Open, at: float, ended_by: Literal["transfer", "lost", "outage"]) -> None:
    floor.bus.publish(
        SegmentEnded(
            at=at,
            interaction_id=open_.interaction_id,
            agent_id=open_.agent_id,
            segment=open_.segments,
            talk_s=max(0.0, at - (open_.connected_at or at)),
            hold_s=0,
            ended_by=ended_by,
        )
    )


def close(
    floor: Floor, open_: Open, afterwards: Afterwards | None, recorded_until: float | None, *, lost: bool = False
) -> None:
    """It ended when Asterisk says so, or at the end of its raw recording, or at the latest now.

    `lost`: with its Asterisk.
    """
    ended_at = afterwards.ended if afterwards is not None else recorded_until or floor.clock()
    told = open_.segments + end_talks(floor, open_, afterwards, ended_at, "outage" if lost else "lost")
    floor.bus.publish(
        InteractionEnded(
            at=ended_at,
            interaction_id=open_.interaction_id,
            outcome="handled" if told else "failed" if lost else "abandoned",
            ended_by="outage" if lost else "unknown",
            cause=0,
            certain=False,
        )
    )


def end_talks(
    floor: Floor, open_: Open, afterwards: Afterwards | None, at: float, ended_by: Literal["lost", "outage"] = "lost"
) -> int:
    """No agent has the customer any more: the talk that the store knows of is over, at the latest `at`.

    So are those that it does not know of, which are told; returns how many these are.
    """
    talks = afterwards.talks if afterwards is not None else ()
    if open_.agent_id and open_.connected_at is not None:
        began = open_.connected_at
        own = [talk.ended for talk in talks if talk.began < began + SAME_TALK_S and talk.ended > began]
        end_segment(floor, open_, max(own, default=at), ended_by)
        talks = tuple(talk for talk in talks if talk.began > began + SAME_TALK_S)
    elif open_.segments:
        talks = ()  # of which are told already cannot be said
    return sum(_tell_talk(floor, open_, talk, open_.segments + n + 1) for n, talk in enumerate(talks))


def _tell_talk(floor: Floor, open_: Open, talk: Talked, segment: int) -> bool:
    """Of a talk that began and ended while nobody watched; only what an agent of ours had is one."""
    agent_id = floor.roster.by_endpoint(endpoint_of(talk.name))
    if agent_id is None:
        return False
    interaction, waited_since = open_.interaction_id, open_.queued_at or open_.started_at
    floor.bus.publish(
        InteractionConnected(
            at=talk.began,
            interaction_id=interaction,
            agent_id=agent_id,
            segment=segment,
            queue=open_.queue,
            waited_s=max(0.0, talk.began - waited_since),
            how="offer" if segment == 1 else "transfer",
        )
    )
    floor.bus.publish(
        SegmentEnded(
            at=talk.ended,
            interaction_id=interaction,
            agent_id=agent_id,
            segment=segment,
            talk_s=talk.ended - talk.began,
            hold_s=0,
            ended_by="lost",
        )
    )
    return True
