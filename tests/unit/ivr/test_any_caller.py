"""Whatever a caller presses or does not press, the demo flow stays in bounds and comes to an end."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cti.config.file import load
from cti.ivr.actions import (
    ALL_DIGITS,
    Action,
    Answer,
    EnterQueue,
    Entry,
    Lookup,
    LookupAnswer,
    Play,
    ReadDigits,
)
from cti.ivr.check import Known, load_flow
from cti.ivr.flow import ACTION_LIMIT, FlowRun
from cti.prompts.catalog import read
from cti.settings.queues import QueuesFile

ROOT = Path(__file__).parents[3]
CATALOGS = read(ROOT / "ivr_prompts")
KNOWN = Known(
    prompts={language: catalog.prompts.keys() for language, catalog in CATALOGS.items()},
    queues=load(ROOT / "config" / "queues.yaml", QueuesFile).queues,
)
CHECKED = load_flow(ROOT / "config" / "flows" / "after_sales.yaml", KNOWN)
FLOW = CHECKED.flow

keys = st.text(ALL_DIGITS, max_size=4)
outcomes = st.sampled_from(["paid", "shipped", "delivered", "not_found", "failed", "unheard of"])


def reply(action: Action, pressed: str, outcome: str) -> Answer:
    """What a line could answer: only keys that the action allows."""
    match action:
        case Play():
            return pressed[:1] if action.interrupt_digits else pressed
        case ReadDigits():
            entry = Entry(action)
            for digit in pressed:
                entry.press(digit)
            return entry.digits
        case Lookup():
            return LookupAnswer(outcome)
    return None


def test_the_demo_flow_has_no_warning() -> None:
    assert CHECKED.warnings == ()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(keys, outcomes), max_size=60), st.sampled_from(["zh", "en"]))
def test_random_keys_then_silence(script: list[tuple[str, str]], language: str) -> None:
    run = FlowRun(FLOW, language=language)
    action = run.begin(0)
    turns = iter(script)
    actions = 0
    while run.ending is None:
        actions += 1
        assert actions <= ACTION_LIMIT
        if isinstance(action, (Play, ReadDigits)):
            assert action.prompts
            assert set(action.prompts) <= CATALOGS[run.language].prompts.keys()
        action = run.proceed(reply(action, *next(turns, ("", "failed"))), 0)
    assert [passed.step for passed in run.path][:1] == ["welcome"]
    assert all(passed.step in FLOW.steps for passed in run.path)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(ALL_DIGITS, min_size=1, max_size=4), outcomes), min_size=1, max_size=8))
def test_who_never_stops_pressing_is_let_go(script: list[tuple[str, str]]) -> None:
    run = FlowRun(FLOW)
    action = run.begin(0)
    for turn in range(ACTION_LIMIT + 1):
        if run.ending is not None:
            return
        action = run.proceed(reply(action, *script[turn % len(script)]), 0)
    assert run.ending is not None


def silent_path(*pressed: str) -> tuple[list[str], Action]:
    """The steps and the end for a caller who answers each question with the next of `pressed`, then with silence."""
    run = FlowRun(FLOW)
    action = run.begin(0)
    left = list(pressed)
    while run.ending is None:
        key = left.pop(0) if left and isinstance(action, ReadDigits) else ""
        action = run.proceed(LookupAnswer("paid") if isinstance(action, Lookup) else key, 0)
    return [passed.step for passed in run.path][3:], run.ending


def test_where_the_demo_s_keys_lead() -> None:
    queues = {key: silent_path(key)[1] for key in ("", "1", "2", "3", "0")}
    assert queues == {
        "": EnterQueue(queue="after_sales"),
        "1": EnterQueue(queue="after_sales"),
        "2": EnterQueue(queue="after_sales"),
        "3": EnterQueue(queue="complaints"),
        "0": EnterQueue(queue="operator"),
    }
    assert silent_path("9", "2") == (["main_menu", "english", "main_menu", "agent"], EnterQueue(queue="after_sales_en"))
    assert silent_path("1", "88123") == (
        ["main_menu", "order_number", "order_status", "order_known", "agent"],
        EnterQueue(queue="after_sales"),
    )
    assert silent_path("1", "#") == (["main_menu", "order_number", "agent"], EnterQueue(queue="after_sales"))
