"""The supervisor's board: it lives without a reload, and its buttons are heard in the call."""

from playwright.async_api import expect

from cti.desk import commands as ask
from cti.events import (
    AgentStateChanged,
    CommandAudited,
    InteractionEnded,
    RecordingPublished,
    SupervisionEnded,
    SupervisionStarted,
)
from cti.simulated.phone import Phone
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import a_day_so_far, colleagues_come
from tests.harness.house import House

CUSTOMER, AGENT, SUPERVISOR = 440, 1000, 2000


async def test_a_call_on_the_board(house: House, chromium: Browsers) -> None:
    """Who waits comes and goes, tiles count, and a supervisor in between is heard by whom they chose to speak to."""
    await colleagues_come(house)
    a_day_so_far(house)
    board = await chromium.open(tone=SUPERVISOR, path="/board")
    await board.log_in("2001")
    await expect(board.at("queue-tile")).to_have_count(4)
    await board.phone("registered")
    await expect(board.at("waiting-row")).to_have_count(0)
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        await agent.answer_all(after=0.3)
        queued = await house.enter_queue(caller, "2")
        await expect(board.at("waiting-row", interaction=queued.interaction_id)).to_contain_text("张伟")
        await expect(board.at("queue-tile", queue="after_sales")).to_have_attribute("data-waiting", "1")
        await expect(board.at("agent-tile", agent="1001")).to_have_attribute("data-state", "logged_out")
        await house.ready("1001")
        await expect(board.at("agent-tile", agent="1001", state="busy")).to_contain_text("张伟")
        await expect(board.at("waiting-row")).to_have_count(0)
        await expect(board.at("queue-tile", queue="after_sales")).to_have_attribute("data-waiting", "0")
        await another_waits_and_leaves(house, board)
        await board.at("agent-tile", agent="1001").click()
        await three_modes(house, board, caller, agent)
        await caller.hang_up()
        await house.wait(RecordingPublished)
    await expect(board.at("agent-tile", agent="1001", state="wrap_up")).to_be_visible()
    assert house.of(InteractionEnded)[-1].outcome == "handled"
    audited = house.of(CommandAudited, command="supervise")
    assert [each.detail for each in audited] == ["listen", "whisper", "barge", "listen"]
    await forces_not_ready(house, board)
    await the_recording_plays(house, board, queued.interaction_id)


async def another_waits_and_leaves(house: House, board: Screen) -> None:
    async with house.caller("13900000002") as second:
        await house.enter_queue(second, "3", count=2)
        await expect(board.at("waiting-row")).to_contain_text("王芳")
        await expect(board.at("queue-tile", queue="complaints")).to_have_attribute("data-waiting", "1")
        await expect(board.at("agent-tile", agent="1003")).to_contain_text("后台处理")
        await board.picture("board", dark=True)
        await second.hang_up()
        await expect(board.at("waiting-row")).to_have_count(0)
        await expect(board.at("queue-tile", queue="complaints")).to_have_attribute("data-waiting", "0")


async def three_modes(house: House, board: Screen, caller: Phone, agent: Phone) -> None:
    await board.at("listen").click()
    await house.wait(SupervisionStarted)
    await expect(board.at("strip")).to_have_attribute("data-mode", "listen")
    await board.hears_something()
    await agent.wait_hears({CUSTOMER})
    await caller.wait_hears({AGENT})

    await board.at("whisper").click()
    await agent.wait_hears({CUSTOMER, SUPERVISOR})
    await caller.wait_hears({AGENT})

    await board.at("barge").click()
    await caller.wait_hears({AGENT, SUPERVISOR})
    await expect(board.at("mode-sentence")).to_have_class("mode-sentence barge")
    await board.picture("barge")

    await board.at("listen").click()
    await caller.wait_hears({AGENT})
    await agent.wait_hears({CUSTOMER})
    await board.at("stop-supervising").click()
    await house.wait(SupervisionEnded)
    await expect(board.at("strip")).to_have_attribute("data-mode", "")
    await board.phone("registered")


async def forces_not_ready(house: House, board: Screen) -> None:
    await house.ask("1001", ask.Ready)
    await expect(board.at("agent-tile", agent="1001", state="ready")).to_be_visible()
    await board.at("force-not-ready").click()
    await house.wait(AgentStateChanged, agent_id="1001", state="not_ready", reason="supervisor")
    await expect(board.at("agent-tile", agent="1001", state="not_ready")).to_be_visible()


async def the_recording_plays(house: House, board: Screen, interaction_id: str) -> None:
    assert await house.daemon.store.writer.drain(5)
    await board.at("open-drawer").click()
    await board.at("search-number").fill("139 0000 0001")
    await board.at("search-submit").click()
    play = board.at("recording-play", interaction=interaction_id)
    async with board.page.expect_response(lambda answer: answer.url.endswith("/audio")) as answered:
        await play.click()
    assert (await answered.value).status == 206
    await board.plays(board.at("recording-audio"))
    await board.picture("drawer")
