"""Export and erasure of a customer's data, and legal holds: over REST, and from the command line without a daemon."""

import asyncio
import io
import json
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from cti.cli import main
from cti.settings import read
from cti.store import tables as t
from cti.store.demo import seed
from cti.store.store import Store
from tests.harness.house import write_config
from tests.unit.web.conftest import World
from tests.unit.web.fake_login import CHEAP
from tests.unit.web.test_site import RealSite, real

__all__ = ["real"]
ERASURE = "/api/v1/customers/7/erasure"


async def test_an_erasure_wants_the_id_again_and_a_reason(world: World) -> None:
    async with world.client("ada") as client:
        for body, status in (
            ({"confirm": 8, "reason": "x"}, 422),
            ({"confirm": 7}, 422),
            ({"confirm": 7, "reason": " "}, 422),
            ({"confirm": 7, "reason": "held"}, 409),
            ({"confirm": 7, "reason": "by letter"}, 200),
        ):
            response = await client.post(ERASURE, json=body)
            assert response.status == status, await response.text()
        assert world.refreshed == [(7,)]
        export = await client.get("/api/v1/customers/7/export")
        assert (export.content_type, await export.read()) == ("application/zip", b"zip for ada, admin")


async def test_holds_are_audited(world: World) -> None:
    async with world.client("sue") as client:
        made = await client.post("/api/v1/holds", json={"kind": "queue", "key": "sales", "reason": "case 7"})
        assert (made.status, (await made.json())["by"]) == (201, "sue")
        assert (await client.delete("/api/v1/holds/4")).status == 200
        assert (await client.delete("/api/v1/holds/5")).status == 404
    assert [(fact.command, fact.subject, fact.detail) for fact in world.audited] == [
        ("hold.add", "sales", "queue: case 7"),
        ("hold.release", "i1", "interaction: case 7"),
    ]


async def recorded(store: Store) -> tuple[int, str]:
    """A customer with a recording, and that interaction."""
    i, r = t.interactions.c, t.recordings.c
    query = select(i.customer_id, i.id).join(t.recordings, r.interaction_id == i.id).where(r.path != "")
    row = await store.database.read(lambda c: c.execute(query.where(i.customer_id.is_not(None))).first())
    assert row is not None
    return row.customer_id, row.id


async def test_a_customer_is_exported_held_and_erased_over_the_real_store(real: RealSite, tmp_path: Path) -> None:
    customer_id, interaction_id = await recorded(real.store)
    path = (await real.store.recordings.get(interaction_id)).path
    card = await real.store.customers.card(customer_id)
    async with real.client(await real.login_of("supervisor")) as sue:
        assert (await sue.get(f"/api/v1/customers/{customer_id}/export")).status == 403
        body = {"kind": "customer", "key": str(customer_id), "reason": "case 7"}
        hold = await (await sue.post("/api/v1/holds", json=body)).json()
        unknown = await sue.post("/api/v1/holds", json={"kind": "queue", "key": "nowhere", "reason": "x"})
        assert unknown.status == 404
    async with real.client(await real.login_of("admin")) as ada:
        zipped = await (await ada.get(f"/api/v1/customers/{customer_id}/export")).read()
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            told = json.loads(archive.read("customer.json"))
            assert archive.read(f"recordings/{interaction_id}.wav")[:4] == b"RIFF"
        assert told["known"]["customers"][0]["name"] == card.name
        assert told["recordings_that_cannot_be_read"] == {}
        erasure = f"/api/v1/customers/{customer_id}/erasure"
        refused = await ada.post(erasure, json={"confirm": customer_id, "reason": "by letter"})
        assert (refused.status, "is held: the customer" in await refused.text()) == (409, True)
        assert (tmp_path / "recordings" / path).exists()
        assert (await ada.delete(f"/api/v1/holds/{hold['hold_id']}")).status == 200
        done = await ada.post(erasure, json={"confirm": customer_id, "reason": "by letter"})
        assert (done.status, (await done.json())["lingers"]) == (200, False)
        assert not (tmp_path / "recordings" / path).exists()
        assert (await ada.get(f"/api/v1/customers/{customer_id}")).status == 404
        assert (await ada.get(f"/api/v1/recordings/{interaction_id}/audio")).status == 404
    commands = [row.command for row in await real.store.audit.list()]
    assert [one for one in commands if one.startswith(("customer", "hold"))] == [
        "customer.erase",
        "hold.release",
        "customer.export",
        "hold.add",
    ]
    assert (await real.store.audit.verify()).broken is None


async def test_who_erases_is_told_when_files_still_name_the_customer(
    real: RealSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, _ = await recorded(real.store)
    monkeypatch.setattr(real.store.writer, "forget", partial(asyncio.sleep, 0, False))
    async with real.client(await real.login_of("admin")) as ada:
        erasure = f"/api/v1/customers/{customer_id}/erasure"
        done = await ada.post(erasure, json={"confirm": customer_id, "reason": "by letter"})
        assert (done.status, (await done.json())["lingers"]) == (200, True)


# --- from the command line ---


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_config(tmp_path)
    (tmp_path / "var" / "spool" / "facts").mkdir(parents=True)
    asyncio.run(_with(tmp_path, _seeded))
    return tmp_path


async def _with(root: Path, work: Any) -> Any:
    settings = read(root)
    store = await Store.open(settings.database_url, spool=root / "elsewhere")
    try:
        return await work(store, root)
    finally:
        await store.close()


async def _seeded(store: Store, root: Path) -> None:
    await seed(store, now=time.time(), recordings=root / "var" / "recordings", hash_password=CHEAP.hash)


async def _first(store: Store, _root: Path) -> tuple[int, str, str]:
    customer_id, interaction_id = await recorded(store)
    return customer_id, interaction_id, (await store.customers.card(customer_id)).numbers[0]


def run(root: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["customer", arguments[0], "--root", str(root), *arguments[1:]])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_commands_work_without_a_daemon_and_leave_no_byte(root: Path) -> None:
    customer_id, interaction_id, number = asyncio.run(_with(root, _first))
    refused = root / "var" / "spool" / "facts" / "facts-refused.jsonl"
    refused.write_text(f'{{"number":"{number}"}}\n{{"number":"other"}}\n')
    (root / "var" / "spool" / f"{interaction_id}.barge-1.raw").write_bytes(b"voice")
    file = root / "out.zip"
    run(root, "export", str(customer_id), str(file))
    with zipfile.ZipFile(file) as archive:
        assert number in archive.read("customer.json").decode()
    file.unlink()
    assert f"Customer {customer_id} is erased: " in run(
        root, "erase", str(customer_id), "--yes", "--reason", "by letter 4/2026"
    )
    left = number.removeprefix("+86").encode()
    assert [path for path in root.rglob("*") if path.is_file() and left in path.read_bytes()] == []
    assert refused.read_text() == '{"number":"other"}\n'
    assert not list((root / "var" / "spool").glob("*.raw"))
    assert not list((root / "var" / "recordings").rglob(f"{interaction_id}*"))
    again = CliRunner().invoke(
        main, ["customer", "erase", "--root", str(root), str(customer_id), "--yes", "--reason", "x"]
    )
    assert (again.exit_code, f"there is no customer {customer_id}" in again.output) == (1, True)
