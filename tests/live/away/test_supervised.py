"""A supervisor is on a call when the daemon dies: the board shows it again, and the switch still works."""

from cti.desk import commands as ask
from cti.events import SupervisionChanged, SupervisionEnded, SupervisionStarted
from tests.harness.apart import Apart

CUSTOMER, AGENT, SUPERVISOR = 440, 1000, 2000


async def test_a_supervision_outlives_the_daemon(house: Apart) -> None:
    async with house.agent("1001") as agent, house.agent("2001") as supervisor, house.caller() as caller:
        for phone, tone in ((caller, CUSTOMER), (agent, AGENT), (supervisor, SUPERVISOR)):
            await phone.play(tone)
        await supervisor.answer_all(after=0.1)
        talk = await house.talk(caller, agent)
        await house.ready("2001")
        async with house.desk("2001") as board:
            await board.ask(ask.Supervise, agent_id="1001", mode="whisper")
            await board.wait("supervision", mode="whisper")
            await board.wait("me", state="not_ready", reason="supervising")
            await board.ask(ask.SendText, to="agent", target="1001", text="well done")
        await agent.wait_hears({CUSTOMER, SUPERVISOR})
        await house.books.wait(SupervisionChanged, mode="whisper")
        await house.daemon.kill()
        await house.start()
        async with house.desk("2001") as board:
            seen = await board.wait("supervision", mode="whisper")
            assert (seen["interaction_id"], seen["agent_id"]) == (talk.interaction_id, "1001")
            await board.wait("agents", "1001", supervised_by="2001", supervised_mode="whisper")
            (sent,) = board.topics["texts"].values()
            assert (sent["text"]["text"], sent["recipients"], sent["read"]) == ("well done", ["1001"], {})
            async with house.desk("1001") as desk:
                (text,) = (await desk.wait("inbox"))["texts"]
                await desk.ask(ask.ReadText, text_id=text["text_id"])
                await desk.wait_gone("inbox")
            await agent.wait_hears({CUSTOMER, SUPERVISOR})
            await board.ask(ask.Supervise, agent_id="1001", mode="barge")
            await caller.wait_hears({AGENT, SUPERVISOR})
            await board.ask(ask.StopSupervising)
            await board.wait_gone("supervision")
            await board.wait("me", state="ready")
        await caller.wait_hears({AGENT})
        await caller.hang_up()
        await house.books.wait(SupervisionEnded)
    assert len(house.books.of(SupervisionStarted)) == 1


async def test_a_supervision_that_ended_meanwhile_leaves_nobody_out(house: Apart) -> None:
    async with house.agent("1001") as agent, house.agent("2001") as supervisor, house.caller() as caller:
        await supervisor.answer_all(after=0.1)
        await house.talk(caller, agent)
        await house.ready("2001")
        async with house.desk("2001") as board:
            await board.ask(ask.Supervise, agent_id="1001")
            await board.wait("supervision", mode="listen")
            await board.wait("me", state="not_ready", reason="supervising")
        await house.daemon.kill()
        await supervisor.hang_up()
        await house.start()
        async with house.desk("2001") as board:
            await board.wait("me", state="ready")
            assert board.see("supervision") is None
