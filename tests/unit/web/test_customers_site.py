"""Customers over REST, on the real store: what is refused and how, and what two who edit at once are told."""

from typing import Any

import pytest

from cti.events import CommandAudited
from tests.unit.web.test_site import RealSite, got, real

__all__ = ["real"]

ONE = "/api/v1/customers/1"
WORDS = (("delivery.late", "配送延迟"), ("repair.booked", "已预约上门"), ("solved", "已解决"), ("refund", "退换货"))
"""Some dispositions, as `config/laidian.yaml` words them."""


@pytest.mark.parametrize(
    ("patch", "field", "words"),
    [
        ({"numbers": ["13900000001", "12"]}, "numbers.1", "no telephone number"),
        ({"numbers": ["anonymous"]}, "numbers.0", "no telephone number"),
        ({"numbers": ["+86"] * 21}, "numbers", "at most 20"),
        ({"addresses": [{"label": "x" * 41, "text": "y"}]}, "addresses.0.label", "at most 40"),
        ({"addresses": [{"label": "home", "text": " "}]}, "addresses.0.text", "at least 1"),
        ({"extra": {"member_id": "12"}}, "extra.member_id", "M[0-9]{6}"),
        ({"extra": {"birthday": "tomorrow"}}, "extra.birthday", "2026-11-21"),
        ({"extra": {"contact_by": "fax"}}, "extra.contact_by", "phone, wechat, email"),
        ({"extra": {"shoe_size": "44"}}, "extra.shoe_size", "no such field"),
        ({"name": " "}, "name", "at least 1"),
    ],
)
async def test_what_a_field_cannot_hold_names_the_field(
    real: RealSite, patch: dict[str, Any], field: str, words: str
) -> None:
    async with real.client("1001") as client:
        card = await got(client, ONE)
        response = await client.patch(ONE, json={"version": card["version"], **patch})
        problem = await response.json()
        assert (response.status, problem["field"]) == (422, field)
        assert words in problem["message"]
        assert await got(client, ONE) == card


async def test_an_edit_is_kept_in_one_writing_with_its_editor_and_audited(real: RealSite) -> None:
    audited: list[CommandAudited] = []
    real.bus.subscribe(lambda fact: audited.append(fact) if isinstance(fact, CommandAudited) else None)
    patch = {
        "numbers": ["139 0000 0001", "+44 20 7946 0018", "(0044) 20-79460018"],
        "addresses": [{"label": "办公室", "text": "长安街 1 号"}],
        "extra": {"member_id": " M000007 ", "birthday": ""},
    }
    async with real.client("1001") as client:
        before = await got(client, ONE)
        response = await client.patch(ONE, json={"version": before["version"], **patch})
        now = (await response.json())["customer"]
    assert now["numbers"] == ["+8613900000001", "+442079460018"]
    assert now["addresses"] == patch["addresses"]
    assert now["extra"] == {"member_id": "M000007", "contact_by": "phone", "invoice": "yes"}
    assert now["updated_by"] == "李娜"
    assert now["updated_at"] > before["customer"]["updated_at"]
    (edit,) = audited
    assert (edit.actor, edit.command, edit.subject) == ("1001", "customer.edit", "1")
    assert "extra: " in edit.detail
    assert "+442079460018" in edit.detail


async def test_who_comes_second_is_told_what_is_there_now(real: RealSite) -> None:
    async with real.client("1001") as client:
        version = (await got(client, ONE))["version"]
        first = await (await client.patch(ONE, json={"version": version, "city": "上海"})).json()
        response = await client.patch(ONE, json={"version": version, "city": "天津"})
        refused = await response.json()
        assert (response.status, refused["code"]) == (409, "conflict")
        assert refused["current"] == first


async def test_merging_needs_the_right_and_is_refused_in_words(real: RealSite) -> None:
    merge = {"other": 2, "version": 1, "other_version": 1}
    async with real.client("1001") as agent:
        session = await got(agent, "/api/v1/session")
        assert session["rights"] == []
        for path, method in ((f"{ONE}/merge-preview?other=2", "GET"), (f"{ONE}/merges", "POST")):
            response = await agent.request(method, path, json=merge if method == "POST" else None)
            assert (response.status, (await response.json())["code"]) == (403, "forbidden")
        assert (await agent.post("/api/v1/merges/1/undo")).status == 403
    async with real.client("2001") as chief:
        assert "customer.merge" in (await got(chief, "/api/v1/session"))["rights"]
        preview = await got(chief, f"{ONE}/merge-preview?other=2")
        assert preview["moving"]["interactions"] > 0
        assert {one["field"] for one in preview["fields"]} >= {"name", "vip", "city", "extra.member_id"}
        for bad, status, words in (
            ({**merge, "other": 999_999}, 404, "no customer"),
            ({**merge, "other": 1}, 409, "themselves"),
            ({**merge, "version": 9}, 409, "edited by somebody else"),
            ({**merge, "choices": {"salary": "kept"}}, 422, "no such field"),
        ):
            response = await chief.post(f"{ONE}/merges", json=bad)
            assert response.status == status, bad
            assert words in (await response.json())["message"]
        done = await (await chief.post(f"{ONE}/merges", json=merge)).json()
        assert (await chief.post(f"{ONE}/merges", json=merge)).status == 409
        assert (await got(chief, f"{ONE}/merges"))["items"][0]["by_name"] == "陈静"
        undone = await chief.post(f"/api/v1/merges/{done['merge_id']}/undo")
        assert (await undone.json())["other"]["customer"]["name"] == "王芳"
        assert (await chief.post(f"/api/v1/merges/{done['merge_id']}/undo")).status == 409
        assert (await chief.post("/api/v1/merges/77/undo")).status == 404


async def test_the_history_is_searched_by_kind_and_by_the_words_people_read(real: RealSite) -> None:
    async with real.client("1001") as client:
        every = (await got(client, f"{ONE}/timeline?limit=200"))["items"]
        assert all(one["agents"] or one["talked_s"] == 0 for one in every)
        code, words = next((code, words) for code, words in WORDS if code in {one["disposition"] for one in every})
        found = (await got(client, f"{ONE}/timeline?limit=200&q={words}"))["items"]
        assert found == [one for one in every if one["disposition"] == code or words in one["note"]]
        assert (await got(client, f"{ONE}/timeline?kind=voicemail"))["items"] == []
        assert len((await got(client, f"{ONE}/timeline?limit=200&kind=inbound"))["items"]) == len(every)
        page = await got(client, f"{ONE}/timeline?limit=3")
        rest = await got(client, f"{ONE}/timeline?limit=200&before={page['next_before']!r}")
        assert [*page["items"], *rest["items"]] == every
        assert (await client.get(f"{ONE}/timeline?kind=smoke")).status == 422


async def test_the_page_is_told_what_the_site_added(real: RealSite) -> None:
    async with real.client("1001") as client:
        form = await got(client, "/api/v1/customer-form")
    assert [field["code"] for field in form["fields"]] == ["member_id", "birthday", "contact_by", "invoice"]
    assert form["links"][0]["url"].startswith("https://tickets.example/")
