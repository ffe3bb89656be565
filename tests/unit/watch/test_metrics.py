"""The figures: counted from facts, well named, bounded."""

import asyncio
import gc
import re
import time
from collections.abc import Iterable

import msgspec
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from cti.acd.interaction import InteractionState
from cti.ami.age import EventAge
from cti.ami.messages import Event
from cti.desk.views import AlarmView, QueueView
from cti.events import (
    AgentStateChanged,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    InteractionStarted,
    OfferEnded,
    Outcome,
    RecordingFailed,
    RecordingPublished,
    RecordingStarted,
    SegmentEnded,
    StateName,
)
from cti.store.writer import WriterStatus
from cti.watch import daemon_metrics, floor_metrics
from cti.watch.counts import FactCounts
from cti.watch.daemon_metrics import Disk, LinkClocks, Size
from cti.watch.histogram import Histogram
from cti.watch.pulse import TICK_S, Pulse, felt


def one_call(interaction: str = "i1", outcome: Outcome = "handled") -> list[Fact]:
    return [
        InteractionStarted(
            at=1, interaction_id=interaction, medium="voice", channel="c", linkedid="c",
            customer_number="+8613900000001", caller_name="李四", dialled="4000",
        ),
        OfferEnded(at=3, interaction_id=interaction, offer_id="o", agent_id="1001", reason="answered"),
        InteractionConnected(at=3, interaction_id=interaction, agent_id="1001", segment=1, queue="sales", waited_s=7),
        RecordingStarted(at=3, interaction_id=interaction, file="x.raw", channel="c"),
        SegmentEnded(
            at=40, interaction_id=interaction, agent_id="1001", segment=1, talk_s=37, hold_s=0, ended_by="customer"
        ),
        InteractionEnded(at=40, interaction_id=interaction, outcome=outcome, ended_by="customer"),
    ]  # fmt: skip


def fed(facts: Iterable[Fact]) -> FactCounts:
    counts = FactCounts()
    for fact in facts:
        counts.on_fact(fact)
    return counts


class _Collector:
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> list[Metric]:
        return self._metrics


def read(metrics: Iterable[Metric]) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a scrape gives: (name, labels) -> value."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(metrics))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }


def test_a_call_is_counted_by_what_came_of_it() -> None:
    found = read(floor_metrics.counted(fed([*one_call(), *one_call("i2", "abandoned")])))
    assert found["laidian_interactions_started_total", (("direction", "in"), ("medium", "voice"))] == 2
    assert found["laidian_interactions_ended_total", (("outcome", "handled"),)] == 1
    assert found["laidian_interactions_ended_total", (("outcome", "abandoned"),)] == 1
    assert found["laidian_interactions_ended_total", (("outcome", "failed"),)] == 0  # a rate needs a value before
    assert found["laidian_offers_ended_total", (("end", "answered"),)] == 2
    assert found["laidian_queue_wait_seconds_bucket", (("le", "5.0"), ("queue", "sales"))] == 0
    assert found["laidian_queue_wait_seconds_bucket", (("le", "10.0"), ("queue", "sales"))] == 2
    assert found["laidian_queue_wait_seconds_sum", (("queue", "sales"),)] == 14
    assert found["laidian_talk_seconds_count", ()] == 2


def test_a_recording_is_pending_from_the_end_of_the_call_until_it_is_published_or_failed() -> None:
    counts = fed(one_call()[:4])
    assert counts.recordings_pending == 0
    for fact in (*one_call()[4:], *one_call("i2")):
        counts.on_fact(fact)
    assert counts.recordings_pending == 2
    counts.on_fact(RecordingFailed(at=50, interaction_id="i2", reason="disk"))
    published = RecordingPublished(
        at=51, interaction_id="i1", path="a", started_at=3, duration_s=1, size=1, sha256="", channels=2
    )
    counts.on_fact(published)
    assert (counts.recordings_pending, counts.published, counts.failed) == (0, 1, 1)
    counts.on_fact(RecordingStarted(at=60, interaction_id="i3", file="x", channel="c"))
    counts.on_fact(msgspec.structs.replace(published, interaction_id="i3"))
    counts.on_fact(InteractionEnded(at=61, interaction_id="i3", outcome="voicemail", ended_by="customer"))
    assert counts.recordings_pending == 0  # published before the end was told


def test_a_missed_call_and_an_overflow_are_counted() -> None:
    def state(now: StateName, before: StateName) -> AgentStateChanged:
        return AgentStateChanged(at=1, agent_id="1", state=now, previous=before, reason="rona", since=1)

    overflow = InteractionOverflowed(at=1, interaction_id="i", queue="sales", why="nobody", way_out="voicemail")
    counts = fed(
        [state("not_ready", "offered"), state("not_ready", "not_ready"), state("ready", "not_ready"), overflow]
    )
    assert counts.missed == 1
    assert counts.overflows == {("sales", "nobody"): 1}


def test_queues_and_alarms_are_as_on_the_board() -> None:
    view = QueueView(
        name="sales", label={}, waiting=2, oldest=90.0, ready=1, busy=2, signed_in=4, offered_today=9, answered_today=5,
        abandoned_today=1, service_level_today=0.5, target_s=20, overflowed_today=1, within_today=3,
    )  # fmt: skip
    alarm = AlarmView(alarm_id="a", queue="sales", kind="waiting", level="warn", value=2, limit=2, since=1)
    found = read([*floor_metrics.queues([view], 100.0), *floor_metrics.alarms([alarm])])
    of = (("queue", "sales"),)
    assert found["laidian_queue_waiting", of] == 2
    assert found["laidian_queue_longest_wait_seconds", of] == 10
    assert found["laidian_queue_service_level_ratio", of] == 0.5
    assert found["laidian_queue_calls_today", (*of, ("result", "within"))] == 3
    assert found["laidian_queue_agents", (*of, ("state", "ready"))] == 1
    assert found["laidian_alarms", (("kind", "waiting"), ("level", "warn"))] == 1
    assert found["laidian_alarms", (("kind", "waiting"), ("level", "alarm"))] == 0


class _Link:
    connected, sessions, asterisk_version = True, 2, "22.10.0"

    def __init__(self) -> None:
        self.age = EventAge()


class _Broker:
    connected, waiting, dropped = True, 1, 2


def test_the_age_of_events_and_the_round_trip_of_pings_are_heard_where_they_are_measured() -> None:
    link = _Link()
    clocks = LinkClocks(link.age)
    link.age.set_clock(Event({"Timestamp": "100.0"}), 99.99, 100.01)
    link.age.observe(Event({"Event": "Hangup", "Timestamp": "99.0"}), 100.0)
    link.age.observe(Event({"Event": "Hangup"}), 100.0)  # without a stamp nothing is learnt
    found = read(daemon_metrics.ami({"a": link}, {"a": clocks}))
    of = (("node", "a"),)
    assert found["laidian_event_age_seconds_count", of] == 1
    assert found["laidian_event_age_seconds_sum", of] == pytest.approx(1.0)
    assert found["laidian_ami_round_trip_seconds_sum", of] == pytest.approx(0.02)
    assert found["laidian_ami_sessions_total", of] == 2


def every_family() -> list[Metric]:
    link = _Link()
    return [
        *floor_metrics.counted(fed(one_call())),
        *floor_metrics.agents([], 3),
        *floor_metrics.interactions([InteractionState.QUEUED, InteractionState.ENDED]),
        *floor_metrics.queues([], 0),
        *floor_metrics.alarms([]),
        *floor_metrics.door(strain=0.5, shut=False, refused=3),
        *daemon_metrics.build("1", "3", [link]),
        *daemon_metrics.ami({"a": link}, {"a": LinkClocks(link.age)}),
        *daemon_metrics.sizes(Size(channels=1, bridges=1, agi_connections=1, tasks=1, threads=1)),
        *daemon_metrics.agi(1),
        *daemon_metrics.browsers(2, 1),
        *daemon_metrics.books(WriterStatus(waiting=1, stored=2, refused=0, away=True)),
        *daemon_metrics.mqtt(_Broker()),
        *daemon_metrics.pulse(Pulse()),
        *daemon_metrics.disks({"spool": Disk(free=1, size=2)}),
    ]


def test_names_follow_the_conventions_of_prometheus() -> None:
    found = every_family()
    names = [metric.name for metric in found]
    assert len(set(names)) == len(names)
    for metric in found:
        assert re.fullmatch(r"laidian_[a-z_]+", metric.name)
        assert metric.documentation.endswith((".", "1"))
        assert not metric.name.endswith(("_total", "_count", "_sum", "_ms", "_percent"))
        if metric.type == "histogram":
            assert metric.name.endswith("_seconds")
    assert read(found)["laidian_agents", (("state", "logged_out"),)] == 3


def test_no_label_holds_a_person_or_a_number() -> None:
    samples = [sample for metric in every_family() for sample in metric.samples]
    assert {label for sample in samples for label in sample.labels} <= {
        "medium", "direction", "outcome", "end", "queue", "why", "le", "state", "result", "kind", "level", "node",
        "version", "python", "asterisk", "folder", "generation",
    }  # fmt: skip
    values = {value for sample in samples for value in sample.labels.values()}
    assert not values & {"1001", "+8613900000001", "李四", "i1"}


async def test_the_pulse_sees_a_loop_that_is_held_up_and_the_garbage_collector() -> None:
    async with felt() as pulse:
        await asyncio.sleep(TICK_S * 2)
        time.sleep(0.3)  # noqa: ASYNC251 - to hold the loop up
        await asyncio.sleep(TICK_S * 2)
        before = pulse.pauses[2].count
        gc.collect()
        assert pulse.pauses[2].count == before + 1
    late = dict(pulse.lag.buckets())
    assert late["+Inf"] - late["0.1"] >= 1
    assert pulse.on_collection not in gc.callbacks


def test_a_histogram_counts_up_to_and_with_its_bounds() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.observe(value)
    assert histogram.buckets() == [("1.0", 2), ("2.0", 3), ("+Inf", 4)]
    assert (histogram.count, histogram.total) == (4, 12)
