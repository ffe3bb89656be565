"""What a supervisor does to a call and to an agent, from the page: judged by ear where the ear is the point."""

from playwright.async_api import expect

from cti.events import (
    AgentStateChanged,
    CallbackEnded,
    CallbackRequested,
    CommandAudited,
    InteractionConnected,
    InteractionEnded,
    SegmentEnded,
    SupervisionStarted,
)
from cti.simulated.phone import Phone
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.harness.house import House

CUSTOMER, AGENT, SUPERVISOR = 440, 1000, 2000


async def test_a_supervisor_takes_over_and_forces(house: House, chromium: Browsers) -> None:
    board = await chromium.open(tone=SUPERVISOR, path="/board")
    await board.log_in("2001")
    await board.phone("registered")
    async with house.agent("1001") as agent, house.caller() as caller:
        for phone, tone in ((caller, CUSTOMER), (agent, AGENT)):
            await phone.play(tone)
        await house.talk(caller, agent)
        await board.at("agent-tile", agent="1001", state="busy").click()
        await nobody_hears_who_listens(house, board, caller, agent)
        await takes_over(house, board, caller, agent)
    await forces(house, board)


async def nobody_hears_who_listens(house: House, board: Screen, caller: Phone, agent: Phone) -> None:
    await board.at("listen").click()
    await house.wait(SupervisionStarted)
    await board.hears_something()
    await caller.wait_hears({AGENT}, steady_s=1.0)
    await agent.wait_hears({CUSTOMER}, steady_s=1.0)
    await expect(board.at("supervised-mark", mode="listen")).to_be_visible()


async def takes_over(house: House, board: Screen, caller: Phone, agent: Phone) -> None:
    await board.at("take-over").click()
    taken = await house.wait(InteractionConnected, agent_id="2001")
    assert taken.how == "take_over"
    await caller.wait_hears({SUPERVISOR}, steady_s=1.0)
    await agent.wait_closed()
    await expect(board.at("agent-tile", agent="1001", state="wrap_up")).to_be_visible()
    await expect(board.at("strip")).to_have_attribute("data-mode", "call")
    await board.hears_something()
    await board.picture("taken-over")
    await board.at("strip-hang-up").click()
    ended = await house.wait(InteractionEnded)
    assert (ended.outcome, ended.ended_by) == ("handled", "agent")
    assert [(s.agent_id, s.ended_by) for s in house.of(SegmentEnded)] == [("1001", "take_over"), ("2001", "agent")]


async def forces(house: House, board: Screen) -> None:
    """Ready, a call that is hung up, not ready, logged out; each is in the audit."""
    async with house.agent("1001") as agent, house.caller("13900000002") as caller:
        await agent.answer_all(after=0.1)
        await board.at("force-ready").click()
        await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="wrap_up")
        await house.enter_queue(caller, "2", count=2)
        await house.wait(InteractionConnected, agent_id="1001", count=2)
        await board.at("force-hang-up").click()
        await expect(board.at("confirm")).to_contain_text("李娜")
        await board.at("confirm-yes").click()
        ended = await house.wait(SegmentEnded, agent_id="1001", count=2)
        assert ended.ended_by == "supervisor"
        await expect(board.at("agent-tile", agent="1001", state="wrap_up")).to_be_visible()
        await board.at("force-ready").click()
        await expect(board.at("agent-tile", agent="1001", state="ready")).to_be_visible()
        await board.at("force-not-ready").click()
        await expect(board.at("agent-tile", agent="1001", state="not_ready")).to_be_visible()
        await board.at("force-log-out").click()
        await board.at("confirm-no").click()
        await expect(board.at("agent-tile", agent="1001", state="not_ready")).to_be_visible()
        await board.at("force-log-out").click()
        await board.at("confirm-yes").click()
        await expect(board.at("agent-tile", agent="1001", state="logged_out")).to_be_visible()
    forced = [(a.command, a.detail) for a in house.of(CommandAudited) if a.command.startswith("force")]
    assert forced == [
        ("force_state", "ready"),
        ("force_hang_up", ""),
        ("force_state", "ready"),
        ("force_state", "not_ready"),
        ("force_state", "logged_out"),
    ]


async def test_a_callback_has_a_badge_and_is_cancelled(house: House, chromium: Browsers) -> None:
    board = await chromium.open(path="/board")
    await board.log_in("2001")
    async with house.caller() as caller:
        queued = await house.enter_queue(caller, "2")
        row = board.at("waiting-row", interaction=queued.interaction_id)
        await expect(row).to_be_visible()
        await expect(row.get_by_test_id("callback")).to_have_count(0)
        await caller.send_digits("1")
        await caller.wait_sound(0.3)
        await caller.send_digits("1")
        await house.wait(CallbackRequested)
    await expect(row.get_by_test_id("callback")).to_be_visible()
    await board.picture("callback")
    await row.get_by_test_id("caller-menu").focus()
    await board.page.keyboard.press("Enter")
    await expect(board.at("to-the-front")).to_be_focused()
    await board.page.keyboard.press("ArrowDown")
    await expect(board.at("cancel-callback")).to_be_focused()
    await board.page.keyboard.press("Enter")
    ended = await house.wait(CallbackEnded)
    assert ended.end == "cancelled"
    await expect(row).to_have_count(0)
    assert house.of(CommandAudited, command="cancel_callback")[0].interaction_id == queued.interaction_id
