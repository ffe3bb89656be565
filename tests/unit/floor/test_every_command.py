"""All commands of call control against every call that an agent may not act on: refused, and nothing changes."""

from typing import Any

import pytest

from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.errors import Conflict, CtiError, Forbidden, NotFound
from cti.web.commands import check_role
from tests.unit.floor.shop import Shop

ARGUMENTS: dict[type[ask.Command], dict[str, Any]] = {
    ask.Decline: {},
    ask.HangUp: {},
    ask.Hold: {},
    ask.Resume: {},
    ask.Transfer: {"kind": "queue", "target": "care"},
    ask.AnswerCall: {},
    ask.Mute: {"on": True},
    ask.SendDigits: {"digits": "1"},
    ask.Consult: {"kind": "agent", "target": "1003"},
    ask.Swap: {},
    ask.CompleteTransfer: {},
    ask.CancelConsult: {},
    ask.Conference: {},
    ask.DropParty: {"party_id": "1"},
    ask.LeaveConference: {},
    ask.SendToFlow: {"flow": "card_number"},
    ask.FetchFromFlow: {},
    ask.PauseRecording: {},
    ask.ResumeRecording: {},
    ask.StartRecording: {},
}
WRONG_WHILE_RINGING = set(ARGUMENTS) - {ask.Decline, ask.HangUp, ask.AnswerCall}
WRONG_WHILE_TALKING = (
    ask.Decline,
    ask.AnswerCall,
    ask.Resume,
    ask.Swap,
    ask.CompleteTransfer,
    ask.CancelConsult,
    ask.Conference,
    ask.LeaveConference,
    ask.FetchFromFlow,
    ask.ResumeRecording,
    ask.StartRecording,
)
EACH = pytest.mark.parametrize("command", ARGUMENTS, ids=lambda one: one.__name__)


def refused(shop: Shop, who: str, command: type[ask.Command], interaction: str) -> CtiError:
    """How; and that no order went out, no fact, no change of the screens."""
    actor = Actor(agent_id=who, role=shop.roster.member(who).role)
    asked = command(id=1, interaction_id=interaction, **ARGUMENTS[command])  # type: ignore[call-arg]
    orders = [(c.uniqueid, c.context, c.bridge, dict(c.variables)) for c in shop.exchange.channels.values()]
    facts, calls = len(shop.facts), dict(shop.hub.entities("call"))
    with pytest.raises(CtiError) as caught:
        shop.loop.run_until_complete(shop.commands.execute(asked, actor))  # type: ignore[arg-type]
    now = [(c.uniqueid, c.context, c.bridge, dict(c.variables)) for c in shop.exchange.channels.values()]
    assert (now, len(shop.facts), dict(shop.hub.entities("call"))) == (orders, facts, calls)
    return caught.value


def test_every_command_about_ones_own_call_stands_in_the_table() -> None:
    elsewhere = {ask.PickUp, ask.IdentifyCustomer, ask.Reattach}  # of a waiting caller, or of who the customer is
    about_a_call = {
        command
        for command in ask.AGENT_COMMANDS
        if "interaction_id" in command.__struct_fields__
        and str(command.__struct_config__.tag).partition(".")[0] in {"call", "recording"}
    }
    assert about_a_call - elsewhere <= set(ARGUMENTS)


@EACH
def test_nobody_acts_on_somebody_elses_call(shop: Shop, command: type[ask.Command]) -> None:
    _, interaction = shop.talk()
    shop.sign_in("1002")
    assert isinstance(refused(shop, "1002", command, interaction), Forbidden)
    assert isinstance(refused(shop, "2002", command, interaction), Forbidden)  # nor a supervisor, by these


@EACH
def test_a_call_that_is_over_and_one_that_never_was(shop: Shop, command: type[ask.Command]) -> None:
    customer, interaction = shop.talk()
    shop.hang_up(customer)
    over = refused(shop, "1001", command, interaction)
    assert isinstance(over, Conflict)
    assert over.state == "ended"
    assert isinstance(refused(shop, "1001", command, "1m80none000000"), NotFound)


@pytest.mark.parametrize("command", sorted(WRONG_WHILE_RINGING, key=str))
def test_while_it_rings(shop: Shop, command: type[ask.Command]) -> None:
    shop.sign_in("1001")
    customer = shop.call()
    found = refused(shop, "1001", command, shop.floor.conversations.by_channel[customer].interaction_id)
    assert isinstance(found, Conflict)
    assert found.state == "offered"


@pytest.mark.parametrize("command", WRONG_WHILE_TALKING)
def test_while_they_talk(shop: Shop, command: type[ask.Command]) -> None:
    _, interaction = shop.talk()
    found = refused(shop, "1001", command, interaction)
    assert isinstance(found, Conflict)
    assert found.state


@EACH
def test_who_has_no_role_for_it(command: type[ask.Command]) -> None:
    asked: Any = command(id=1, interaction_id="x", **ARGUMENTS[command])  # type: ignore[call-arg]
    stranger = Actor(agent_id="1001", role="guest")  # type: ignore[arg-type]  # none of the roles
    with pytest.raises(Forbidden, match="not for the role"):
        check_role(asked, stranger)
