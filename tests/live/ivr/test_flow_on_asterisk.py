"""A flow with its real prompts on a real Asterisk, with a real softphone that presses keys."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cti.agi.server import FastAgiServer
from cti.agi.session import AgiSession, Played
from cti.config.file import parse
from cti.errors import HungUp
from cti.ivr.actions import Ending, EnterQueue, HangUp, LookupAnswer, Passed
from cti.ivr.flow import Flow, FlowRun
from cti.ivr.line import AgiLine
from cti.ivr.session import run_flow
from cti.private_asterisk import AsteriskSettings, private_asterisk
from cti.prompts.build import outdated
from cti.prompts.catalog import read
from cti.simulated.phone import Phone
from tests.harness.phones import caller_phone

PROMPTS = Path(__file__).parents[3] / "ivr_prompts"
FLOW = parse(
    """
entry: notice
steps:
  notice: {type: say, prompts: [call_is_recorded], interrupt: false, next: menu}
  menu:
    type: menu
    prompts: [please_wait, no_input]
    invalid: [invalid_choice]
    timeout_s: 1
    retries: 1
    choices: {1: {next: number}, 9: {next: english}}
    otherwise: agent
  english: {type: set_language, language: en, next: menu}
  number:
    {type: collect, prompts: [ask_order_number], variable: order, min: 4, max: 9, next: status, otherwise: agent}
  status:
    type: lookup
    lookup: order_status
    arguments: {order_number: order}
    outcomes: {paid: {prompts: [your_order, {digits: order}], next: bye}, failed: {next: agent}}
  agent: {type: queue, queue: sales}
  bye: {type: hang_up}
""",
    Flow,
).value


class Orders:
    async def look_up(self, _name: str, _arguments: Mapping[str, str]) -> LookupAnswer:
        return LookupAnswer("paid")


class Heard:
    """The session, with a note of what was played: prompt, offset, and where it stopped."""

    def __init__(self, session: AgiSession) -> None:
        self._session = session
        self.files: list[tuple[str, int, Played]] = []

    async def stream_file(self, path: str, escape_digits: str = "", *, offset: int = 0) -> Played:
        played = await self._session.stream_file(path, escape_digits, offset=offset)
        self.files.append((str(Path(path).relative_to(PROMPTS)), offset, played))
        return played

    async def wait_for_digit(self, timeout_ms: int) -> str | None:
        return await self._session.wait_for_digit(timeout_ms)


@dataclass
class Hotline:
    """Runs the flow for one caller and keeps what came of it."""

    server: str = ""
    ending: Ending | None = None
    gone: bool = False
    path: list[Passed] = field(default_factory=list)
    files: list[tuple[str, int, Played]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def route(self, session: AgiSession) -> None:
        heard = Heard(session)
        self.files = heard.files
        self.begun.set()
        try:
            line = AgiLine(heard, str(PROMPTS), "zh")
            self.ending = await run_flow(FlowRun(FLOW), line, lookups=Orders(), on_step=self._keep)
            await session.set_variable("LD_DONE", "1")
        except HungUp:
            self.gone = True
        finally:
            self.over.set()

    async def _keep(self, passed: Passed) -> None:
        self.path.append(passed)

    @property
    def prompts(self) -> list[str]:
        return [name for name, _, _ in self.files]


@pytest.fixture
async def hotline(tmp_path: Path) -> AsyncIterator[Hotline]:
    missing = [job.prompt for job in outdated(read(PROMPTS).values())]
    assert not missing, f"run `make prompts`: {missing}"
    line = Hotline()
    async with (
        FastAgiServer({"hotline": line.route, "resume": line.route}, port=0) as agi,
        private_asterisk(AsteriskSettings(run_dir=tmp_path / "asterisk", agi_port=agi.port)) as asterisk,
    ):
        line.server = f"127.0.0.1:{asterisk.sip_port}"
        yield line


@contextlib.asynccontextmanager
async def calling(hotline: Hotline) -> AsyncIterator[Phone]:
    async with caller_phone(hotline.server, "13800138000") as caller:
        await caller.dial("4000")
        await caller.wait_established()
        async with asyncio.timeout(20):
            await hotline.begun.wait()
        yield caller


async def over(hotline: Hotline, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        await hotline.over.wait()


async def heard(hotline: Hotline, prompt: str, within_s: float = 15) -> None:
    """Until that prompt has been played, or stopped by a key."""
    async with asyncio.timeout(within_s):
        while prompt not in hotline.prompts:  # noqa: ASYNC110 - a list that is appended to
            await asyncio.sleep(0.05)


async def test_a_caller_asks_for_an_order_key_by_key(hotline: Hotline) -> None:
    async with calling(hotline) as caller:
        await caller.wait_sound(1.0)
        await heard(hotline, "zh/8k/call_is_recorded")
        await asyncio.sleep(0.3)
        await caller.send_digits("1")
        await heard(hotline, "zh/8k/please_wait")
        await asyncio.sleep(0.5)
        await caller.send_digits("88123#")
        await over(hotline, 40)
        await caller.wait_closed()
    assert hotline.ending == HangUp()
    assert hotline.path == [
        Passed("notice"),
        Passed("menu", "1"),
        Passed("number", "88123"),
        Passed("status"),
        Passed("bye"),
    ]
    digits = [f"zh/8k/digit_{digit}" for digit in "88123"]
    stopped = [name for name, _, played in hotline.files if played.digit]
    assert stopped == ["zh/8k/please_wait", "zh/8k/ask_order_number"]
    assert hotline.prompts[-6:] == ["zh/8k/your_order", *digits]
    assert all(played.endpos > 0 for _, _, played in hotline.files), "Asterisk found every file"


async def test_everything_typed_during_the_notice_is_used_and_the_notice_is_heard_to_its_end(hotline: Hotline) -> None:
    async with calling(hotline) as caller:
        began = time.monotonic()
        await asyncio.sleep(0.5)
        await caller.send_digits("188123#")
        await heard(hotline, "zh/8k/your_order")
        took = time.monotonic() - began
        await over(hotline, 20)
    assert hotline.path[1:3] == [Passed("menu", "1"), Passed("number", "88123")]
    notice = [(offset, played) for name, offset, played in hotline.files if name == "zh/8k/call_is_recorded"]
    assert [played.digit for _, played in notice] == [*"188123#", ""]
    assert all(later[0] == earlier[1].endpos for earlier, later in itertools.pairwise(notice))
    length = (PROMPTS / "zh" / "8k" / "call_is_recorded.wav").stat().st_size / 16_000
    assert length - 1.5 < took < length + 3
    assert "zh/8k/ask_order_number" not in hotline.prompts


async def test_keys_pressed_faster_than_prompts_follow_wait_in_the_channel(hotline: Hotline) -> None:
    async with calling(hotline) as caller:
        await heard(hotline, "zh/8k/call_is_recorded")
        await asyncio.sleep(0.2)
        await caller.send_digits("188123#")
        await over(hotline, 30)
    assert hotline.path[1:3] == [Passed("menu", "1"), Passed("number", "88123")]


async def test_a_wrong_key_then_silence_leads_on_in_the_chosen_language(hotline: Hotline) -> None:
    async with calling(hotline) as caller:
        await heard(hotline, "zh/8k/call_is_recorded")
        await caller.send_digits("9")
        await heard(hotline, "en/8k/no_input")
        await caller.send_digits("5")
        await heard(hotline, "en/8k/invalid_choice")
        await over(hotline, 15)
    assert hotline.ending == EnterQueue(queue="sales")
    assert [passed.step for passed in hotline.path] == ["notice", "menu", "english", "menu", "agent"]


async def test_a_caller_who_hangs_up_in_the_menu(hotline: Hotline) -> None:
    async with calling(hotline) as caller:
        await heard(hotline, "zh/8k/call_is_recorded")
        await caller.hang_up()
        await over(hotline, 3)
    assert hotline.gone
    assert hotline.path == [Passed("notice")]


async def test_a_missing_file_plays_nothing_and_ends_nothing(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AgiLine, "sound", lambda _self, prompt: str(PROMPTS / "zh" / "8k" / f"no_{prompt}"))
    async with calling(hotline):
        await over(hotline, 10)
    assert hotline.ending == EnterQueue(queue="sales")
    assert hotline.files == []
