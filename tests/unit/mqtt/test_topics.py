import inspect
from typing import Any

import msgspec
import pytest

from cti import events
from cti.desk.views import AgentView, QueueView
from cti.events import AgentStateChanged, CommandAudited, Fact, InteractionStarted, LinkLost, OfferMade
from cti.mqtt import topics
from cti.mqtt.outbox import Outbox, Outgoing

ALL_FACTS = [
    kind
    for kind in vars(events).values()
    if inspect.isclass(kind)
    and issubclass(kind, Fact)
    and kind
    not in {Fact, events.ChannelFact, events.InteractionFact, events.PartyFact, events.AlarmFact, events.DialFact}
]


def sample(kind: type[Fact], **given: Any) -> Fact:
    """A fact with something of the right type in every field."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.required:
            text = str(field.type)
            values[field.name] = {"float": 1.0, "int": 1, "bool": True}.get(getattr(field.type, "__name__", ""), "x")
            if "Literal" in text:
                values[field.name] = field.type.__args__[0]
    return kind(**{**values, **given})


@pytest.mark.parametrize("kind", ALL_FACTS)
def test_every_fact_has_a_topic_or_is_left_out_on_purpose(kind: type[Fact]) -> None:
    topic = topics.topic_of("demo", sample(kind))
    if issubclass(kind, topics.NOT_PUBLISHED):
        assert topic is None
    else:
        assert topic is not None
        assert topic.startswith("laidian/v1/demo/")
        assert len(topic.split("/")) == 6
        assert len(topic.encode()) < 65_536


def test_topics_of_interactions_agents_and_the_audit() -> None:
    assert topics.topic_of("demo", sample(InteractionStarted, interaction_id="i1")) == (
        "laidian/v1/demo/interaction/i1/started"
    )
    assert topics.topic_of("demo", sample(AgentStateChanged, agent_id="anna")) == (
        "laidian/v1/demo/agent/anna/state_changed"
    )
    audited = sample(CommandAudited, actor="", command="GET /api/v1/audit")
    assert topics.topic_of("demo", audited) == "laidian/v1/demo/audit/-/GET %2Fapi%2Fv1%2Faudit"
    assert topics.topic_of("demo", LinkLost(at=1, reason="")) == "laidian/v1/demo/daemon/asterisk/link_lost"


@pytest.mark.parametrize("nasty", ["#", "+", "a/b", "a\0b", "", "a\nb", "$SYS"])
def test_no_id_can_become_a_wildcard_or_another_level(nasty: str) -> None:
    topic = topics.topic_of("demo", sample(AgentStateChanged, agent_id=nasty))
    assert topic is not None
    assert len(topic.split("/")) == 6
    assert not set("#+\0\n") & set(topic)


def test_a_payload_carries_schema_id_type_and_the_whole_fact() -> None:
    fact = sample(InteractionStarted, caller_name="张伟", at=5.5)
    payload = msgspec.json.decode(topics.payload_of(fact, "r-1"))
    assert payload["schema"] == 1
    assert payload["id"] == "r-1"
    assert payload["type"] == "InteractionStarted"
    assert payload["caller_name"] == "张伟"
    del payload["schema"], payload["id"]
    assert msgspec.convert(payload, InteractionStarted) == fact


def test_an_offer_expires_with_its_ringing() -> None:
    assert topics.expires_after_s(sample(OfferMade, at=100.0, ring_until=120.0)) == 20
    assert topics.expires_after_s(sample(OfferMade, at=100.0, ring_until=90.0)) == 1
    assert topics.expires_after_s(sample(LinkLost)) is None


AGENT = AgentView(
    agent_id="anna",
    name="Anna",
    extension="8001",
    state="busy",
    reason="",
    since=1.0,
    until=None,
    reachable=True,
    queues=("sales",),
    interaction_id="i1",
    customer="张伟",
    queue="sales",
    phase="connected",
    supervised_by="sue",
    supervised_mode="listen",
    handled_today=1,
)
QUEUE = QueueView(
    name="sales",
    label={"en": "Sales"},
    waiting=2,
    oldest=1.0,
    ready=0,
    busy=1,
    signed_in=1,
    offered_today=3,
    answered_today=1,
    abandoned_today=0,
    service_level_today=0.5,
    target_s=20,
)


def test_retained_states_say_nothing_of_customers() -> None:
    raw = topics.state_payload(AGENT)
    assert raw is not None
    assert "张伟" not in raw.decode()
    assert b"sue" not in raw
    assert msgspec.json.decode(raw)["state"] == "busy"
    queue = topics.state_payload(QUEUE)
    assert queue is not None
    assert msgspec.json.decode(queue)["waiting"] == 2
    assert topics.state_topic("demo", "call", "anna") is None
    assert topics.state_topic("demo", "queues", "sales") == "laidian/v1/demo/queue/sales/state"


# --- outbox ---


def numbered(n: int) -> Outgoing:
    return Outgoing(topic="t", payload=str(n).encode())


def test_the_oldest_facts_are_dropped_and_counted() -> None:
    outbox = Outbox(limit=3)
    for n in range(5):
        outbox.fact(numbered(n))
    assert outbox.dropped == 2
    assert [message.payload for message in outbox.take(10)] == [b"2", b"3", b"4"]


def test_a_batch_that_was_not_sent_is_taken_again() -> None:
    outbox = Outbox()
    for n in range(4):
        outbox.fact(numbered(n))
    first = outbox.take(2)
    assert outbox.take(2) == first
    outbox.sent()
    assert [message.payload for message in outbox.take(2)] == [b"2", b"3"]
    outbox.sent()
    assert outbox.take(2) == ()
    assert outbox.waiting == 0


def test_of_a_state_only_the_latest_is_sent_and_all_again_after_a_reconnect() -> None:
    outbox = Outbox()
    outbox.state("a", b"1")
    outbox.state("a", b"2")
    outbox.state("b", b"3")
    assert [(m.topic, m.payload, m.retain) for m in outbox.take(10)] == [("a", b"2", True), ("b", b"3", True)]
    outbox.sent()
    outbox.state("a", b"2")
    assert outbox.take(10) == (), "nothing changed"
    outbox.state("b", b"")
    outbox.connected()
    assert {(m.topic, m.payload) for m in outbox.take(10)} == {("a", b"2"), ("b", b"")}
    outbox.sent()
    outbox.connected()
    assert [m.topic for m in outbox.take(10)] == ["a"], "a state that is gone is not sent again"
