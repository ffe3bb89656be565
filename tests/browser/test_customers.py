"""Who is calling, and what the desk makes of it: candidates, own fields and links, edits, merges, history."""

from typing import Any

from playwright.async_api import expect

from cti.events import CommandAudited, CustomerIdentified, InteractionConnected
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.harness.house import House, until

AGENT = 1000
FAMILY = "02260000111"
"""The demo's home number of 孙悦, 马超 and 朱婷."""
SESSION = "async () => (await (await fetch('/api/v1/session')).json()).csrf"


async def ask(desk: Screen, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What another page of this person would send."""
    headers = {"X-CSRF-Token": await desk.page.evaluate(SESSION), "Origin": desk.page.url.rstrip("/")}
    answer = await desk.page.request.fetch(f"{desk.page.url}api/v1{path}", method=method, data=body, headers=headers)
    assert answer.ok, await answer.text()
    return await answer.json()


async def test_one_of_a_family_is_chosen_and_the_card_filled_in(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller(FAMILY) as caller:
        await house.enter_queue(caller, "2")
        await expect(desk.at("candidate")).to_have_count(3)
        first = await desk.at("pop-name").inner_text()
        assert first == (await desk.at("candidate").first.locator("b").inner_text())
        await desk.picture("candidates", dark=True)
        await desk.page.keyboard.press("Space")
        await desk.phase("connected")
        talk = await house.wait(InteractionConnected)
        third = desk.at("candidate").nth(2)
        name, customer = await third.locator("b").inner_text(), int(await third.get_attribute("data-customer") or 0)
        await desk.page.keyboard.press("3")
        await expect(desk.at("pop-name")).to_have_text(name)
        await expect(desk.at("candidates")).to_have_count(0)
        said = await house.wait(CustomerIdentified, customer_id=customer, by="1001")
        assert said.interaction_id == talk.interaction_id
        audited = await house.wait(CommandAudited, command="call.identify")
        assert (audited.actor, audited.subject, audited.interaction_id) == ("1001", str(customer), talk.interaction_id)
        await the_own_fields(desk)
        await the_link(desk, talk.interaction_id, customer)
        await the_history(desk, customer)
        await a_tablet(desk)
        await caller.hang_up()
    await desk.state("wrap_up")
    assert await house.daemon.store.writer.drain(5)
    detail = await house.daemon.store.interactions.get(talk.interaction_id)
    assert detail.interaction.customer_id == customer


async def the_own_fields(desk: Screen) -> None:
    """As the site configured them; what does not fit is said, and stays to be put right."""
    await desk.page.keyboard.press("e")
    member = desk.at("edit-extra.member_id")
    await member.fill("12")
    await desk.at("edit-city").fill("天津南开")
    await desk.at("edit-addresses").fill("家: 南开区学府街 1 号")
    await desk.at("edit-save").click()
    await expect(desk.at("sheet-edit").get_by_role("alert")).to_contain_text("M[0-9]{6}")
    await member.fill("M200013")
    await desk.at("edit-extra.contact_by").select_option("wechat")
    await desk.picture("edit")
    await desk.at("edit-save").click()
    await expect(desk.at("customer-field", field="member_id")).to_contain_text("M200013")
    await expect(desk.at("customer-field", field="contact_by")).to_contain_text("微信")
    await expect(desk.at("customer-address")).to_contain_text("学府街")
    await expect(desk.at("customer-edited")).to_contain_text("李娜")


async def the_link(desk: Screen, interaction_id: str, customer: int) -> None:
    link = desk.at("customer-link").first
    href = await link.get_attribute("href") or ""
    assert href.startswith("https://tickets.example/new?phone=%2B862260000111&name=%")
    assert href.endswith(f"&call={interaction_id}")
    assert await link.get_attribute("rel") == "noopener noreferrer"
    assert customer


async def the_history(desk: Screen, customer: int) -> None:
    """Narrowed by the server: what it finds is what is shown."""
    every = (await ask(desk, "GET", f"/customers/{customer}/timeline"))["items"]
    await expect(desk.at("contact")).to_have_count(len(every))
    word = next(one["note"] for one in every if one["note"])[:4]
    await desk.page.keyboard.press("/")
    await desk.at("timeline-search").fill(word)
    wanted = [one["interaction_id"] for one in every if word in one["note"]]
    await expect(desk.at("contact")).to_have_count(len(wanted))
    assert await desk.at("contact").first.get_attribute("data-interaction") == wanted[0]
    await desk.at("timeline-kind").select_option("voicemail")
    await expect(desk.at("contact")).to_have_count(0)
    await desk.at("timeline-kind").select_option("")
    await desk.at("timeline-search").fill("")
    await expect(desk.at("contact")).to_have_count(len(every))


async def a_tablet(desk: Screen) -> None:
    """Nothing sticks out in either position, and a finger hits every button of the card."""
    cdp = await desk.page.context.new_cdp_session(desk.page)
    await cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5})
    for name, width, height in (("landscape", 1024, 768), ("portrait", 768, 1024)):
        await desk.page.set_viewport_size({"width": width, "height": height})
        await desk.page.screenshot(path=desk.artefacts / f"tablet-{name}.png")
        assert await desk.page.evaluate("document.documentElement.scrollWidth") <= width
        assert await desk.page.evaluate("matchMedia('(pointer: coarse)').matches")
        boxes = await desk.page.evaluate(
            "[...document.querySelectorAll('.pop button, .pop a.button')].map((one) => one.getBoundingClientRect())"
            ".filter((box) => box.width > 0).map((box) => Math.min(box.width, box.height))"
        )
        assert min(boxes) >= 40
    await cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    await desk.page.set_viewport_size({"width": 1280, "height": 720})


async def test_two_edit_at_once_and_duplicates_become_one_and_two_again(house: House, chromium: Browsers) -> None:
    await house.daemon.store.rights.grant("1001", "customer.merge", at=1.0)
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller("13900000001") as caller:
        await house.enter_queue(caller, "2")
        await expect(desk.at("pop", phase="offered")).to_be_visible()
        await desk.page.keyboard.press("Space")
        await desk.phase("connected")
        await a_conflict(desk)
        await a_merge(house, desk)
        await caller.hang_up()
    await desk.state("wrap_up")


async def a_conflict(desk: Screen) -> None:
    """The second who saves sees both values, chooses, and loses nothing of what was typed."""
    await desk.at("customer-edit").click()
    await desk.at("edit-city").fill("天津")
    await desk.at("edit-company").fill("晨光电器")
    before = await ask(desk, "GET", "/customers/1")
    theirs = {"version": before["version"], "city": "上海", "vip": 5}
    after = await ask(desk, "PATCH", "/customers/1", theirs)
    await expect(desk.at("pop-vip")).to_have_attribute("data-level", "5")
    await expect(desk.at("edit-city")).to_have_value("天津")
    await desk.at("edit-save").click()
    await expect(desk.at("conflict-field", field="city")).to_contain_text("上海")
    await expect(desk.at("conflict-field", field="city")).to_contain_text("天津")
    await desk.picture("conflict")
    await desk.at("conflict-field", field="city").get_by_test_id("keep-theirs").check()
    await desk.at("conflict-save").click()
    await expect(desk.at("sheet-edit")).to_have_count(0)
    now = (await ask(desk, "GET", "/customers/1"))["customer"]
    assert (now["city"], now["company"], now["vip"]) == ("上海", "晨光电器", 5)
    assert now["version"] == after["version"] + 1


async def a_merge(house: House, desk: Screen) -> None:
    """The other's number and history are this customer's, and theirs again after the undo."""
    before = await ask(desk, "GET", "/customers/1")
    theirs = await ask(desk, "GET", "/customers/3")
    await desk.at("customer-merge").click()
    await desk.at("customer-search").fill("李静")
    await desk.at("customer-hit", customer="3").get_by_role("button").click()
    await desk.at("merge-field", field="city").get_by_test_id("win-other").check()
    await desk.picture("merge")
    await desk.at("merge-do").click()
    await expect(desk.at("merge-undo")).to_be_visible()
    merged = (await ask(desk, "GET", "/customers/1"))["customer"]
    assert merged["city"] == theirs["customer"]["city"]
    assert set(theirs["customer"]["numbers"]) < set(merged["numbers"])
    assert (await ask(desk, "GET", "/customers/3"))["customer"] == merged
    await until(lambda: house.of(CommandAudited, command="customer.merge"), "the merge is audited")
    await desk.at("merge-undo").click()
    await expect(desk.at("merge-undo")).to_have_count(0)
    for customer_id, was in ((1, before), (3, theirs)):
        now = (await ask(desk, "GET", f"/customers/{customer_id}"))["customer"]
        changing = {"version", "updated_at", "updated_by"}
        assert {key: now[key] for key in now.keys() - changing} == {
            key: was["customer"][key] for key in was["customer"].keys() - changing
        }
    await desk.at("merge-close").click()
