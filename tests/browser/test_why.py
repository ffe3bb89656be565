"""The supervisor asks why a caller waits, sees it change, and does something about it - all from the board."""

import msgspec
from playwright.async_api import expect

from cti.acd.events import QueueRulesChanged
from cti.acd.relax import RelaxStep
from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionPrioritised, InteractionQueued
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import a_day_so_far, colleagues_come
from tests.harness.house import House


async def test_why_a_caller_waits_and_what_a_supervisor_does_about_it(house: House, chromium: Browsers) -> None:
    await colleagues_come(house)
    a_day_so_far(house)
    await skills_count(house)
    board = await chromium.open(path="/board")
    await board.log_in("2001")
    await board.phone("registered")
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as first,
        house.caller("13900000002") as second,
    ):
        await agent.answer_all(after=1.5)
        await house.ready("1001")
        await house.ask("1001", ask.NotReady, reason="lunch")
        ahead = await house.enter_queue(first, "2")
        queued = await house.enter_queue(second, "2", count=2)
        await asks_why(board, queued, ahead)
        await to_the_front(house, board, queued)
        await house.ask("1001", ask.Ready)
        await expect(board.at("why-offer", agent="1001")).to_contain_text("客户的专属坐席")
        await expect(board.at("why-offer", agent="1001").locator(".chosen")).to_be_visible()
        connected = await house.wait(InteractionConnected)
        assert connected.interaction_id == queued.interaction_id
        await board.page.keyboard.press("Escape")
        await expect(board.at("why")).to_have_count(0)
        await moves(house, board, ahead)
        await assigns(house, board)
        await asks_of_one_who_talks(board, queued)


async def skills_count(house: House) -> None:
    """Of those who work in after-sales, 1001 and 1003 are good enough; the others will be once less is asked."""
    rules = {rules.name: rules for rules in house.daemon.engine.queues()}
    relax = (RelaxStep(after_s=90, skills={"zh": 3}), RelaxStep(after_s=180, queues=("operator",)))
    rules["after_sales"] = msgspec.structs.replace(rules["after_sales"], skills={"zh": 5}, relax=relax)
    house.daemon.floor.feed(QueueRulesChanged(rules=tuple(rules.values())))
    for login, level in (("1001", 8), ("1002", 3), ("1003", 6), ("1004", 4)):
        await house.ask("2001", ask.Assign, agent_id=login, skills={"zh": level})


async def asks_why(board: Screen, queued: InteractionQueued, ahead: InteractionQueued) -> None:
    """With the keyboard; the panel is refreshed while it is open."""
    row = board.at("waiting-row", interaction=queued.interaction_id)
    await row.get_by_test_id("explain").focus()
    await board.page.keyboard.press("Enter")
    panel = board.at("why", interaction=queued.interaction_id)
    await expect(panel.get_by_test_id("why-verdict")).to_contain_text("不空闲")
    await expect(panel.locator('[data-testid="candidate"][data-agent="1001"]')).to_contain_text("示忙（用餐）")
    await expect(panel.locator('[data-testid="candidate"][data-agent="1001"]')).to_have_attribute("data-code", "state")
    weak = panel.locator('[data-testid="candidate"][data-agent="1002"]')
    await expect(weak).to_contain_text("技能 zh 只有 3 级，需要 5 级")
    await expect(panel.get_by_test_id("why-change")).to_contain_text("1:")
    await expect(panel.get_by_test_id("why-ahead")).to_contain_text("张伟")
    assert ahead.interaction_id != queued.interaction_id
    await board.picture("why", dark=True)


async def to_the_front(house: House, board: Screen, queued: InteractionQueued) -> None:
    await board.at("why").get_by_test_id("caller-menu").click()
    await board.at("why").get_by_test_id("to-the-front").click()
    await house.wait(InteractionPrioritised, interaction_id=queued.interaction_id)
    await expect(board.at("why").get_by_test_id("why-wait")).to_contain_text("第 1 位")


async def moves(house: House, board: Screen, caller: InteractionQueued) -> None:
    row = board.at("waiting-row", interaction=caller.interaction_id)
    await row.get_by_test_id("caller-menu").click()
    await row.locator('[data-testid="move-to"][data-queue="complaints"]').click()
    moved = await house.wait(InteractionQueued, interaction_id=caller.interaction_id, queue="complaints")
    assert moved.queued_at == caller.queued_at
    await expect(board.at("queue-tile", queue="complaints")).to_have_attribute("data-waiting", "1")


async def assigns(house: House, board: Screen) -> None:
    await board.at("agent-tile", agent="1005").click()
    await board.at("assign").locator("summary").click()
    await board.at("assign-skills").fill("zh")
    await expect(board.at("assign-save")).to_be_disabled()
    await board.at("assign-skills").fill("zh 8, 维修：5")
    await board.picture("assign")
    await board.at("assign-save").click()
    await expect(board.at("assign-save")).to_be_disabled()
    assert house.daemon.roster.profile("1005").skills == {"zh": 8, "维修": 5}


async def asks_of_one_who_talks(board: Screen, queued: InteractionQueued) -> None:
    await board.at("agent-tile", agent="1001").click()
    await board.at("explain-call").click()
    panel = board.at("why", interaction=queued.interaction_id)
    await expect(panel).to_contain_text("正在通话")
    await expect(panel.get_by_test_id("why-offer")).to_have_count(1)
    await board.at("close-why").click()
    await expect(panel).to_have_count(0)


async def test_the_reasons_in_english(house: House, chromium: Browsers) -> None:
    """Nobody is signed in at all."""
    board = await chromium.open(language="en-GB", path="/board")
    await board.log_in("2001")
    await board.phone("registered")
    async with house.caller("13900000001") as caller:
        queued = await house.enter_queue(caller, "2")
        row = board.at("waiting-row", interaction=queued.interaction_id)
        await row.get_by_test_id("explain").click()
        await expect(board.at("why-verdict")).to_have_text("No agent who is signed in fits")
        await board.at("close-why").click()


async def test_an_agent_leaves_a_queue_for_a_while_and_joins_it_again(house: House, chromium: Browsers) -> None:
    desk = await chromium.open()
    await desk.start_work()
    queue = desk.at("my-queue", queue="after_sales")
    await expect(queue).to_have_attribute("aria-checked", "true")
    await queue.click()
    await expect(queue).to_have_attribute("aria-checked", "false")
    await desk.picture("my-queues")
    assert "after_sales" not in house.daemon.roster.profile("1001").queues
    async with house.caller("13900000001") as caller:
        await house.enter_queue(caller, "2")
        await desk.page.wait_for_timeout(1_000)
        await desk.state("ready")
        await queue.click()
        await desk.phase("offered")
