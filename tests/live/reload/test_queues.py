"""Rules of queues changed under the feet of people who wait, ring, talk and wrap up."""

import asyncio
import time

from cti.desk import commands as ask
from cti.desk.views import IntervalView, QueueView
from cti.events import (
    AgentStateChanged,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    OfferEnded,
    OfferMade,
    SegmentEnded,
)
from tests.harness.desk import log_in
from tests.harness.house import House, until
from tests.harness.listening import CUT_S, longest_without
from tests.live.reload.reloading import change_flow, change_queue, change_settings, reload, reloaded

CUSTOMER, AGENT = 440, 1000
MOVES = (AgentStateChanged, InteractionQueued, OfferMade, OfferEnded, SegmentEnded, InteractionEnded)


def tile(house: House, name: str) -> QueueView | None:
    view = house.daemon.hub.entities("queues").get(name)
    assert view is None or isinstance(view, QueueView)
    return view


def figures(house: House) -> tuple[object, ...]:
    """Of the day, of every queue, and of the quarters of an hour."""
    house.daemon.desk.flush(time.time())
    hub = house.daemon.hub
    queues = [view for view in hub.entities("queues").values() if isinstance(view, QueueView)]
    quarters = [view for view in hub.entities("intervals").values() if isinstance(view, IntervalView)]
    return (
        {(q.name, q.offered_today, q.answered_today, q.abandoned_today, q.service_level_today) for q in queues},
        {(q.start, q.offered, q.answered, q.abandoned, q.within_target) for q in quarters},
    )


async def test_pain_11_a_reload_keeps_places_talks_wrap_ups_and_figures(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.agent("1002") as other,
        house.caller("13900000001") as talker,
        house.caller("13900000002") as done,
        house.caller("13900000003") as waiter,
    ):
        await done.play(CUSTOMER)
        await house.talk(done, other, "1002", digits="3")
        await done.hang_up()
        await house.wait(AgentStateChanged, agent_id="1002", state="wrap_up")
        await house.ask("1002", ask.ExtendWrapUp, seconds=300)
        wrap_up = house.daemon.engine.agent("1002")
        await talker.play(CUSTOMER)
        await agent.play(AGENT)
        talk = await house.talk(talker, agent)
        waiting = await house.enter_queue(waiter, count=3)
        await talker.wait_hears({AGENT})
        since, before = time.time(), figures(house)
        facts = len(house.facts)

        change_queue(house, "after_sales", ring_s=7, wrap_up_s=3, target_s=60)
        change_queue(house, "complaints", wrap_up_s=3)
        (line,) = await reloaded(house)
        assert line == (
            "2 queues changed: after_sales (ring_s 5 -> 7, wrap_up_s 30 -> 3, target_s 20 -> 60), "
            "complaints (wrap_up_s 30 -> 3)"
        )

        assert not [fact for fact in house.facts[facts:] if isinstance(fact, MOVES)]
        assert figures(house) == before
        (place,) = house.daemon.engine.waiting("after_sales")
        assert (place.interaction_id, place.queued_at) == (waiting.interaction_id, waiting.queued_at)
        still = house.daemon.engine.agent("1002")
        assert (still.state, still.since, still.until) == ("wrap_up", wrap_up.since, wrap_up.until)
        assert still.until is not None
        assert still.until > time.time() + 100
        await asyncio.sleep(1.0)
        assert longest_without(talker.call, AGENT, since, time.time()) < CUT_S
        assert longest_without(agent.call, CUSTOMER, since, time.time()) < CUT_S

        await talker.hang_up()  # from here on by the new rules
        segment = await house.wait(SegmentEnded, interaction_id=talk.interaction_id)
        short = await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        assert short.until is not None
        assert abs(short.until - short.at - 3) < 0.5
        connected = await house.wait(InteractionConnected, interaction_id=waiting.interaction_id)
        assert abs(connected.waited_s - (connected.at - waiting.queued_at)) < 0.5
        await waiter.hang_up()
        await house.wait(InteractionEnded, count=3)
    assert segment.ended_by == "customer"
    assert abs(segment.talk_s - (segment.at - talk.at)) < 0.1


async def test_a_caller_whom_nobody_fitted_is_offered_at_the_reload(house: House) -> None:
    change_queue(house, "after_sales", skills={"german": 5})
    (warning,) = [line for line in await reloaded(house) if line.startswith("warning")]
    assert warning.endswith("nobody has these skills at these levels, and no relaxation helps")
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        queued = await house.enter_queue(caller)
        await asyncio.sleep(1.0)
        assert not house.of(OfferMade)
        change_queue(house, "after_sales", relax=[{"after_s": 1, "skills": {"german": 0}}])
        assert (await reloaded(house))[0] == "1 queue changed: after_sales (relax)"
        assert house.of(OfferMade, interaction_id=queued.interaction_id)  # made before the reload was answered
        connected = await house.wait(InteractionConnected)
        assert abs(connected.waited_s - (connected.at - queued.queued_at)) < 0.5


async def test_a_ring_ends_as_it_began_and_the_next_by_the_new_rules(house: House) -> None:
    async with house.agent("1001") as silent, house.caller() as caller:
        await house.ready("1001")
        await house.enter_queue(caller)
        await silent.wait_call()
        offer = await house.wait(OfferMade)
        change_queue(house, "after_sales", ring_s=3, rona="ready", rest_s=1)
        await house.daemon.reload()  # a process of its own may come after the ring
        assert not house.of(OfferEnded)
        ended = await house.wait(OfferEnded, offer_id=offer.offer_id)
        assert (ended.reason, ended.at - offer.at > 4.9) == ("rona", True)
        again = await house.wait(OfferMade, count=2)
        ended = await house.wait(OfferEnded, offer_id=again.offer_id)
        assert 2.9 < ended.at - again.at < 4.9


async def test_a_changed_priority_puts_those_who_wait_in_a_new_order(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as first,
        house.caller("13900000002") as second,
    ):
        service = await house.enter_queue(first)
        operator = await house.enter_queue(second, digits="0", count=2)
        change_queue(house, "operator", priority=9)
        assert await reloaded(house) == ["1 queue changed: operator (priority 3 -> 9)"]
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        connected = await house.wait(InteractionConnected)
        assert (connected.interaction_id, connected.queue) == (operator.interaction_id, "operator")
        assert service.queued_at < operator.queued_at


async def test_a_broken_file_changes_nothing_and_says_where_it_is_broken(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        queued = await house.enter_queue(caller)
        rules, before = house.daemon.engine.queues(), len(house.facts)
        file = house.daemon.settings.root / "config" / "queues.yaml"
        good = file.read_text()
        change_queue(house, "operator", priority=9, way_out="queue:oprator")
        line = 1 + file.read_text().splitlines().index("    way_out: queue:oprator")
        ended = await reload(house)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == f"{file}:{line}: there is no queue 'oprator'\n"
        file.write_text(good.replace("priority: 3", "priority: high"))
        ended = await reload(house)
        assert (ended.code, ended.out) == (2, "")
        assert "expected a whole number, found 'high'" in ended.err
        assert house.daemon.engine.queues() == rules
        assert not [fact for fact in house.facts[before:] if isinstance(fact, MOVES)]
        file.write_text(good)
        assert await reloaded(house) == ["Nothing has changed."]
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        await house.wait(InteractionConnected, interaction_id=queued.interaction_id)


async def test_a_queue_that_is_taken_out_serves_who_waits_in_it_and_its_tile_goes_then(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as waiter,
    ):
        queued = await house.enter_queue(waiter, digits="0")
        change_flow(house, "queue: operator", "queue: after_sales")
        change_queue(house, "operator")
        lines = await reloaded(house)
        assert lines[0] == "1 queue removed: operator"
        assert "1 flow changed: after_sales" in lines
        assert "warning: agent 1001: there is no queue 'operator'" in lines
        await until(lambda: (view := tile(house, "operator")) is not None and view.waiting == 1, "its tile is there")
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        connected = await house.wait(InteractionConnected, interaction_id=queued.interaction_id)
        assert connected.queue == "operator"
        await until(lambda: tile(house, "operator") is None, "its tile is gone")
        await waiter.hang_up()
        await house.wait(InteractionEnded)
        async with house.caller("13900000002") as later:
            where = await house.enter_queue(later, digits="0", count=2)
            assert where.queue == "after_sales"
        change_queue(house, "operator", label={"zh": "总机", "en": "Operator"})
        assert (await reloaded(house))[0] == "1 queue added: operator"
        await until(lambda: (view := tile(house, "operator")) is not None and view.offered_today == 1, "its figures")
    assert house.of(InteractionQueued, queue="operator") == [queued]


async def test_not_ready_reasons_and_what_needs_a_restart(house: House) -> None:
    await house.ask("1001", ask.SignIn, phone="desk")
    change_settings(house, "web", {"public_origin": "https://desk.example.com"})
    change_settings(
        house, "not_ready_reasons", [{"code": "fire_drill", "label": {"zh": "消防演习", "en": "Fire drill"}}]
    )
    assert await reloaded(house) == [
        "1 not-ready reason added: fire_drill",
        "5 not-ready reasons removed: break, lunch, training, back_office, meeting",
        "At the next start only: web.public_origin.",
    ]
    await house.ask("1001", ask.NotReady, reason="fire_drill")
    await house.wait(AgentStateChanged, agent_id="1001", reason="fire_drill")
    async with log_in(house.daemon.url, "1001") as desk:
        codes = await desk.get("/api/v1/codes")
        assert [reason["code"] for reason in codes["not_ready_reasons"]] == ["fire_drill"]
    assert await reloaded(house) == ["Nothing has changed.", "At the next start only: web.public_origin."]
