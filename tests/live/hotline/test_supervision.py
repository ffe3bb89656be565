"""Listen, whisper, barge in, take over: judged by what each of the three hears, and by what the recording holds."""

from cti.desk import commands as ask
from cti.events import (
    AgentStateChanged,
    CommandAudited,
    InteractionConnected,
    InteractionEnded,
    RecordingPublished,
    SegmentEnded,
    SupervisionChanged,
    SupervisionEnded,
    SupervisionStarted,
)
from tests.harness.house import House, until
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, AGENT, SUPERVISOR = 440, 1000, 2000


async def sign_in_supervisor(house: House) -> None:
    await until(lambda: "d2001" in house.daemon.roster.reachable, "the supervisor's phone is registered")
    await house.ask("2001", ask.SignIn, phone="desk")


async def test_listen_whisper_barge(house: House) -> None:
    async with house.agent("1001") as agent, house.agent("2001") as supervisor, house.caller() as caller:
        for phone, tone in ((caller, CUSTOMER), (agent, AGENT), (supervisor, SUPERVISOR)):
            await phone.play(tone)
        await supervisor.answer_all(after=0.1)
        await sign_in_supervisor(house)
        talk = await house.talk(caller, agent)
        await caller.wait_hears({AGENT})

        await house.ask("2001", ask.Supervise, agent_id="1001", mode="listen")
        await house.wait(SupervisionStarted)
        await supervisor.wait_hears({CUSTOMER, AGENT})
        await agent.wait_hears({CUSTOMER})
        await caller.wait_hears({AGENT})

        await house.ask("2001", ask.Supervise, agent_id="1001", mode="whisper")
        await agent.wait_hears({CUSTOMER, SUPERVISOR})
        await caller.wait_hears({AGENT})

        await house.ask("2001", ask.Supervise, agent_id="1001", mode="barge")
        await caller.wait_hears({AGENT, SUPERVISOR})
        await agent.wait_hears({CUSTOMER, SUPERVISOR})
        await caller.wait_hears({AGENT, SUPERVISOR}, steady_s=1.0)

        await house.ask("2001", ask.Supervise, agent_id="1001", mode="listen")
        await caller.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})

        await house.ask("2001", ask.StopSupervising)
        await house.wait(SupervisionEnded)
        await caller.hang_up()
        recording = await house.wait(RecordingPublished)
    assert [change.mode for change in house.of(SupervisionChanged)] == ["whisper", "barge", "listen"]
    audited = house.of(CommandAudited, actor="2001", allowed=True)
    assert [(a.command, a.detail) for a in audited][:2] == [("supervise", "listen"), ("supervise", "whisper")]
    assert all(a.interaction_id == talk.interaction_id for a in audited[:4])
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    said, heard = (windows(side, (CUSTOMER, AGENT, SUPERVISOR)) for side in (left, right))
    assert heard_s(said, CUSTOMER) > recording.duration_s - 1
    assert heard_s(heard, AGENT, SUPERVISOR) > 0.8  # barging in is on the record
    assert heard_s(heard, AGENT) > 0.8
    assert heard_s(heard, SUPERVISOR) < 0.3  # the whisper is not: the customer did not hear it


async def test_take_over(house: House) -> None:
    async with house.agent("1001") as agent, house.agent("2001") as supervisor, house.caller() as caller:
        for phone, tone in ((caller, CUSTOMER), (agent, AGENT), (supervisor, SUPERVISOR)):
            await phone.play(tone)
        await supervisor.answer_all(after=0.1)
        await sign_in_supervisor(house)
        await house.talk(caller, agent)
        await caller.wait_hears({AGENT})
        await house.ask("2001", ask.Supervise, agent_id="1001", mode="take_over")
        taken = await house.wait(InteractionConnected, agent_id="2001")
        await caller.wait_hears({SUPERVISOR}, steady_s=1.0)
        await supervisor.wait_hears({CUSTOMER})
        await agent.wait_closed()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await supervisor.hang_up()
        ended = await house.wait(InteractionEnded)
        recording = await house.wait(RecordingPublished)
    assert (taken.how, taken.segment) == ("take_over", 2)
    assert [(s.agent_id, s.ended_by) for s in house.of(SegmentEnded)] == [("1001", "take_over"), ("2001", "agent")]
    assert (ended.outcome, ended.ended_by) == ("handled", "agent")
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    heard = windows(right, (AGENT, SUPERVISOR))
    assert heard_s(heard, AGENT) > 0.3
    assert heard_s(heard, SUPERVISOR) > 0.8
    assert heard_s(windows(left, (CUSTOMER,)), CUSTOMER) > recording.duration_s - 1.5


async def test_pain_18_the_agents_state_does_not_wait_for_a_supervisor_who_listens(house: House) -> None:
    async with house.agent("1001") as agent, house.agent("2001") as supervisor, house.caller() as caller:
        await supervisor.answer_all(after=0.1)
        await sign_in_supervisor(house)
        await house.talk(caller, agent)
        await house.ask("2001", ask.Supervise, agent_id="1001", mode="listen")
        await house.wait(SupervisionStarted)
        await caller.hang_up()
        ended = await house.wait(InteractionEnded)
        wrap_up = await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await house.wait(SupervisionEnded)
        await supervisor.wait_closed()
    assert wrap_up.at - ended.at < 1


async def test_force_states_and_hang_up(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await house.talk(caller, agent)
        await house.ask("2001", ask.ForceHangUp, agent_id="1001")
        segment = await house.wait(SegmentEnded)
        await house.ask("2001", ask.ForceState, agent_id="1001", state="ready")
        await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="wrap_up")
        await house.ask("2001", ask.ForceState, agent_id="1001", state="not_ready", reason="meeting")
        await house.wait(AgentStateChanged, agent_id="1001", state="not_ready", reason="meeting")
        await house.ask("2001", ask.ForceState, agent_id="1001", state="logged_out")
        await house.wait(AgentStateChanged, agent_id="1001", state="logged_out")
    assert segment.ended_by == "supervisor"
    audited = [(a.command, a.subject, a.detail) for a in house.of(CommandAudited)]
    assert audited == [
        ("force_hang_up", "1001", ""),
        ("force_state", "1001", "ready"),
        ("force_state", "1001", "not_ready"),
        ("force_state", "1001", "logged_out"),
    ]
