"""The flow loader: any text gives a flow or a ConfigError that says where; its flows bring any caller to an end."""

import json
from typing import Any

from cti.config.file import parse, validated
from cti.errors import ConfigError
from cti.ivr.actions import Lookup, LookupAnswer, ReadDigits
from cti.ivr.check import Known, check
from cti.ivr.flow import ACTION_LIMIT, Flow, FlowRun
from tests.fuzz.source import Source, as_json

KNOWN = Known(prompts={"zh": {"hello", "menu"}, "en": {"hello"}}, queues={"sales", "complaints"})
STEPS = ("a", "b", "c", "d")
TYPES = (
    "say",
    "menu",
    "collect",
    "lookup",
    "set_language",
    "queue",
    "transfer",
    "voicemail",
    "return",
    "hang_up",
    "hours",
)
PROMPTS: tuple[Any, ...] = ("hello", "menu", {"digits": "order"}, {"number": "order"}, {"id": "hello"}, "unknown")
KEYS: dict[str, tuple[Any, ...]] = {
    "prompts": (["hello"], ["menu", "hello"], [{"digits": "order"}], []),
    "next": STEPS,
    "otherwise": STEPS,
    "choices": ({"1": {"next": "b"}}, {"1": {"next": "c"}, "2": {"next": "a"}}, {"#": {"next": "d", "label": "x"}}),
    "variable": ("order",),
    "min": (1, 2, 40),
    "max": (1, 4, 40),
    "terminator": ("#", None, "*"),
    "cancel": ("*", None, "#"),
    "timeout_s": (1, 6.5),
    "retries": (0, 1, 10),
    "invalid": (["hello"],),
    "no_input": (["menu"],),
    "confirm": ({"prompts": [{"digits": "order"}]},),
    "secret": (True, False),
    "lookup": ("order_status", "card_number", "weather"),
    "arguments": ({"order": "order"}, {"number": "order"}, {}),
    "outcomes": ({"failed": {"next": "b"}}, {"valid": {"next": "c"}, "failed": {"next": "d"}}),
    "language": ("en", "zh", "fr"),
    "queue": ("sales", "complaints"),
    "by_language": ({"en": "sales"},),
    "priority": (0, 10, None),
    "skills": ({"english": 3},),
    "number": ("+861012345678",),
    "result": ("done",),
    "time_zone": ("Asia/Shanghai", "UTC", "Mars/Base"),
    "weekly": ({"mon-fri": ["09:00-18:00"]}, {"sat": []}),
    "special_days": ({"2026-10-01": ["10:00-12:00"]},),
    "closed_days": (["2026-10-01"],),
    "open": STEPS,
    "closed": STEPS,
    "label": ("words", {"zh": "词", "en": "words"}),
}
OF_TYPE = {
    "say": ("prompts", "next"),
    "menu": ("prompts", "choices", "otherwise"),
    "collect": ("prompts", "variable", "next", "otherwise"),
    "lookup": ("lookup", "arguments", "outcomes"),
    "set_language": ("language", "next"),
    "queue": ("queue",),
    "transfer": ("number",),
    "return": ("result",),
    "hours": ("time_zone", "weekly", "open", "closed"),
}
KEY_LIST = tuple(KEYS)
LINE_ENDS = ("\n", "\r", "\x85", "\u2028", "\u2029")
ANSWERS: tuple[str | None, ...] = ("1", "2", "", "#", "*", "123456789012", None)


def one_input(data: bytes) -> None:
    source = Source(data)
    keys, kind = source.bytes(), source.byte() % 16
    if kind > 3:  # most without YAML, which takes ten times as long as all the rest
        flow = _loaded("", _plain(source))
    elif kind > 1:
        flow = _loaded(_document(source))
    else:
        flow = _loaded(source.rest().decode("utf-8", "replace"))
    if flow is not None:
        _walk(flow, Source(keys))


def _loaded(text: str, data: Any = None) -> Flow | None:
    try:
        if text:
            return check(parse(text, Flow, "flow.yaml"), KNOWN).flow
        return check(validated(data, Flow, "flow.yaml", {}, []), KNOWN).flow
    except ConfigError as error:
        problems = error.problems
    lines = 2 + sum(map(text.count, LINE_ENDS))
    assert problems
    assert all(problem.file == "flow.yaml" and 0 <= problem.line <= lines for problem in problems), problems
    return None


def _plain(source: Source) -> Any:
    """A flow as it is after YAML, whose texts have no half characters."""
    steps = {name: _step(source) for name in STEPS[: 1 + source.byte() % 4]}
    flow: dict[str, Any] = {"entry": "a" if source.byte() < 245 else source.text(), "steps": steps}
    if source.byte() > 200:
        flow[source.text(("language",))] = source.value(("zh", "en"))
    return json.loads(as_json(flow).replace("\\ud800", "?"))


def _document(source: Source) -> str:
    """A flow as JSON, which is YAML, now and then with a piece of it replaced."""
    text = as_json(_plain(source))
    if source.byte() > 200:
        at, length = source.byte() * len(text) // 256, source.byte() % 16
        text = (
            text[:at]
            + source.text(("&a ", "*a", "!!x ", "<<: ", "\n", "? ", "|\n", "- ", "[" * 50))
            + text[at + length :]
        )
    return text


def _step(source: Source) -> Any:
    kind = source.pick(TYPES)
    step: dict[str, Any] = {"type": kind}
    for key in OF_TYPE.get(kind, ("prompts",)):
        step[key] = source.pick(KEYS[key]) if source.byte() < 245 else source.value(KEYS[key])
    for _ in range(max(0, source.byte() - 252)):
        key = source.pick(KEY_LIST)
        step[key] = source.value(KEYS[key])
    return step if source.byte() < 250 else source.value()


def _walk(flow: Flow, keys: Source) -> None:
    run = FlowRun(flow, variables={"caller_number": "13900000001", "dialled": "4000"})
    now = 1_700_000_000.0
    action = run.begin(now)
    for _ in range(ACTION_LIMIT + 2):
        if run.ending is not None:
            return
        answer: str | LookupAnswer | None = keys.pick(ANSWERS)
        if isinstance(action, Lookup):
            answer = LookupAnswer(keys.pick(("failed", "valid", "x")), {"order": keys.text()})
        elif isinstance(action, ReadDigits) and isinstance(answer, str):
            answer = answer[: action.max_digits]
        now += 1000.0
        action = run.proceed(answer, now)
    raise AssertionError("a caller goes round for ever")
