"""The wrap-up on the agents' screens: a tree for each queue, what is required, words that survive a crash, tasks."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from cti.desk import commands as ask
from cti.events import AgentStateChanged, InteractionConnected, TaskSaved, WrapUpSaved
from cti.simulated.phone import Phone
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.harness.house import House, until

DAMAGED = "delivery.damaged"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_site(tmp_path) as opened:
        yield opened


async def connected(house: House, desk: Screen, caller: Phone, digits: str = "2", *, number: int = 1) -> str:
    """The interaction of the `number`-th talk."""
    await house.enter_queue(caller, digits, count=number)
    await expect(desk.at("pop", phase="offered")).to_be_visible()
    await desk.press("answer")
    await desk.phase("connected")
    return (await house.wait(InteractionConnected, count=number)).interaction_id


async def hangs_up(desk: Screen, caller: Phone) -> None:
    await caller.hang_up()
    await desk.state("wrap_up")


async def saved(house: House, note: str) -> WrapUpSaved:
    return await house.wait(WrapUpSaved, note=note)


async def test_the_form_from_its_required_fields_to_the_task_that_a_colleague_does(
    house: House, chromium: Browsers
) -> None:
    desk = await chromium.open()
    await desk.start_work()
    async with house.caller() as caller:
        interaction = await connected(house, desk, caller)
        await expect(desk.at("disposition").locator("option[value='complaint']")).to_be_attached()
        await expect(desk.at("disposition").locator("option[value='withdrawn']")).not_to_be_attached()
        await desk.at("note").fill("外箱破了")
        await hangs_up(desk, caller)

    before = (await house.wait(AgentStateChanged, state="wrap_up")).until or 0
    await desk.at("extend").click()
    assert ((await house.wait(AgentStateChanged, previous="wrap_up", state="wrap_up")).until or 0) > before + 30

    await desk.at("disposition").select_option(DAMAGED)
    await expect(desk.at("follow-owner")).to_be_visible()  # two days are proposed
    await desk.press("finish")
    await expect(desk.at("lack")).to_have_text("此项必填")
    await desk.state("wrap_up")
    await expect(desk.at("note")).to_have_value("外箱破了")
    await desk.picture("required", dark=True)
    await desk.at("field-order_number").fill("88123")
    await desk.at("field-damage").select_option("product")
    await desk.at("follow-text").fill("确认补发")
    await desk.press("finish")
    await desk.state("ready")
    done = await house.wait(WrapUpSaved, final=True)
    assert done.fields == {"order_number": "88123", "damage": "product"}
    task = await house.wait(TaskSaved)
    assert (task.owner, task.text, task.interaction_id) == ("1001", "确认补发", interaction)
    assert task.due_at > time.time() + 86_400

    row = desk.at("task", task=task.task_id)
    await expect(row).to_contain_text("张伟 · 确认补发")
    await expect(row).to_have_attribute("data-due", "false")
    await comes_due_and_goes_to_a_colleague(house, chromium, desk, task)


async def comes_due_and_goes_to_a_colleague(house: House, chromium: Browsers, desk: Screen, task: TaskSaved) -> None:
    row = desk.at("task", task=task.task_id)
    await house.ask("1001", ask.ChangeTask, task_id=task.task_id, due_at=time.time() + 2)
    await expect(row).to_have_attribute("data-due", "true")
    await expect(desk.page.get_by_text("待办到期：张伟 · 确认补发")).to_be_visible()
    await expect(desk.page).to_have_title("(1) 来电 · 客服工作台")
    await expect(desk.at("overdue-count")).to_be_visible()
    await desk.picture("due", dark=True)
    await the_customers_card(house, desk, row)
    await row.locator('[data-testid="task-postpone"]').click()
    await desk.at("postpone-choice").first.click()
    await expect(row).to_have_attribute("data-due", "false")
    await row.locator('[data-testid="task-done"]').check()
    assert (await house.wait(TaskSaved, change="done")).done_by == "1001"
    await row.locator('[data-testid="task-done"]').uncheck()
    await house.wait(TaskSaved, change="reopened")

    colleague = await chromium.open()
    await colleague.log_in("1002")
    board = await chromium.open()
    await board.log_in("2001")
    await expect(colleague.at("tasks")).to_be_visible()
    await expect(colleague.at("task")).to_have_count(0)
    await row.locator('[data-testid="task-reassign"]').click()
    await desk.at("task-owner").select_option("agent:1002")
    await expect(colleague.at("task", task=task.task_id)).to_contain_text("张伟 · 确认补发")
    await expect(row).to_have_count(0)

    await board.at("open-tasks").click()
    await expect(board.at("task-panel").locator('[data-testid="task"]')).to_have_count(1)
    await board.picture("all-tasks")
    await board.at("filter-overdue").check()
    await expect(board.at("task-panel").locator('[data-testid="task"]')).to_have_count(0)
    await new_task(house, colleague)


async def the_customers_card(house: House, desk: Screen, row: Locator) -> None:
    """Without a call, from the task; and a task made there is about that customer."""
    await row.locator('[data-testid="task-card"]').click()
    await expect(desk.at("sheet-name")).to_contain_text("张伟")
    await expect(desk.at("customer-sheet").locator('[data-testid="contact"]').first).to_be_visible()
    await desk.at("sheet-task").click()
    await desk.at("task-text").fill("寄发票")
    await desk.at("task-at-3").click()
    await desk.picture("card-without-a-call")
    await desk.at("task-create").click()
    made = await house.wait(TaskSaved, text="寄发票")
    assert (made.customer_name, made.number, made.customer_id > 0) == ("张伟", "+8613900000001", True)
    await desk.page.keyboard.press("Escape")
    await expect(desk.at("customer-sheet")).to_have_count(0)
    await house.ask("1001", ask.FinishTask, task_id=made.task_id)
    await expect(desk.at("task", task=made.task_id).locator("input")).to_be_checked()


async def new_task(house: House, desk: Screen) -> None:
    """Without a call, for a queue: everybody who works there sees it."""
    await desk.at("new-task").click()
    await desk.at("task-text").fill("问仓库")
    await desk.at("task-for").select_option("queue:operator")
    await desk.at("task-create").click()
    made = await house.wait(TaskSaved, text="问仓库")
    assert (made.owner_kind, made.owner, made.created_by) == ("queue", "operator", "1002")
    await expect(desk.at("task")).to_have_count(2)


async def test_words_survive_a_killed_browser_and_two_forms_stay_unfinished(  # noqa: PLR0915  # one story
    house: House, chromium: Browsers
) -> None:
    desk = await chromium.open()
    await desk.start_work()
    async with house.caller() as caller:
        first = await connected(house, desk, caller)
        await hangs_up(desk, caller)
    clock = (await house.wait(AgentStateChanged, state="wrap_up")).until
    await desk.at("disposition").select_option(DAMAGED)
    await desk.at("note").press_sequentially("客户说明天", delay=30)
    await saved(house, "客户说明天")
    typing = asyncio.create_task(desk.at("note").press_sequentially("下午三点以后都可以送到家里来", delay=200))
    await until(lambda: any("下午三" in fact.note for fact in house.of(WrapUpSaved)), "saved while typing goes on", 15)
    await kill(desk)
    typing.cancel()
    await asyncio.gather(typing, return_exceptions=True)
    kept = house.of(WrapUpSaved)[-1].note
    assert kept.startswith("客户说明天下午三")

    again = await chromium.open()
    await again.log_in("1001")
    await again.state("wrap_up")
    await expect(again.at("note")).to_have_value(kept)
    await expect(again.at("disposition")).to_have_value(DAMAGED)
    assert house.of(AgentStateChanged, agent_id="1001")[-1].until == clock, "the clock goes on where it was"
    await expect(again.at("phone-status")).to_have_attribute("data-state", "registered")
    await house.ask("1001", ask.Ready)  # time is over
    await again.state("ready")
    await expect(again.at("draft-tab", interaction=first)).to_be_visible()

    async with house.caller("13900000002") as caller:
        await connected(house, again, caller, number=2)
        await again.at("note").fill("第二位客户")
        await saved(house, "第二位客户")
        await again.at("draft-tab").click()
        await expect(again.at("note")).to_have_value(kept)
        await again.at("note").fill(f"{kept}（已核实）")
        await saved(house, f"{kept}（已核实）")
        await again.picture("draft-in-a-call")
        await again.at("current-tab").click()
        await expect(again.at("note")).to_have_value("第二位客户")
        await hangs_up(again, caller)
    await house.ask("1001", ask.SignOut)
    await again.page.reload()
    await again.state("logged_out")
    await expect(again.at("draft-tab")).to_have_count(2)
    await again.at("draft-tab", interaction=first).click()
    await again.at("draft-finish").click()
    await expect(again.at("lack")).to_be_visible()
    await again.at("field-order_number").fill("88123")
    await again.at("field-damage").select_option("packaging")
    await again.at("draft-finish").click()
    finished = await house.wait(WrapUpSaved, final=True)
    assert (finished.interaction_id, finished.note) == (first, f"{kept}（已核实）")
    await expect(again.at("draft-tab")).to_have_count(1)


async def kill(screen: Screen) -> None:
    """The whole browser, as when the machine is switched off: nothing of it runs to an end."""
    browser = screen.page.context.browser
    assert browser is not None
    session = await browser.new_browser_cdp_session()
    with pytest.raises(Exception, match=r"(?i)closed|crash"):  # whatever Playwright calls it
        await asyncio.wait_for(session.send("Browser.crash"), 10)


async def test_each_queue_has_its_tree_and_a_reload_counts_for_an_open_form(house: House, chromium: Browsers) -> None:
    desk = await chromium.open()
    await desk.start_work()
    async with house.caller() as caller:
        await connected(house, desk, caller, "3")
        await expect(desk.at("disposition").locator("option[value='withdrawn']")).to_be_attached()
        await expect(desk.at("disposition").locator("option[value='solved']")).not_to_be_attached()
        await hangs_up(desk, caller)
    await desk.press("finish")
    await expect(desk.at("lack")).to_have_text("请选择业务分类")
    await desk.at("disposition").select_option("withdrawn")
    await desk.at("note").fill("客户撤回了")
    await saved(house, "客户撤回了")

    file = house.daemon.settings.root / "config" / "laidian.yaml"
    file.write_text(file.read_text().replace("code: withdrawn", "code: dropped"))
    await house.daemon.reload()
    await expect(desk.at("disposition").locator("option[value='dropped']")).to_be_attached()
    await expect(desk.at("disposition")).to_have_value("withdrawn")
    await desk.press("finish")
    await expect(desk.at("lack")).to_have_text("该分类已停用，请重新选择")
    await desk.picture("gone")
    await desk.at("disposition").select_option("dropped")
    await desk.press("finish")
    await desk.state("ready")
    assert (await house.wait(WrapUpSaved, final=True)).note == "客户撤回了"
