"""The shell around a flow, on a line whose session acts like Asterisk."""

import asyncio
from collections import deque
from collections.abc import Mapping

import pytest

from cti.config.file import parse
from cti.errors import ActionFailed, HungUp
from cti.ivr import session
from cti.ivr.actions import ALL_DIGITS, EnterQueue, HangUp, LookupAnswer, Passed, ReadDigits
from cti.ivr.flow import Flow, FlowRun
from cti.ivr.line import AgiLine
from cti.ivr.session import read_digits, run_flow

FLOW = parse(
    """
entry: notice
steps:
  notice: {type: say, prompts: [recorded], interrupt: false, next: menu}
  menu: {type: menu, prompts: [menu_a, menu_b], choices: {1: {next: number}, 9: {next: english}}, otherwise: agent}
  english: {type: set_language, language: en, next: menu}
  number: {type: collect, prompts: [ask], variable: order, min: 2, max: 6, next: status, otherwise: agent}
  status:
    type: lookup
    lookup: order_status
    arguments: {order_number: order}
    outcomes: {paid: {prompts: [paid], next: bye}, failed: {next: agent}}
  agent: {type: queue, queue: sales}
  bye: {type: hang_up}
""",
    Flow,
).value


class Asterisk:
    """STREAM FILE and WAIT FOR DIGIT of a channel: keys wait in its queue; a file throws away keys that do not stop it.

    `keys`: for each file in turn, what the caller presses while it plays. A file is 1000 samples long; keys are
    pressed at sample 400. `later`: what is pressed while nothing plays, "" for a wait that ends without a key.
    """

    def __init__(self, keys: Mapping[str, str], later: tuple[str, ...] = ()) -> None:
        self._keys = {name: deque(pressed) for name, pressed in keys.items()}
        self._queue: deque[str] = deque()
        self._later = deque(later)
        self.heard: list[str] = []
        self.waits: list[int] = []

    async def stream_file(self, path: str, escape_digits: str = "", *, offset: int = 0) -> tuple[str, int]:
        await asyncio.sleep(0)
        if not path.startswith("/sounds/"):
            raise HungUp("the test's caller is gone")
        name = path.removeprefix("/sounds/")
        if name.endswith("missing"):
            raise ActionFailed("STREAM FILE", "Asterisk reports a failure (-1)")
        self.heard.append(name + (f"@{offset}" if offset else ""))
        self._queue.extend(self._keys.pop(name, ()))
        while self._queue:
            digit = self._queue.popleft()
            if digit in escape_digits:
                return digit, max(400, offset)
        return "", 1000

    async def wait_for_digit(self, timeout_ms: int) -> str | None:
        await asyncio.sleep(0)
        self.waits.append(timeout_ms)
        if self._queue:
            return self._queue.popleft()
        if not self._later:
            raise HungUp("the test's caller is gone")
        return self._later.popleft() or None


class Orders:
    def __init__(self, answer: LookupAnswer | Exception | None = None) -> None:
        self._answer = answer
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    async def look_up(self, name: str, arguments: Mapping[str, str]) -> LookupAnswer:
        self.asked.append((name, arguments))
        if self._answer is None:
            await asyncio.sleep(3600)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer or LookupAnswer("never")


def line_of(asterisk: Asterisk) -> AgiLine:
    return AgiLine(asterisk, "/sounds/", "zh")


async def test_a_call_from_the_notice_to_the_answer_with_everything_reported_in_order() -> None:
    asterisk = Asterisk({"zh/8k/menu_b": "1"}, later=("4", "2", "#"))
    orders, steps = Orders(LookupAnswer("paid")), list[Passed]()

    async def on_step(passed: Passed) -> None:
        steps.append(passed)

    ending = await run_flow(FlowRun(FLOW), line_of(asterisk), lookups=orders, on_step=on_step, clock=lambda: 0.0)
    assert ending == HangUp()
    assert asterisk.heard == [f"zh/8k/{name}" for name in ("recorded", "menu_a", "menu_b", "ask", "paid")]
    assert asterisk.waits == [8000, 4000, 4000]
    assert orders.asked == [("order_status", {"order_number": "42"})]
    assert steps == [
        Passed("notice"),
        Passed("menu", "1"),
        Passed("number", "42"),
        Passed("status"),
        Passed("bye"),
    ]


async def test_everything_typed_ahead_during_the_notice_is_used_and_the_notice_is_heard_to_its_end() -> None:
    asterisk = Asterisk({"zh/8k/recorded": "142#"})
    ending = await run_flow(FlowRun(FLOW), line_of(asterisk), lookups=Orders(LookupAnswer("paid")))
    assert ending == HangUp()
    assert asterisk.heard == ["zh/8k/recorded", *["zh/8k/recorded@400"] * 4, "zh/8k/paid"]


async def test_keys_beyond_the_first_wait_in_the_channel() -> None:
    asterisk = Asterisk({"zh/8k/menu_a": "142"}, later=("#",))
    ending = await run_flow(FlowRun(FLOW), line_of(asterisk), lookups=Orders(LookupAnswer("paid")))
    assert ending == HangUp()
    assert asterisk.heard == ["zh/8k/recorded", "zh/8k/menu_a", "zh/8k/ask", "zh/8k/paid"]


async def test_the_language_changes_on_the_line_and_is_told() -> None:
    asterisk, languages = Asterisk({"zh/8k/menu_a": "9"}, later=("", "", "")), list[str]()

    async def on_language(language: str) -> None:
        languages.append(language)

    ending = await run_flow(FlowRun(FLOW), line_of(asterisk), lookups=Orders(), on_language=on_language)
    assert ending == EnterQueue(queue="sales")
    assert asterisk.heard[:4] == ["zh/8k/recorded", "zh/8k/menu_a", "en/8k/menu_a", "en/8k/menu_b"]
    assert languages == ["en"]


@pytest.mark.parametrize("answer", [None, RuntimeError("no database")])
async def test_a_lookup_that_hangs_or_breaks_does_not_keep_the_caller(
    answer: RuntimeError | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LOOKUP_DEADLINE_S", 0.01)
    asterisk = Asterisk({"zh/8k/menu_a": "142#"})
    ending = await run_flow(FlowRun(FLOW), line_of(asterisk), lookups=Orders(answer))
    assert ending == EnterQueue(queue="sales")


async def test_a_hang_up_ends_the_flow_after_the_passed_steps_were_reported() -> None:
    steps = list[Passed]()

    async def on_step(passed: Passed) -> None:
        steps.append(passed)

    run = FlowRun(FLOW)
    with pytest.raises(HungUp):
        await run_flow(run, line_of(Asterisk({"zh/8k/menu_b": "1"})), lookups=Orders(), on_step=on_step)
    assert steps == [Passed("notice"), Passed("menu", "1")]
    assert run.step == "number"


@pytest.mark.parametrize(
    ("during", "later", "typed", "digits"),
    [
        ("", ("1", "2", "3"), "", "123"),
        ("1", ("2", "3"), "", "123"),
        ("", ("1", "#"), "", "1"),
        ("", ("#",), "", "#"),
        ("", ("1", ""), "", "1"),
        ("", ("",), "", ""),
        ("", ("1", "*"), "", "*"),
        ("*", (), "", "*"),
        ("", ("3",), "12", "123"),
        ("", ("#",), "12", "12"),
    ],
)
async def test_digits_are_read_until_they_are_enough(
    during: str, later: tuple[str, ...], typed: str, digits: str
) -> None:
    want = ReadDigits(
        prompts=("ask",),
        max_digits=3,
        first_timeout_s=5,
        between_timeout_s=2,
        terminator="#",
        cancel="*",
        typed=typed,
    )
    asterisk = Asterisk({"zh/8k/ask": during}, later)
    assert await read_digits(want, line_of(asterisk)) == digits
    assert asterisk.heard == ([] if typed else ["zh/8k/ask"])
    assert asterisk.waits == [2000 if index or during or typed else 5000 for index in range(len(later))]


async def test_only_the_keys_asked_for_stop_a_prompt() -> None:
    asterisk = Asterisk({"zh/8k/a": "5", "zh/8k/b": "81"})
    assert await line_of(asterisk).play(("a", "b", "c"), "1") == "581"
    assert asterisk.heard == ["zh/8k/a", "zh/8k/a@400", "zh/8k/b", "zh/8k/b@400"]
    assert await line_of(asterisk).play(("c",), ALL_DIGITS) == ""


async def test_a_prompt_that_cannot_be_played_is_passed_over() -> None:
    asterisk = Asterisk({"zh/8k/b": "1"})
    assert await line_of(asterisk).play(("missing", "b"), ALL_DIGITS) == "1"
