"""Facts of whole conversations, for the tests of this folder."""

from collections.abc import Iterable

from cti.events import (
    AgentStateChanged,
    CommandAudited,
    CustomerIdentified,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    InteractionTransferred,
    IvrStepped,
    LanguageChosen,
    OfferEnd,
    OfferEnded,
    OfferMade,
    RecordingPublished,
    RecordingStarted,
    SegmentEnded,
    StateName,
    WrapUpSaved,
)
from cti.store.store import Store

T0 = 1_790_000_000.0
NUMBER = "+8613900000001"


def interaction(n: int) -> str:
    return f"0mtest{n:08d}"


async def tell(store: Store, *facts: Fact) -> None:
    for fact in facts:
        store.writer.on_fact(fact)
    assert await store.writer.drain(10)


def arrival(i: str, at: float, *, number: str = NUMBER, customer_id: int = 1) -> list[Fact]:
    return [
        InteractionStarted(
            at=at,
            interaction_id=i,
            medium="voice",
            channel=f"trunk-{i}",
            linkedid=f"trunk-{i}",
            customer_number=number,
            caller_name="Zhang Wei",
            dialled="4008001234",
        ),
        CustomerIdentified(at=at, interaction_id=i, customer_id=customer_id, customer_name="张伟", vip=3),
        LanguageChosen(at=at + 1, interaction_id=i, language="zh"),
        IvrStepped(at=at + 2, interaction_id=i, flow="after_sales", step="menu", digits="2", label="售后"),
        InteractionQueued(at=at + 3, interaction_id=i, queue="after_sales", priority=5, queued_at=at + 3),
    ]


def offer(i: str, n: int, at: float, agent: str, reason: OfferEnd, *, queue: str = "after_sales") -> list[Fact]:
    made = OfferMade(
        at=at,
        interaction_id=i,
        offer_id=f"{i}-{n}",
        agent_id=agent,
        queue=queue,
        waited_s=0,
        ring_until=at + 20,
    )
    return [made, OfferEnded(at=at + 2, interaction_id=i, offer_id=f"{i}-{n}", agent_id=agent, reason=reason)]


def handled(i: str, at: float, *, agent: str = "1001", number: str = NUMBER, customer_id: int = 1) -> list[Fact]:
    """Waits 7 s, talks 30 s, is recorded and wrapped up."""
    return [
        *arrival(i, at, number=number, customer_id=customer_id),
        *offer(i, 1, at + 8, agent, "answered"),
        InteractionConnected(at=at + 10, interaction_id=i, agent_id=agent, segment=1, queue="after_sales", waited_s=7),
        RecordingStarted(at=at + 10, interaction_id=i, file=f"{i}.raw", channel="trunk"),
        SegmentEnded(at=at + 40, interaction_id=i, agent_id=agent, segment=1, talk_s=30, hold_s=0, ended_by="customer"),
        InteractionEnded(at=at + 40, interaction_id=i, outcome="handled", ended_by="customer"),
        RecordingPublished(
            at=at + 42,
            interaction_id=i,
            path=f"2026/09/21/{i}.wav",
            started_at=at + 10,
            duration_s=30,
            size=960044,
            sha256="0" * 64,
        ),
        WrapUpSaved(at=at + 43, interaction_id=i, agent_id=agent, note="typing", final=False),
        WrapUpSaved(at=at + 50, interaction_id=i, agent_id=agent, disposition="repair.booked", note="约了维修"),
    ]


def transferred(i: str, at: float) -> list[Fact]:
    """1001 talks 20 s, transfers to the queue of complaints, where 1002 talks 3600 s."""
    return [
        *arrival(i, at),
        *offer(i, 1, at + 8, "1001", "answered"),
        InteractionConnected(at=at + 10, interaction_id=i, agent_id="1001", segment=1, queue="after_sales", waited_s=7),
        InteractionTransferred(at=at + 30, interaction_id=i, from_agent="1001", kind="queue", target="complaints"),
        SegmentEnded(
            at=at + 30, interaction_id=i, agent_id="1001", segment=1, talk_s=20, hold_s=5, ended_by="transfer"
        ),
        InteractionQueued(at=at + 30, interaction_id=i, queue="complaints", priority=7, queued_at=at + 30),
        *offer(i, 2, at + 31, "1002", "answered", queue="complaints"),
        InteractionConnected(
            at=at + 33,
            interaction_id=i,
            agent_id="1002",
            segment=2,
            queue="complaints",
            waited_s=3,
            how="transfer",
        ),
        SegmentEnded(
            at=at + 3633, interaction_id=i, agent_id="1002", segment=2, talk_s=3600, hold_s=0, ended_by="agent"
        ),
        InteractionEnded(at=at + 3633, interaction_id=i, outcome="handled", ended_by="agent"),
    ]


def abandoned(i: str, at: float, *, customer_id: int = 1) -> list[Fact]:
    """Waits 60 s; one agent does not answer meanwhile (RONA: back to the head, with the old place)."""
    return [
        *arrival(i, at, customer_id=customer_id),
        *offer(i, 1, at + 10, "1001", "rona"),
        InteractionQueued(at=at + 12, interaction_id=i, queue="after_sales", priority=5, queued_at=at + 3),
        InteractionEnded(at=at + 63, interaction_id=i, outcome="abandoned", ended_by="customer"),
    ]


def agent_states(agent: str, at: float, *states: StateName) -> Iterable[Fact]:
    previous: StateName = "logged_out"
    for n, state in enumerate(states):
        yield AgentStateChanged(
            at=at + n, agent_id=agent, state=state, previous=previous, since=at + n, reason="lunch" if n else ""
        )
        previous = state


def audited(at: float, actor: str, *, allowed: bool = True) -> Fact:
    return CommandAudited(
        at=at, actor=actor, role="supervisor", command="supervisor.listen", subject="1001", allowed=allowed
    )
