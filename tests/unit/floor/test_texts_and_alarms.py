"""Texts to those who work here and alarms of the queues, on a whole floor."""

from msgspec.structs import replace

from cti.desk import commands as ask
from cti.desk.alarms import AlarmLimit, AlarmRules
from cti.desk.views import AlarmView, InboxView, QueueView, SentTextView
from cti.events import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    CommandAudited,
    TextRead,
    TextSent,
)
from tests.unit.floor.shop import Shop


def inbox(shop: Shop, agent_id: str) -> list[tuple[str, str]]:
    view = shop.hub.entities("inbox").get(agent_id)
    return [(text.sender, text.text) for text in view.texts] if isinstance(view, InboxView) else []


def test_a_text_to_a_queue_reaches_its_agents_who_are_there_and_each_confirms_it(shop: Shop) -> None:
    shop.sign_in("1001", "1002", "1003", "2001")
    assert not shop.ask("2001", ask.SendText, to="queue", target="sales", text="  Say hello\n")
    (sent,) = shop.of(TextSent)
    assert set(sent.recipients) == {"1001", "1002"}
    assert inbox(shop, "1001") == [("2001", "Say hello")]
    assert inbox(shop, "1003") == []
    assert not shop.ask("1001", ask.ReadText, text_id=sent.text_id)
    assert not shop.ask("1001", ask.ReadText, text_id=sent.text_id)
    assert [read.agent_id for read in shop.of(TextRead)] == ["1001"]
    assert (inbox(shop, "1001"), inbox(shop, "1002")) == ([], [("2001", "Say hello")])
    view = shop.hub.entities("texts")[sent.text_id]
    assert isinstance(view, SentTextView)
    assert set(view.read) == {"1001"}
    assert [(a.command, a.subject, a.detail) for a in shop.of(CommandAudited)] == [("text.send", "sales", "Say hello")]


def test_an_answer_goes_to_whoever_asked_and_confirms_the_text(shop: Shop) -> None:
    shop.sign_in("1001", "2001")
    assert not shop.ask("2001", ask.SendText, to="agent", target="1001", text="Can you stay till six?")
    asked = shop.of(TextSent)[0].text_id
    assert not shop.ask("1001", ask.ReplyToText, text_id=asked, text="Yes")
    assert (inbox(shop, "1001"), inbox(shop, "2001")) == ([], [("1001", "Yes")])
    assert shop.of(TextSent)[1].reply_to == asked
    assert "unread text" in shop.ask("1001", ask.ReplyToText, text_id=asked, text="Yes, really")
    assert "unread text" in shop.ask("1002", ask.ReplyToText, text_id=asked, text="Me too")


def test_a_text_that_nobody_could_read_is_refused(shop: Shop) -> None:
    assert shop.ask("2001", ask.SendText, to="everybody", text="Hello?") == (
        "nobody is signed in there who could read it"
    )
    assert "there is no queue" in shop.ask("2001", ask.SendText, to="queue", target="nowhere", text="x").lower()
    assert "9999" in shop.ask("2001", ask.SendText, to="agent", target="9999", text="x")
    assert shop.ask("2001", ask.SendText, to="agent", target="1001", text="  \n") == "a text needs words"
    assert not shop.of(TextSent)
    assert not shop.ask("2001", ask.SendText, to="agent", target="1001", text="for tomorrow")
    assert inbox(shop, "1001") == [("2001", "for tomorrow")]


def watched(shop: Shop, *limits: AlarmLimit) -> None:
    rules = AlarmRules(limits=limits, clear_after_s=10)
    shop.rules.cares = {**shop.rules.cares, "sales": replace(shop.rules.care("sales"), alarms=rules)}


def look(shop: Shop, seconds: int) -> None:
    for _ in range(seconds):
        shop.run(1)
        shop.inside(shop.floor.alarms.look)


def test_a_caller_who_waits_too_long_rings_once_is_acknowledged_and_cleared(shop: Shop) -> None:
    watched(shop, AlarmLimit(kind="longest_wait", warn=20, alarm=40))
    channel = shop.call()
    look(shop, 45)
    assert [(fact.level, fact.limit) for fact in shop.of(AlarmRaised)] == [("warn", 20), ("alarm", 40)]
    alarm_id = shop.of(AlarmRaised)[0].alarm_id
    shop.desk.flush()
    tile = shop.hub.entities("queues")["sales"]
    assert isinstance(tile, QueueView)
    assert tile.trouble == "alarm"
    assert not shop.ask("2001", ask.AcknowledgeAlarm, alarm_id=alarm_id)
    view = shop.hub.entities("alarms")[alarm_id]
    assert isinstance(view, AlarmView)
    assert view.acknowledged_by == "2001"
    shop.hang_up(channel)
    look(shop, 8)
    assert not shop.of(AlarmCleared)
    look(shop, 4)
    assert [fact.alarm_id for fact in shop.of(AlarmCleared)] == [alarm_id]
    assert not shop.hub.entities("alarms")
    assert "alarm" in shop.ask("2001", ask.AcknowledgeAlarm, alarm_id=alarm_id)
    assert [fact.agent_id for fact in shop.of(AlarmAcknowledged)] == ["2001"]


def test_nobody_ready_rings_until_somebody_is(shop: Shop) -> None:
    watched(shop, AlarmLimit(kind="nobody_ready", alarm=30))
    look(shop, 29)
    assert not shop.of(AlarmRaised)
    look(shop, 3)
    assert [fact.kind for fact in shop.of(AlarmRaised)] == ["nobody_ready"]
    shop.sign_in("1001")
    look(shop, 12)
    assert shop.of(AlarmCleared)
    look(shop, 40)
    assert len(shop.of(AlarmRaised)) == 1


def test_an_alarm_goes_on_after_a_restart(shop: Shop) -> None:
    watched(shop, AlarmLimit(kind="longest_wait", alarm=5))

    class Row:
        alarm_id, queue, kind, level, worst = "sales-1", "sales", "longest_wait", "alarm", "alarm"
        value, limit, raised_at, acknowledged_by, acknowledged_at = 9.0, 5.0, 1.0, "2001", 3.0

    shop.inside(shop.floor.alarms.resume, [Row()])
    view = shop.hub.entities("alarms")["sales-1"]
    assert isinstance(view, AlarmView)
    assert (view.since, view.acknowledged_by) == (1.0, "2001")
    assert not shop.of(AlarmRaised)
    look(shop, 12)
    assert [fact.alarm_id for fact in shop.of(AlarmCleared)] == ["sales-1"]
