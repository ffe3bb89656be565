"""A hard phone that rings lifts off because the desk says so - if it is one that obeys."""

from pathlib import Path

import pytest

from cti.daemon.running import running
from cti.desk import commands as ask
from cti.errors import Conflict
from cti.events import InteractionConnected, OfferMade
from cti.simulated import scenarios
from cti.simulated.phone import free_udp_port
from cti.simulated.sipp import sipp
from tests.harness.house import House, add_people, configured, open_asterisk


@pytest.mark.parametrize("obeys", [True, False])
async def test_a_phone_on_the_table_is_told_to_lift_off(tmp_path: Path, *, obeys: bool) -> None:
    port = free_udp_port()
    async with open_asterisk(tmp_path) as asterisk:
        settings = configured(tmp_path, asterisk)
        await add_people(settings)
        async with running(settings, contacts={"1001": f"sip:1001@127.0.0.1:{port}"}) as daemon:
            house = House(asterisk, daemon)
            daemon.bus.subscribe(house.hear)
            phone = scenarios.agent_told_to_answer(obeys=obeys)
            async with sipp(phone, server=house.server, port=port, calls=1), house.caller() as caller:
                await house.ready("1001")
                await house.enter_queue(caller)
                offer = await house.wait(OfferMade)
                call = {"interaction_id": offer.interaction_id}
                if obeys:
                    await house.ask("1001", ask.AnswerCall, **call)
                    await house.wait(InteractionConnected)
                    with pytest.raises(Conflict, match="answered already"):
                        await house.ask("1001", ask.AnswerCall, **call)
                else:
                    with pytest.raises(Conflict, match="lift the handset"):
                        await house.ask("1001", ask.AnswerCall, **call)
                    assert not house.of(InteractionConnected)
