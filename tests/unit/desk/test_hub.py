import asyncio
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cti.desk.audience import OF_QUEUE, PERSONAL, SHARED, WIDE_ONLY, Actor, visible
from cti.desk.hub import Hub, Subscription, SubscriptionClosed
from cti.desk.topics import TOPICS
from cti.desk.views import (
    AgentView,
    AnyView,
    Drop,
    InboxView,
    IntervalView,
    MeView,
    MinuteView,
    Put,
    QueueView,
    SentTextView,
    SystemView,
    TextView,
    WaitingView,
)
from cti.events import StateName
from cti.web import messages

ANNA = Actor(agent_id="anna", role="agent")
BEN = Actor(agent_id="ben", role="agent")
SUE = Actor(agent_id="sue", role="supervisor")
ADA = Actor(agent_id="ada", role="admin")
ACTORS = (ANNA, BEN, SUE, ADA)


def agent(name: str, customer: str = "", state: StateName = "ready") -> AgentView:
    return AgentView(
        agent_id=name,
        name=name.title(),
        extension="8001",
        state=state,
        reason="",
        since=1.0,
        until=None,
        reachable=True,
        queues=("sales",),
        interaction_id="i" if customer else "",
        customer=customer,
        queue="sales" if customer else "",
        phase="connected" if customer else "",
        supervised_by="sue" if customer else "",
        supervised_mode="listen" if customer else None,
        handled_today=3,
    )


def system(message: str) -> SystemView:
    return SystemView(link=True, demo=True, version="1", message=message)


def text(n: int) -> TextView:
    return TextView(text_id=str(n), at=n, sender="sue", sender_name="Sue", to="everybody", target="", text="x")


def entity(topic: str, n: int) -> AnyView:
    """Some entity of the right kind for `topic`; the hub asks for the type and for equality only."""
    samples: dict[str, Any] = {
        "agents": lambda: agent("x", customer=f"customer {n}", state="ready" if n % 2 else "busy"),
        "system": lambda: system(str(n)),
        "minutes": lambda: MinuteView(start=n, waiting={"sales": n}, states={"ready": n}),
        "texts": lambda: SentTextView(text=text(n), recipients=("anna", "ben"), read={"anna": float(n)}),
        "inbox": lambda: InboxView(texts=(text(n),)),
        "intervals": lambda: IntervalView(start=n, offered=n, answered=0, abandoned=0, within_target=0),
    }
    if topic in samples:
        made: AnyView = samples[topic]()
        return made
    blank: dict[Any, Any] = {int: n, float: float(n), bool: bool(n % 2), str: f"s{n}", dict[str, str]: {"en": "x"}}
    fields = msgspec.structs.fields(TOPICS[topic])
    values = {field.name: blank.get(field.type, () if "tuple" in str(field.type) else None) for field in fields}
    return TOPICS[topic](**values)  # type: ignore[return-value]


class Browser:
    """Applies what crosses the wire, as the browser application does, and insists on the sequence numbers."""

    def __init__(self) -> None:
        self.topics: dict[str, dict[str, Any]] = {}
        self.seq: int | None = None
        self.received: list[dict[str, Any]] = []

    def apply(self, raw: bytes) -> None:
        message = msgspec.json.decode(raw)
        self.received.append(message)
        if message["t"] == "snapshot":
            assert self.seq is None
            self.topics = message["topics"]
        elif message["t"] == "changes":
            assert self.seq is not None
            assert message["seq"] == self.seq + 1
            for change in message["changes"]:
                entities = self.topics.setdefault(change["topic"], {})
                if change["t"] == "put":
                    entities[change["key"]] = change["entity"]
                else:
                    entities.pop(change["key"], None)
        else:
            return
        self.seq = message["seq"]

    @property
    def state(self) -> dict[str, dict[str, Any]]:
        return {topic: entities for topic, entities in self.topics.items() if entities}


class Way:
    """To a browser that is sometimes slow."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.open = True

    def free(self) -> bool:
        return self.open

    def write(self, message: bytes) -> None:
        assert self.open
        self.browser.apply(message)


async def drain(hub: Hub, subscription: Subscription, browser: Browser) -> None:
    while True:
        try:
            async with asyncio.timeout(0):
                raws = await hub.next(subscription)
        except TimeoutError:
            return
        for raw in raws:
            browser.apply(raw)
        subscription.written()


SOON_S = 0.001
"""How often agents' browsers are told of the floor around them."""
KEYS = st.sampled_from(["anna", "ben", "sue", "k"])
STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(sorted(TOPICS)), KEYS, st.integers(0, 3)),
    st.tuples(st.just("drop"), st.sampled_from(sorted(TOPICS)), KEYS, st.just(0)),
    st.tuples(st.just("drain"), st.just(""), st.just(""), st.integers(0, 3)),
    st.tuples(st.just("turn"), st.just(""), st.just(""), st.just(0)),
    st.tuples(st.just("push"), st.just(""), st.just(""), st.just(0)),
    st.tuples(st.just("slow or quick"), st.just(""), st.just(""), st.integers(0, 3)),
    st.tuples(st.just("again"), st.just(""), st.just(""), st.integers(0, 3)),
)


@pytest.mark.parametrize("direct", [False, True])
@given(st.lists(STEPS, max_size=40))
def test_snapshot_and_changes_equal_a_fresh_snapshot(direct: bool, steps: list[tuple[str, str, str, int]]) -> None:
    """`direct`: the hub writes by itself while the way is free."""
    asyncio.run(_history(direct, steps))


async def _history(direct: bool, steps: list[tuple[str, str, str, int]]) -> None:
    hub = Hub(pace_s=SOON_S)

    def opened(actor: Actor) -> tuple[AbstractContextManager[Subscription], Subscription, Browser, Way]:
        browser = Browser()
        way = Way(browser)
        context = hub.subscribe(actor, way if direct else None)
        return context, context.__enter__(), browser, way

    open_ones = [opened(actor) for actor in ACTORS]
    for what, topic, key, n in steps:
        if what == "put":
            hub.put(topic, key, entity(topic, n))
        elif what == "drop":
            hub.drop(topic, key)
        elif what == "drain":
            await drain(hub, open_ones[n][1], open_ones[n][2])
        elif what == "turn":
            await asyncio.sleep(SOON_S / 3)
        elif what == "push":
            hub.push()
        elif what == "slow or quick":
            open_ones[n][3].open ^= True
        else:
            open_ones[n][0].__exit__(None, None, None)
            open_ones[n] = opened(ACTORS[n])
    await hub.settled()
    hub.push()
    for (_, subscription, browser, _), actor in zip(open_ones, ACTORS, strict=True):
        await drain(hub, subscription, browser)
        with hub.subscribe(actor) as fresh:
            other = Browser()
            await drain(hub, fresh, other)
        assert browser.state == other.state
        assert browser.state == msgspec.json.decode(msgspec.json.encode(hub.seen_by(actor)))


@pytest.mark.parametrize("actor", ACTORS)
def test_every_topic_stands_in_one_audience_table(actor: Actor) -> None:
    assert set(TOPICS) == PERSONAL | SHARED | WIDE_ONLY | OF_QUEUE
    assert not PERSONAL & SHARED
    assert not visible("salaries", actor.agent_id, actor)


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("actor", ACTORS)
async def test_a_browser_gets_exactly_what_is_visible_to_its_owner(topic: str, actor: Actor) -> None:
    hub = Hub(pace_s=SOON_S)
    before, during = Browser(), Browser()
    with hub.subscribe(actor) as early:
        await drain(hub, early, before)
        for key in ("anna", "ben", "sue", "ada", "k"):
            hub.put(topic, key, entity(topic, 1))
        await hub.settled()
        await drain(hub, early, before)
    with hub.subscribe(actor) as late:
        await drain(hub, late, during)
    expected = {key for key in ("anna", "ben", "sue", "ada", "k") if visible(topic, key, actor)}
    assert set(before.state.get(topic, {})) == expected
    assert set(during.state.get(topic, {})) == expected


async def test_an_agent_sees_nothing_of_a_colleagues_customer() -> None:
    hub = Hub()
    browser, board = Browser(), Browser()
    with hub.subscribe(ANNA) as anna, hub.subscribe(SUE) as sue:
        hub.put("agents", "ben", agent("ben", customer="张伟"))
        await drain(hub, anna, browser)
        await drain(hub, sue, board)
        hub.put("agents", "ben", agent("ben", customer="李娜"))
        await drain(hub, anna, browser)
        await drain(hub, sue, board)
    assert "张伟" not in str(browser.received)
    assert len(browser.received) == 1, "a change of hidden fields only is no change for an agent"
    assert board.state["agents"]["ben"]["customer"] == "李娜"


async def test_an_equal_entity_is_not_sent_again() -> None:
    hub = Hub()
    browser = Browser()
    with hub.subscribe(SUE) as sue:
        await drain(hub, sue, browser)
        hub.put("system", "daemon", system("up"))
        await drain(hub, sue, browser)
        hub.put("system", "daemon", system("up"))
        hub.drop("system", "nothing")
        await drain(hub, sue, browser)
    assert [message["t"] for message in browser.received] == ["snapshot", "changes"]


async def test_a_newer_change_replaces_one_that_still_waits() -> None:
    hub = Hub()
    browser = Browser()
    with hub.subscribe(SUE) as sue:
        await drain(hub, sue, browser)
        for n in range(100):
            hub.put("system", "daemon", system(str(n)))
        await drain(hub, sue, browser)
    assert [change["entity"]["message"] for change in browser.received[1]["changes"]] == ["99"]


async def test_pain_23_a_browser_that_cannot_keep_up_is_closed_and_takes_a_new_snapshot() -> None:
    hub = Hub(limit=10)
    with hub.subscribe(SUE) as sue:
        await hub.next(sue)
        for n in range(11):
            hub.put("agents", str(n), agent(str(n)))
        with pytest.raises(SubscriptionClosed, match="keep up"):
            await hub.next(sue)
    browser = Browser()
    with hub.subscribe(SUE) as sue:
        await drain(hub, sue, browser)
    assert len(browser.state["agents"]) == 11


async def test_an_entity_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="QueueView"):
        Hub().put("queues", "sales", system("x"))


async def test_frames_equal_what_the_message_structs_encode_to() -> None:
    hub = Hub(clock=lambda: 5.5)
    hub.put("system", "daemon", system("<img src=x onerror=alert(1)>\n\"'"))
    with hub.subscribe(SUE) as sue:
        (first,) = await hub.next(sue)
        queue = QueueView(
            name='a"b', label={"zh": "售后"}, waiting=1, oldest=None, ready=0, busy=0, signed_in=0, offered_today=0,
            answered_today=0, abandoned_today=0, service_level_today=0.5, target_s=20,
        )  # fmt: skip
        hub.put("queues", 'a"b', queue)
        hub.drop("system", "daemon")
        (second,) = await hub.next(sue)
    snapshot = messages.Snapshot(
        seq=1, at=5.5, role="supervisor", agent_id="sue", topics={**{t: {} for t in ("queues", "waiting", "agents")},
        **{t: {} for t in ("intervals", "minutes", "alarms", "texts", "tasks")},
        "system": {"daemon": system("<img src=x onerror=alert(1)>\n\"'")}},
    )  # fmt: skip
    assert msgspec.json.decode(first) == msgspec.json.decode(msgspec.json.encode(snapshot))
    changes = messages.Changes(seq=2, at=5.5, changes=(Put("queues", 'a"b', queue), Drop("system", "daemon")))
    assert second == msgspec.json.encode(changes)


async def test_flushed_waits_until_the_pop_is_written() -> None:
    hub = Hub()
    assert not await hub.flushed("anna", 0.01), "no browser is connected"
    with hub.subscribe(ANNA) as anna:
        await hub.next(anna)
        anna.written()
        assert await hub.flushed("anna", 0.01)
        hub.put("me", "anna", entity("me", 1))
        waiting = asyncio.create_task(hub.flushed("anna", 5))
        await asyncio.sleep(0)
        await hub.next(anna)
        await asyncio.sleep(0)
        assert not waiting.done(), "taken is not yet written"
        hub.put("me", "anna", entity("me", 2))
        anna.written()
        assert await waiting, "what came later is not waited for"
        assert not await hub.flushed("anna", 0.01), "the later one is still waiting"


async def test_flushed_gives_up_when_the_browser_goes_away() -> None:
    hub = Hub()
    with hub.subscribe(ANNA):
        waiting = asyncio.create_task(hub.flushed("anna", 5))
        await asyncio.sleep(0)
    assert not await waiting
    assert not hub.connected("anna")


async def test_a_notice_reaches_one_agent_only() -> None:
    hub = Hub()
    with hub.subscribe(ANNA) as anna, hub.subscribe(BEN) as ben:
        await hub.next(anna)
        await hub.next(ben)
        hub.notice("anna", "warning", "rona", "You did not answer.")
        (raw,) = await hub.next(anna)
        assert msgspec.json.decode(raw, type=messages.Notice).code == "rona"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hub.next(ben), 0.01)


async def test_disconnect_closes_the_browsers_of_one_agent() -> None:
    hub = Hub()
    with hub.subscribe(ANNA) as anna, hub.subscribe(SUE) as sue:
        hub.disconnect("anna", "logged out")
        with pytest.raises(SubscriptionClosed, match="logged out"):
            await hub.next(anna)
        assert await hub.next(sue)


def test_waiting_callers_are_for_the_board_and_for_who_works_in_their_queue() -> None:
    assert visible("waiting", "i", SUE)
    assert visible("waiting", "i", ANNA, queue="sales", own=("care", "sales"))
    assert not visible("waiting", "i", ANNA, queue="sales", own=("care",))
    assert not visible("waiting", "i", ANNA)


def waits(queue: str, number: str = "+8613900000001") -> WaitingView:
    whole = entity("waiting", 1)
    assert isinstance(whole, WaitingView)
    return replace(whole, queue=queue, number=number)


def works_in(*queues: str, absent_from: tuple[str, ...] = ()) -> MeView:
    me = entity("me", 1)
    assert isinstance(me, MeView)
    return replace(me, queues=queues, absent_from=absent_from)


async def test_an_agent_sees_who_waits_in_the_own_queues_and_no_whole_number() -> None:
    hub = Hub(pace_s=SOON_S)
    hub.put("me", "anna", works_in("sales", absent_from=("care",)))
    hub.put("waiting", "i1", waits("sales"))
    hub.put("waiting", "i2", waits("elsewhere"))
    with hub.subscribe(ANNA) as anna, hub.subscribe(BEN) as ben:
        seen, other = Browser(), Browser()
        await drain(hub, anna, seen)
        assert list(seen.state["waiting"]) == ["i1"]
        assert seen.state["waiting"]["i1"]["number"] == "+86…0001"
        hub.put("waiting", "i3", waits("care", "1001"))
        hub.put("waiting", "i1", waits("elsewhere"))  # moved to another queue
        await hub.settled()
        await drain(hub, anna, seen)
        assert {key: each["number"] for key, each in seen.state["waiting"].items()} == {"i3": "1001"}
        hub.put("waiting", "i4", waits("elsewhere"))
        hub.drop("waiting", "i4")
        hub.put("me", "anna", works_in("elsewhere"))
        await hub.settled()
        await drain(hub, anna, seen)
        assert set(seen.state["waiting"]) == {"i1", "i2"}
        await drain(hub, ben, other)
        assert not other.state.get("waiting")


async def test_who_leaves_a_queue_keeps_nobody_on_the_screen_who_has_just_left_it_too() -> None:
    hub = Hub(pace_s=SOON_S)
    hub.put("me", "anna", works_in("sales"))
    hub.put("waiting", "i1", waits("sales"))
    with hub.subscribe(ANNA) as anna:
        seen = Browser()
        await drain(hub, anna, seen)
        hub.drop("waiting", "i1")
        hub.put("me", "anna", works_in("care"))
        await hub.settled()
        await drain(hub, anna, seen)
        assert not seen.state.get("waiting")


def test_a_listener_is_told_what_is_there_and_every_change() -> None:
    hub = Hub()
    told: list[tuple[str, str, AnyView | None]] = []
    hub.put("system", "daemon", system("up"))
    hub.listen(lambda topic, key, entity: told.append((topic, key, entity)))
    hub.put("agents", "ben", agent("ben", customer="c"))
    hub.put("agents", "ben", agent("ben", customer="c"))
    hub.drop("agents", "ben")
    assert told == [
        ("system", "daemon", system("up")),
        ("agents", "ben", agent("ben", customer="c")),
        ("agents", "ben", None),
    ]


async def test_a_change_is_written_before_anything_else_is_done_unless_the_way_is_not_free() -> None:
    hub, browser = Hub(), Browser()
    way = Way(browser)
    with hub.subscribe(SUE, way) as sue:
        await drain(hub, sue, browser)
        hub.put("system", "daemon", system("one"))
        hub.put("system", "daemon", system("two"))
        hub.push()
        assert browser.state["system"]["daemon"]["message"] == "two"
        assert browser.seq == 2
        assert await hub.flushed("sue", 1), "what was pushed is on the wire"
        way.open = False
        hub.put("system", "daemon", system("three"))
        hub.push()
        assert browser.seq == 2
        (late,) = await hub.next(sue)
        way.open = True
        hub.put("system", "daemon", system("four"))
        hub.push()
        assert browser.seq == 2, "nothing overtakes what the writer holds"
        browser.apply(late)
        sue.written()
        await drain(hub, sue, browser)
        assert browser.state["system"]["daemon"]["message"] == "four"


async def test_what_nobody_pushes_follows_at_once() -> None:
    hub, browser = Hub(), Browser()
    with hub.subscribe(SUE, Way(browser)) as sue:
        await drain(hub, sue, browser)
        hub.put("system", "daemon", system("one"))
        await asyncio.sleep(0)
        assert browser.state["system"]["daemon"]["message"] == "one"
