"""Snapshot + changes = a fresh snapshot, for every screen, whatever facts come in whatever order.

The facts are not those of a sensible day: any kind, about any of few interactions and agents, in any order, for a desk
may be attached to a floor at work and must neither break nor show two browsers two truths.
"""

import asyncio
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cti import events
from cti.agents.agent import AgentProfile
from cti.desk.audience import Actor
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.desk.views import CustomerView
from cti.events import Fact
from tests.unit.desk.test_hub import SOON_S, Browser, drain

PEOPLE = ("anna", "ben", "sue")
ACTORS = (
    Actor(agent_id="anna", role="agent"),
    Actor(agent_id="ben", role="agent"),
    Actor(agent_id="sue", role="supervisor"),
)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "at": st.sampled_from((1e9, 1e9 + 10, 1e9 + 1000, 1e9 + 100_000)),
    "queued_at": st.sampled_from((1e9 - 50, 1e9, 1e9 + 900)),
    "interaction_id": st.sampled_from(("i1", "i2", "i3", "")),
    "offer_id": st.sampled_from(("i1-1", "i1-2", "i2-1")),
    "agent_id": st.sampled_from((*PEOPLE, "stranger")),
    "supervisor_id": st.sampled_from(("sue", "ben", "stranger")),
    "queue": st.sampled_from(("sales", "care", "unknown", "")),
    "peers": st.just(()),
    "recipients": st.lists(st.sampled_from((*PEOPLE, "stranger")), unique=True).map(tuple),
    "alarm_id": st.sampled_from(("a1", "a2")),
    "text_id": st.sampled_from(("t1", "t2")),
}
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.sampled_from(("", "x", "<img src=x onerror=alert(1)>", "王")),
    int: st.integers(0, 3),
    float: st.sampled_from((0.0, 1.0, 30.0)),
    bool: st.booleans(),
    float | None: st.sampled_from((None, 1e9 + 5)),
    tuple[str, ...]: st.sampled_from(((), ("north",), ("north", "south"))),
    dict[str, Any]: st.just({}),
    dict[str, int]: st.just({}),
    dict[str, str]: st.just({}),
    dict[str, Any] | None: st.none(),
}


def of_field(name: str, kind: Any) -> st.SearchStrategy[Any]:
    if name in BY_NAME:
        return BY_NAME[name]
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    return BY_TYPE[kind]


def of_kind(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: of_field(name, hints[name]) for name in kind.__struct_fields__})


KINDS = sorted(
    {kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Fact)}
    - {Fact, events.ChannelFact, events.InteractionFact, events.PartyFact, events.AlarmFact, events.DialFact},
    key=lambda kind: kind.__name__,
)
CARD = CustomerView(
    customer_id=1,
    name="王小明",
    vip=1,
    numbers=(),
    city="",
    company="",
    new=False,
    orders=(),
    contacts=(),
    notes=(),
)
STEPS = st.one_of(
    st.one_of([of_kind(kind) for kind in KINDS]),
    st.tuples(st.just("know"), st.sampled_from(("i1", "i2"))),
    st.tuples(st.just("flush"), st.sampled_from(("0", "100000"))),
    st.tuples(st.just("pending"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("works_in"), st.sampled_from(("anna", "anna care", "anna sales care", "ben unknown"))),
    st.tuples(st.just("drain"), st.sampled_from(("0", "1", "2"))),
    st.tuples(st.just("lost"), st.sampled_from(("0", "1", "2"))),
)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_snapshot_and_changes_equal_a_fresh_snapshot(steps: list[Fact | tuple[str, str]]) -> None:
    asyncio.run(_history(steps))


def _apply(desk: Desk, step: Fact | tuple[str, str]) -> None:
    match step:
        case Fact():
            desk.on_fact(step)
        case ("know", interaction):
            desk.know(interaction, CARD)
        case ("flush", later):
            desk.flush(1e9 + float(later))
        case ("pending", agent):
            desk.pending(agent, "logged_out")
        case ("works_in", who):
            person, *queues = who.split()
            desk.add_agent(AgentProfile(agent_id=person, name=person, extension=person, queues=tuple(queues)), "agent")


async def _history(steps: list[Fact | tuple[str, str]]) -> None:
    hub = Hub(pace_s=SOON_S)
    desk = Desk(hub, version="1", demo=True)
    for name in ("sales", "care"):
        desk.queues.configure(name, {"en": name}, 20)
    for person in PEOPLE:
        profile = AgentProfile(agent_id=person, name=person, extension=person, queues=("sales",))
        desk.add_agent(profile, "agent")
    watching = [(hub.subscribe(actor), Browser()) for actor in ACTORS]
    subscriptions = [context.__enter__() for context, _ in watching]
    for step in steps:
        if isinstance(step, tuple) and step[0] == "drain":
            n = int(step[1])
            await drain(hub, subscriptions[n], watching[n][1])
        elif isinstance(step, tuple) and step[0] == "lost":
            n = int(step[1])
            watching[n][0].__exit__(None, None, None)
            watching[n] = (hub.subscribe(ACTORS[n]), Browser())
            subscriptions[n] = watching[n][0].__enter__()
        else:
            _apply(desk, step)
    desk.flush()
    await hub.settled()
    for subscription, (context, browser), actor in zip(subscriptions, watching, ACTORS, strict=True):
        await drain(hub, subscription, browser)
        assert browser.state == msgspec.json.decode(msgspec.json.encode(hub.seen_by(actor)))
        context.__exit__(None, None, None)


@settings(deadline=None)
@given(st.lists(st.one_of([of_kind(kind) for kind in KINDS]), max_size=60))
def test_interactions_that_ended_are_forgotten_in_any_order(facts: list[Fact]) -> None:
    """Once everything has ended and every agent is ready, nothing is left on any screen."""
    hub = Hub()
    desk = Desk(hub, version="1", demo=True)
    desk.queues.configure("sales", {}, 20)
    for person in PEOPLE:
        desk.add_agent(AgentProfile(agent_id=person, queues=("sales",)), "agent")
    for fact in facts:
        desk.on_fact(fact)
    for interaction in ("i1", "i2", "i3", ""):
        desk.on_fact(
            events.InteractionEnded(at=1e9, interaction_id=interaction, outcome="handled", ended_by="customer")
        )
    for person in (*PEOPLE, "stranger"):
        desk.on_fact(events.AgentStateChanged(at=1e9, agent_id=person, state="not_ready", previous="ready", since=1e9))
    assert not desk.calls._contacts
    assert not desk.calls._calls
    assert not hub.entities("waiting")
    assert not hub.entities("call")
    assert not desk.queues._waits_in
