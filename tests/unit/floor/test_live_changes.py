"""What supervisors and agents change while calls go on counts at once, is kept, and is refused in a sentence."""

import pytest

from cti.acd import events as acd
from cti.acd.queue import QueueRules
from cti.desk import commands as ask
from cti.desk.commands import AnyCommand
from cti.desk.views import AgentView, MeView, WaitingView
from cti.events import CommandAudited, InteractionEnded, InteractionPrioritised, InteractionQueued, OfferMade
from cti.floor.ticket import read_ticket
from tests.unit.floor.shop import QUEUES, Shop


def interaction(shop: Shop, channel: str) -> str:
    return shop.floor.conversations.by_channel[channel].interaction_id


def me(shop: Shop, agent_id: str) -> MeView:
    view = shop.hub.entities("me")[agent_id]
    assert isinstance(view, MeView)
    return view


def test_who_leaves_a_queue_gets_none_of_its_calls_and_who_joins_is_offered_what_waits(shop: Shop) -> None:
    shop.sign_in("1001")
    assert not shop.ask("1001", ask.LeaveQueue, queue="sales")
    assert (me(shop, "1001").queues, me(shop, "1001").absent_from) == (("care", "rush"), ("sales",))
    shop.call()
    assert not shop.of(OfferMade)
    assert shop.state("1001") == "ready"
    assert not shop.ask("1001", ask.JoinQueue, queue="sales")
    assert [offer.agent_id for offer in shop.of(OfferMade)] == ["1001"]
    assert me(shop, "1001").absent_from == ()
    assert shop.people.kept["1001"] == {"absent_from": ()}
    assert [(f.command, f.subject, f.detail) for f in shop.of(CommandAudited)] == [
        ("queue.leave", "1001", "sales"),
        ("queue.join", "1001", "sales"),
    ]


def test_a_queue_that_was_left_stays_left_through_signing_in_again_and_a_reload(shop: Shop) -> None:
    shop.sign_in("1001")
    assert not shop.ask("1001", ask.LeaveQueue, queue="sales")
    assert not shop.ask("1001", ask.SignOut)
    shop.roster.add(shop.roster.member("1001").configured, "agent")
    shop.sign_in("1001")
    shop.call()
    assert not shop.of(OfferMade)


def test_nobody_joins_a_queue_that_is_not_theirs(shop: Shop) -> None:
    shop.sign_in("1002")
    assert "not one of your queues" in shop.ask("1002", ask.JoinQueue, queue="care")
    assert shop.people.kept == {}


def test_what_cannot_be_stored_is_not_done(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.people.away = True
    assert shop.ask("1001", ask.LeaveQueue, queue="sales") == "the database is away"
    assert shop.ask("2001", ask.Assign, agent_id="1001", queues=()) == "the database is away"
    shop.call()
    assert [offer.agent_id for offer in shop.of(OfferMade)] == ["1001"]


def test_a_skill_that_is_raised_brings_the_caller_who_waits_for_it_at_once(shop: Shop) -> None:
    rules = QueueRules(name="sales", skills={"zh": 5})
    shop.inside(shop.floor.feed, acd.QueueRulesChanged(rules=(rules, QUEUES[1])))
    shop.sign_in("1002")
    shop.call()
    assert not shop.of(OfferMade)
    assert not shop.ask("2001", ask.Assign, agent_id="1002", skills={"zh": 4})
    assert not shop.of(OfferMade)
    assert not shop.ask("2001", ask.Assign, agent_id="1002", skills={"zh": 5}, groups=("experts",))
    assert [offer.agent_id for offer in shop.of(OfferMade)] == ["1002"]
    assert shop.people.kept["1002"] == {"skills": {"zh": 5}, "groups": ("experts",)}
    view = shop.hub.entities("agents")["1002"]
    assert isinstance(view, AgentView)
    assert (view.skills, view.groups, view.queues) == ({"zh": 5}, ("experts",), ("sales", "rush"))
    audited = shop.of(CommandAudited)[-1]
    assert (audited.command, audited.actor, audited.detail) == (
        "agent.assign",
        "2001",
        "queues sales, rush; skills zh 5; groups experts",
    )


def test_queues_that_are_assigned_and_taken_away_count_at_once_and_keep_what_rings(shop: Shop) -> None:
    shop.sign_in("1002")
    shop.call()
    shop.answer("1002")
    assert not shop.ask("2001", ask.Assign, agent_id="1002", queues=("care",))
    assert shop.state("1002").startswith("busy")
    assert not shop.ask("1002", ask.LeaveQueue, queue="care")
    assert not shop.ask("2001", ask.Assign, agent_id="1002", queues=("sales", "care"))
    assert (me(shop, "1002").queues, me(shop, "1002").absent_from) == (("sales",), ("care",))
    assert shop.ask("2001", ask.Assign, agent_id="1002", queues=("nowhere",)) == "there is no queue nowhere"
    assert shop.ask("2001", ask.Assign, agent_id="1002", tiers={"nowhere": 1}) == "there is no queue nowhere"
    assert shop.ask("2001", ask.Assign, agent_id="nobody", queues=()) == "there is no agent nobody"


@pytest.mark.parametrize("ageing", [0.0, 6.0])
def test_who_is_brought_to_the_front_is_served_next_and_only_as_much_as_needed(shop: Shop, ageing: float) -> None:
    rules = QueueRules(name="sales", ageing=ageing)
    shop.inside(shop.floor.feed, acd.QueueRulesChanged(rules=(rules, QUEUES[1])))
    first, _, third = shop.call(20), shop.call(20), shop.call(20)
    assert not shop.ask("2001", ask.Prioritise, interaction_id=interaction(shop, first), priority=2)
    assert not shop.ask("2001", ask.Prioritise, interaction_id=interaction(shop, third))
    place = shop.floor.conversations.by_channel[third].place
    assert place is not None
    assert place.priority in ({3} if not ageing else {6, 7})  # some 40 s later at 6 points a minute
    assert shop.floor.engine.position(interaction(shop, third)) == 1
    view = shop.hub.entities("waiting")[interaction(shop, third)]
    assert isinstance(view, WaitingView)
    assert view.priority == place.priority
    shop.sign_in("1001")
    assert [offer.interaction_id for offer in shop.of(OfferMade)] == [interaction(shop, third)]
    assert [fact.priority for fact in shop.of(InteractionPrioritised)] == [2, place.priority]
    assert not shop.ask("2001", ask.Prioritise, interaction_id=interaction(shop, third))  # while it rings
    view = shop.hub.entities("waiting")[interaction(shop, third)]
    assert isinstance(view, WaitingView)
    assert view.offered_to == "1001"


def test_who_is_moved_is_offered_there_at_once_with_the_time_waited_so_far(shop: Shop) -> None:
    shop.sign_in("1003")
    channel = shop.call(30)
    moved = interaction(shop, channel)
    before = shop.of(InteractionQueued)[-1]
    assert not shop.ask("2001", ask.MoveToQueue, interaction_id=moved, queue="care")
    (made,) = shop.of(OfferMade)
    assert (made.agent_id, made.queue) == ("1003", "care")
    assert made.waited_s == pytest.approx(30, abs=1)
    assert shop.of(InteractionQueued)[-1].queued_at == before.queued_at
    assert shop.ask("2001", ask.MoveToQueue, interaction_id=moved, queue="sales").startswith("an agent's phone is ring")
    shop.run(0.5)
    ticket = read_ticket(shop.exchange.channels[channel].variables.get("LD_PLACE"))
    assert ticket is not None
    assert (ticket.queue, ticket.queued_at) == ("care", before.queued_at)
    shop.answer("1003")
    shop.hang_up(channel)
    shop.run(30)
    assert [end.outcome for end in shop.of(InteractionEnded)] == ["handled"]
    assert shop.complaints() == []


def test_what_cannot_be_moved_is_refused_in_a_sentence(shop: Shop) -> None:
    waiting = interaction(shop, shop.call())
    commands: list[tuple[type[AnyCommand], dict[str, str], str]] = [
        (ask.MoveToQueue, {"interaction_id": waiting, "queue": "sales"}, "this caller waits in that queue already"),
        (ask.MoveToQueue, {"interaction_id": waiting, "queue": "nowhere"}, "there is no queue nowhere"),
        (ask.MoveToQueue, {"interaction_id": "gone", "queue": "care"}, "this call is over"),
        (ask.Prioritise, {"interaction_id": "gone"}, "this call is over"),
    ]
    for command, arguments, sentence in commands:
        assert shop.ask("2001", command, **arguments) == sentence
    shop.sign_in("1001")
    shop.run(1)
    shop.answer("1001", 2)
    assert shop.ask("2001", ask.Prioritise, interaction_id=waiting) == "this caller does not wait any more"


def test_a_pause_keeps_its_reason_and_its_clock_when_the_page_is_loaded_again(shop: Shop) -> None:
    shop.sign_in("1001")
    assert not shop.ask("1001", ask.NotReady, reason="lunch")
    began = me(shop, "1001").since
    shop.run(120)
    assert not shop.ask("1001", ask.SignIn, phone="desk")
    assert not shop.ask("1001", ask.NotReady, reason="lunch")
    assert (me(shop, "1001").state, me(shop, "1001").reason, me(shop, "1001").since) == ("not_ready", "lunch", began)
