"""A text from the board: on the agent's desk beside the call, there after a reload, read, and answered."""

from playwright.async_api import FloatRect, Locator, expect

from cti.events import CommandAudited, TextRead, TextSent
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.harness.house import House

WORDS = "请在 12 点前完成售后回访。\nThank you!"


async def test_a_text_is_read_and_answered_and_its_sender_sees_it(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=1000)
    await desk.start_work()
    board = await chromium.open(path="/board")
    await board.log_in("2001")
    async with house.caller() as caller:
        await house.enter_queue(caller, "2")
        await desk.press("answer")
        await desk.phase("connected")
        await writes(board)
        sent = await house.wait(TextSent)
        assert (sent.recipients, sent.text) == (("1001",), WORDS)
        await expect(desk.at("inbox-text")).to_have_text(WORDS)
        await nothing_of_the_call_is_covered(desk)
        await desk.picture("inbox", dark=True)
        await desk.page.reload()
        await desk.phase("connected")
        await expect(desk.at("inbox-text")).to_have_text(WORDS)
        await expect(board.at("sent-text")).to_have_attribute("data-read", "0")
        await answers(house, desk, sent.text_id)
        await expect(board.at("sent-text").first).to_have_attribute("data-read", "1")
        await expect(board.at("text-reply")).to_contain_text("好的")
        await board.picture("texts", dark=True)
        await expect(board.at("inbox-text")).to_have_text("好的，马上")
        await board.page.keyboard.press("Escape")
        await board.at("inbox-read").click()
        await expect(board.at("inbox")).to_have_count(0)
        await caller.hang_up()
    assert [a.command for a in house.of(CommandAudited)] == ["text.send", "text.reply"]
    assert await house.daemon.store.writer.drain(5)
    kept = await house.daemon.store.texts.since(0)
    assert kept == [*house.of(TextSent), *house.of(TextRead)]


async def writes(board: Screen) -> None:
    await board.at("agent-tile", agent="1001").click()
    await board.at("write-to").click()
    await expect(board.at("text-to")).to_have_value("agent:1001")
    await expect(board.at("text-send")).to_be_disabled()
    await board.at("text-words").fill("x" * 600)
    assert len(await board.at("text-words").input_value()) == 500
    await board.at("text-words").fill(WORDS)
    await board.at("text-send").click()
    await expect(board.at("sent-text")).to_contain_text("李娜")


async def nothing_of_the_call_is_covered(desk: Screen) -> None:
    text = await box(desk.at("inbox"))
    for other in ("call", "wrap-up", "primary"):
        under = await box(desk.at(other).first)
        apart = (
            text["x"] + text["width"] <= under["x"]
            or under["x"] + under["width"] <= text["x"]
            or text["y"] + text["height"] <= under["y"]
            or under["y"] + under["height"] <= text["y"]
        )
        assert apart, (other, text, under)


async def box(element: Locator) -> FloatRect:
    found = await element.bounding_box()
    assert found is not None
    return found


async def answers(house: House, desk: Screen, text_id: str) -> None:
    await desk.at("inbox-reply").click()
    await desk.at("inbox-words").fill("好的，马上")
    await desk.page.keyboard.press("Enter")
    await house.wait(TextRead, text_id=text_id, agent_id="1001")
    await expect(desk.at("inbox")).to_have_count(0)
