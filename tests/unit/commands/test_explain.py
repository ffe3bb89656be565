"""`laidian explain` as it is typed: beside a daemon, without one, and for calls that there never were."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cti.cli import main
from cti.daemon.control import controlled
from cti.errors import NotFound
from cti.events import Fact, InteractionEnded, InteractionQueued, OfferEnded, OfferMade, WaitExplained
from cti.reports.explaining import both
from cti.settings import read
from cti.store.store import Store
from cti.web.explained import AheadView, CandidateView, Explanation, WaitExplanation
from tests.harness.house import write_config

WHY = {
    "at": 4.0,
    "verdict": "nobody",
    "skills": {"zh": 5},
    "doors": ["queue:after_sales"],
    "candidates": [{"agent_id": "1001", "rejection": {"code": "skill", "subject": "zh", "has": 3, "needs": 5}}],
}
CHOSEN = {
    "offer_id": "x1-1",
    "agent_id": "1001",
    "at": 5.0,
    "choice": "longest_idle",
    "chosen_by": "longest_idle",
    "idle": 2,
    "fitting": 3,
    "candidates": [
        {"agent_id": "1001", "rank": [0, False, 0, -90.0]},
        {"agent_id": "1002", "rank": [0, False, 0, 1.0], "rejection": {"code": "behind", "subject": "1001"}},
    ],
}
STORY: tuple[Fact, ...] = (
    InteractionQueued(at=3.0, interaction_id="x1", queue="after_sales", priority=0, queued_at=3.0),
    WaitExplained(at=4.0, interaction_id="x1", queue="after_sales", queued_at=3.0, why=WHY),
    OfferMade(
        at=5.0,
        interaction_id="x1",
        offer_id="x1-1",
        agent_id="1001",
        queue="after_sales",
        waited_s=2,
        ring_until=9,
        why=CHOSEN,
    ),
    OfferEnded(at=9.0, interaction_id="x1", offer_id="x1-1", agent_id="1001", reason="rona"),
    InteractionEnded(at=9.5, interaction_id="x1", outcome="abandoned", ended_by="customer"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_config(tmp_path)
    return tmp_path


def laidian(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", "--root", str(root), *arguments], env={"COLUMNS": "160"})


def keep(root: Path) -> None:
    async def work() -> None:
        settings = read(root)
        (root / "var").mkdir(exist_ok=True)
        store = await Store.open(settings.database_url, spool=settings.path(settings.spool) / "facts")
        writing = asyncio.create_task(store.writer.run())
        for fact in STORY:
            store.writer.on_fact(fact)
        assert await store.writer.drain(10)
        writing.cancel()
        await store.close()

    asyncio.run(work())


def test_without_a_daemon_the_books_are_read(root: Path) -> None:
    keep(root)
    said = laidian(root, "x1", "--lang", "zh")
    assert said.exit_code == 0, said.output
    for words in ("守护进程没有运行", "技能 zh 只有 3 级，需要 5 级", "选中", "排在 1001 之后", "空闲最久者优先"):
        assert words in said.output
    english = laidian(root, "x1", "--lang", "en").output
    assert "01-01 08:00:05 offered to 1001: longest idle first; 2 idle of 3 who fit; rona" in english
    assert "skill zh is 3, 5 is needed" in english
    assert "idle 2 min" in english
    told = json.loads(laidian(root, "x1", "--json").output)
    assert [offer["idle"] for offer in told["offers"]] == [2]


def test_an_unknown_call_is_one_sentence_and_exit_code_1(root: Path) -> None:
    keep(root)
    said = laidian(root, "nosuch")
    assert (said.exit_code, said.output.strip()) == (1, "there is no interaction nosuch")


def test_without_daemon_and_books_it_says_so(root: Path) -> None:
    said = laidian(root, "x1")
    assert said.exit_code == 2
    assert "no daemon answers" in said.output
    assert "there is no database" in said.output


WAIT = WaitExplanation(
    at=100.0,
    queue="after_sales",
    verdict=both("都不空闲", "All 2 agents who fit are occupied"),
    said="",
    points=7.0,
    ahead=1,
    skills={"zh": 5},
    doors=(both("售后服务队列", "queue After-sales"),),
    next_change=112.0,
    candidates=(
        CandidateView(
            agent_id="1001",
            agent_name="李娜",
            chosen=False,
            score=both("", ""),
            rejection=both("正在通话", "is in a conversation: x0"),
            code="state",
            said="busy with x0",
        ),
    ),
    left_off=3,
)
LIVE = Explanation(
    interaction_id="x2",
    at=100.0,
    state="queued",
    position=2,
    estimate_s=240.0,
    wait=WAIT,
    ahead=(AheadView(interaction_id="x0", position=1, queued_at=40.0, points=9.0),),
    offers=(),
    visits=(),
)


async def test_beside_a_daemon_it_says_what_is_so_now(root: Path) -> None:
    async def explain(asked: Mapping[str, str]) -> Explanation:
        if asked["interaction"] != "x2":
            raise NotFound("interaction", asked["interaction"])
        return LIVE

    settings = read(root)
    async with controlled({("GET", "/explain/{interaction}"): explain}, settings.path(settings.control_socket)):
        said = await asyncio.to_thread(laidian, root, "x2", "--lang", "en")
        unknown = await asyncio.to_thread(laidian, root, "x3")
    assert said.exit_code == 0, said.output
    assert "All 2 agents who fit are occupied" in said.output
    expected = "position 2; 7 points; about 4 min to wait; asks for queue After-sales, zh 5; asks for less in 12 s"
    assert expected in said.output
    assert "ahead, 1: x0 has waited 60 s, 9 points" in said.output
    assert "李娜 (1001)" in said.output
    assert "3 more are not listed" in said.output
    assert (unknown.exit_code, unknown.output.strip()) == (1, "there is no interaction x3")
