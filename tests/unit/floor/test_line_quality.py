"""What pages say of their lines: taken of the own call only, and seen on the supervisor's tile while it is bad."""

from typing import Any

import msgspec
import pytest

from cti.desk import commands as ask
from cti.desk.audience import narrowed
from cti.desk.views import AgentView
from cti.events import LineQualityMeasured
from tests.unit.floor.shop import Shop

GOOD: dict[str, Any] = {"mos": 4.3, "loss": 0.01, "jitter_ms": 3.0, "rtt_ms": 20.0, "seconds": 30.0}
BAD: dict[str, Any] = {**GOOD, "mos": 3.0, "loss": 0.12}


def tile(shop: Shop, agent_id: str = "1001") -> AgentView:
    view = shop.hub.entities("agents")[agent_id]
    assert isinstance(view, AgentView)
    return view


def measured(shop: Shop, interaction: str, who: str = "1001", /, **figures: Any) -> str:
    return shop.ask(who, ask.MeasuredLine, interaction_id=interaction, **(GOOD | figures))


def test_a_bad_line_is_trouble_until_it_is_good_again_or_the_talk_is_over(shop: Shop) -> None:
    customer, i = shop.talk()
    assert not measured(shop, i)
    assert tile(shop).trouble == ""
    assert not measured(shop, i, **BAD)
    seen = tile(shop)
    assert seen.trouble == "line"
    shown = narrowed(seen)
    assert isinstance(shown, AgentView)
    assert shown.trouble == ""  # a colleague need not know
    assert not measured(shop, i, mos=3.1)
    assert tile(shop).trouble == ""
    measured(shop, i, **BAD)
    shop.hang_up(customer)
    assert (shop.state("1001"), tile(shop).trouble) == ("wrap_up", "")
    assert not measured(shop, i, **{**BAD, "seconds": 4.5})  # the page's last word comes after the end
    assert tile(shop).trouble == ""
    facts = shop.of(LineQualityMeasured, interaction_id=i, agent_id="1001")
    assert [(fact.mos, fact.seconds) for fact in facts] == [(4.3, 30), (3.0, 30), (3.1, 30), (3.0, 30), (3.0, 4.5)]
    assert (facts[1].loss, facts[1].jitter_ms, facts[1].rtt_ms) == (0.12, 3, 20)


def test_nobody_measures_somebody_elses_call_one_that_rings_or_one_that_is_wrapped_up(shop: Shop) -> None:
    customer, i = shop.talk()
    shop.sign_in("1002")
    for who in ("1002", "2002"):
        assert measured(shop, i, who, **BAD) == "this is not your call, or it is over"
    shop.hang_up(customer)
    assert not shop.ask("1001", ask.Ready)
    assert measured(shop, i) == "this is not your call, or it is over"
    ringing = shop.floor.conversations.by_channel[shop.call()].interaction_id
    answers = {measured(shop, ringing, who) for who in ("1001", "1002")}
    assert answers == {"this is not your call, or it is over", "nobody talks in this call yet"}
    assert not shop.of(LineQualityMeasured)
    assert {tile(shop, who).trouble for who in ("1001", "1002")} == {""}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("mos", (0.9, 5.1, "4", None)),
        ("loss", (-0.01, 1.01)),
        ("jitter_ms", (-1, 60_001)),
        ("rtt_ms", (-1, 60_001)),
        ("seconds", (0, 3601)),
    ],
)
def test_figures_that_cannot_be_are_refused(field: str, values: tuple[object, ...]) -> None:
    for value in values:
        sent = msgspec.json.encode({"cmd": "phone.quality", "id": 1, "interaction_id": "i", **GOOD, field: value})
        with pytest.raises(msgspec.ValidationError, match=field):
            msgspec.json.decode(sent, type=ask.AnyCommand)
