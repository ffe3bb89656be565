"""One caller in one flow, step type by step type; the answers of the line are given by hand."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from cti.config.file import parse
from cti.ivr.actions import (
    ALL_DIGITS,
    Action,
    Answer,
    ChooseLanguage,
    EnterQueue,
    HangUp,
    Lookup,
    LookupAnswer,
    Passed,
    Play,
    ReadDigits,
    Transfer,
    Voicemail,
)
from cti.ivr.flow import ACTION_LIMIT, Flow, FlowRun

MENU = """
entry: menu
steps:
  menu:
    type: menu
    prompts: [main_menu]
    invalid: [invalid_choice]
    no_input: [no_input]
    timeout_s: 5
    retries: 2
    choices:
      "1": {next: sales, label: {zh: 销售, en: Sales}}
      "2": {next: bye, label: The end}
    otherwise: operator
  sales: {type: queue, queue: sales, priority: 7, skills: {washing: 3}}
  operator: {type: queue, queue: operator}
  bye: {type: hang_up, prompts: [goodbye]}
"""


def flow(text: str) -> Flow:
    return parse(text, Flow).value


class Walk:
    """Starts a run and answers it; `now` never moves."""

    def __init__(
        self, text: str, language: str | None = None, now: float = 0.0, variables: Mapping[str, str] | None = None
    ) -> None:
        self.run = FlowRun(flow(text), language=language, variables=variables)
        self._now = now
        self.action: Action = self.run.begin(now)

    def answer(self, answer: Answer) -> Action:
        self.action = self.run.proceed(answer, self._now)
        return self.action


def asked(action: Action) -> tuple[str, ...]:
    assert isinstance(action, ReadDigits)
    return action.prompts


def test_a_menu_asks_for_one_key_and_leads_to_its_choice() -> None:
    walk = Walk(MENU)
    assert walk.action == ReadDigits(prompts=("main_menu",), max_digits=1, first_timeout_s=5, between_timeout_s=5)
    assert walk.answer("1") == EnterQueue(queue="sales", priority=7, skills={"washing": 3})
    assert walk.run.path == (Passed("menu", "1", "销售"), Passed("sales"))
    assert walk.run.ending == EnterQueue(queue="sales", priority=7, skills={"washing": 3})


def test_a_wrong_key_and_silence_use_up_the_same_retries_and_say_what_was_wrong() -> None:
    walk = Walk(MENU)
    assert asked(walk.answer("7")) == ("invalid_choice", "main_menu")
    assert asked(walk.answer("")) == ("no_input", "main_menu")
    assert walk.answer("") == EnterQueue(queue="operator")
    assert walk.run.path == (Passed("menu"), Passed("operator"))


def test_the_last_wrong_key_is_in_the_path() -> None:
    walk = Walk(MENU.replace("retries: 2", "retries: 0"))
    walk.answer("7")
    assert walk.run.path[0] == Passed("menu", "7")


def test_star_repeats_without_using_up_a_retry() -> None:
    walk = Walk(MENU)
    for _ in range(5):
        assert asked(walk.answer("*")) == ("main_menu",)
    assert asked(walk.answer("")) == ("no_input", "main_menu")
    assert asked(walk.answer("*")) == ("main_menu",)
    assert asked(walk.answer("")) == ("no_input", "main_menu")
    assert walk.answer("") == EnterQueue(queue="operator")


def test_star_may_be_a_choice_when_nothing_says_that_it_repeats() -> None:
    walk = Walk(MENU.replace('"2"', '"*"'))
    assert walk.answer("*") == Play(("goodbye",), "")


def test_hang_up_says_its_prompts_to_the_end() -> None:
    walk = Walk(MENU)
    assert walk.answer("2") == Play(("goodbye",), "")
    assert walk.answer("") == HangUp()
    assert walk.run.path == (Passed("menu", "2", "The end"), Passed("bye"))
    with pytest.raises(ValueError, match="the flow is over"):
        walk.answer("")


SAY = """
entry: welcome
steps:
  welcome: {type: say, prompts: [welcome], next: notice}
  notice: {type: say, prompts: [call_is_recorded], interrupt: false, next: menu}
  menu: {type: menu, prompts: [main_menu], choices: {1: {next: pin}, 2: {next: bye}}, otherwise: bye}
  pin: {type: collect, prompts: [ask], variable: pin, min: 4, max: 4, secret: true, next: bye, otherwise: bye}
  bye: {type: hang_up}
"""


def test_a_key_pressed_while_something_is_said_answers_the_next_question() -> None:
    walk = Walk(SAY)
    assert walk.action == Play(("welcome",), ALL_DIGITS)
    assert walk.answer("1") == Play(("call_is_recorded",), ""), "what must be heard is said to who types ahead, too"
    assert asked(walk.answer("")) == ("ask",), "the menu was answered ahead"
    assert walk.run.path == (Passed("welcome"), Passed("notice"), Passed("menu", "1"))


def test_keys_typed_beyond_a_menu_begin_the_next_entry() -> None:
    walk = Walk(SAY)
    walk.answer("1")
    action = walk.answer("23")
    assert isinstance(action, ReadDigits)
    assert action.typed == "23"
    assert walk.answer("2345") == HangUp()
    assert walk.run.path[-2:] == (Passed("pin", "****"), Passed("bye"))
    assert walk.run.variables["pin"] == "2345"


def test_a_whole_entry_typed_ahead_asks_nothing() -> None:
    walk = Walk(SAY)
    walk.answer("1")
    assert walk.answer("98765") == HangUp()
    assert walk.run.variables["pin"] == "9876"


def test_a_mistake_forgets_what_was_typed_after_it() -> None:
    walk = Walk(SAY)
    walk.answer("7")
    assert asked(walk.answer("1")) == ("main_menu",)


COLLECT = """
entry: number
steps:
  number:
    type: collect
    prompts: [ask_order_number]
    invalid: [invalid_order_number]
    no_input: [no_input]
    variable: order
    min: 4
    max: 8
    retries: 1
    label: {zh: 订单号, en: Order number}
    confirm: {prompts: [your_order, {digits: order}]}
    next: known
    otherwise: unknown
  known: {type: transfer, number: "+8621000"}
  unknown: {type: voicemail, prompts: [voicemail_not_available]}
"""


def test_collect_asks_reads_back_and_keeps_the_digits() -> None:
    walk = Walk(COLLECT)
    assert walk.action == ReadDigits(
        prompts=("ask_order_number",),
        max_digits=8,
        first_timeout_s=8,
        between_timeout_s=4,
        terminator="#",
        cancel="*",
    )
    assert asked(walk.answer("8812")) == ("your_order", "digit_8", "digit_8", "digit_1", "digit_2")
    assert walk.answer("1") == Transfer("+8621000")
    assert walk.run.path == (Passed("number", "8812", "订单号"), Passed("known"))
    assert walk.run.variables == {"order": "8812"}


def test_who_does_not_confirm_is_asked_again_without_blame() -> None:
    walk = Walk(COLLECT)
    walk.answer("8812")
    assert asked(walk.answer("2")) == ("ask_order_number",)
    assert asked(walk.answer("8813"))[-1] == "digit_3"
    assert walk.answer("1") == Transfer("+8621000")
    assert walk.run.variables == {"order": "8813"}


def test_too_few_digits_then_silence_lead_to_otherwise() -> None:
    walk = Walk(COLLECT)
    assert asked(walk.answer("12")) == ("invalid_order_number", "ask_order_number")
    assert walk.answer("") == Play(("voicemail_not_available",), "")
    assert walk.answer("") == Voicemail()
    assert walk.run.path == (Passed("number", "", "订单号"), Passed("unknown"))


def test_star_clears_an_entry_and_the_terminator_alone_declines_it() -> None:
    walk = Walk(COLLECT)
    assert asked(walk.answer("*")) == ("ask_order_number",)
    assert walk.answer("#") == Play(("voicemail_not_available",), "")


LANGUAGE = """
entry: menu
language: zh
steps:
  menu: {type: menu, prompts: [main_menu], choices: {9: {next: english}}, otherwise: agent}
  english: {type: set_language, language: en, prompts: [welcome], next: count}
  count: {type: say, prompts: [{number: caller_number}], next: agent}
  agent: {type: queue, queue: sales, by_language: {en: sales_en}, prompts: [connecting]}
"""


def test_a_chosen_language_is_spoken_and_routed_from_there_on() -> None:
    walk = Walk(LANGUAGE, variables={"caller_number": "21"})
    assert walk.run.language == "zh"
    assert walk.answer("9") == ChooseLanguage("en")
    assert walk.answer(None) == Play(("welcome",), ALL_DIGITS)
    assert walk.run.language == "en"
    assert walk.answer("") == Play(("number_20", "number_1"), ALL_DIGITS)
    assert walk.answer("") == Play(("connecting",), ALL_DIGITS)
    assert walk.answer("") == EnterQueue(queue="sales_en")


def test_without_a_choice_the_flow_s_language_holds_and_a_run_may_begin_in_another() -> None:
    for language, queue in ((None, "sales"), ("zh", "sales"), ("en", "sales_en")):
        walk = Walk(LANGUAGE, language=language)
        answers = [walk.answer("") for _ in range(4)]
        assert answers[-2:] == [Play(("connecting",), ALL_DIGITS), EnterQueue(queue=queue)]


HOURS = """
entry: hours
steps:
  hours:
    type: hours
    time_zone: Asia/Shanghai
    weekly: {mon-fri: ["09:00-12:00", "13:00-18:00"], sat: ["10:00-16:00"]}
    special_days: {2026-10-10: ["09:00-18:00"], 2026-12-25: []}
    closed_days: [2026-10-01]
    open: day
    closed: night
  day: {type: queue, queue: day}
  night: {type: queue, queue: night}
"""


@pytest.mark.parametrize(
    ("local", "queue"),
    [
        ("2026-11-20T09:00:00+08:00", "day"),  # a Friday
        ("2026-11-20T08:59:59+08:00", "night"),
        ("2026-11-20T11:59:59+08:00", "day"),
        ("2026-11-20T12:00:00+08:00", "night"),
        ("2026-11-20T05:30:00+00:00", "day"),  # 13:30 in Shanghai
        ("2026-11-21T17:00:00+08:00", "night"),  # a Saturday, later than its own hours
        ("2026-11-22T11:00:00+08:00", "night"),  # a Sunday
        ("2026-10-01T11:00:00+08:00", "night"),  # a Thursday, closed
        ("2026-10-10T17:00:00+08:00", "day"),  # a Saturday that is worked
        ("2026-12-25T11:00:00+08:00", "night"),  # a Friday with no hours
    ],
)
def test_hours_are_those_of_the_time_zone(local: str, queue: str) -> None:
    now = datetime.fromisoformat(local).timestamp()
    assert Walk(HOURS, now=now).action == EnterQueue(queue=queue)


LOOKUP = """
entry: number
steps:
  number: {type: collect, prompts: [ask], variable: order, next: status, otherwise: agent}
  status:
    type: lookup
    lookup: order_status
    arguments: {order_number: order}
    prompts: [please_wait]
    outcomes:
      shipped: {prompts: [your_order, {digits: order}, order_shipped], label: 已发货, next: bye}
      not_found: {prompts: [order_not_found], next: number}
      failed: {next: agent}
  agent: {type: queue, queue: sales}
  bye: {type: hang_up}
"""


def test_a_lookup_is_asked_with_what_was_typed_and_its_answer_is_said() -> None:
    walk = Walk(LOOKUP)
    assert walk.answer("42") == Play(("please_wait",), ALL_DIGITS)
    assert walk.answer("") == Lookup("order_status", {"order_number": "42"})
    assert walk.answer(LookupAnswer("shipped", {"carrier": "x"})) == Play(
        ("your_order", "digit_4", "digit_2", "order_shipped"), ALL_DIGITS
    )
    assert walk.answer("") == HangUp()
    assert walk.run.path == (Passed("number", "42"), Passed("status", "", "已发货"), Passed("bye"))
    assert walk.run.variables["carrier"] == "x"


@pytest.mark.parametrize("answer", [LookupAnswer("failed"), LookupAnswer("returned"), None, ""])
def test_a_lookup_that_cannot_answer_or_answers_something_unforeseen_fails(answer: Answer) -> None:
    walk = Walk(LOOKUP)
    walk.answer("42")
    walk.answer("")
    assert walk.answer(answer) == EnterQueue(queue="sales")


def test_not_found_asks_again() -> None:
    walk = Walk(LOOKUP)
    walk.answer("42")
    walk.answer("")
    assert walk.answer(LookupAnswer("not_found")) == Play(("order_not_found",), ALL_DIGITS)
    assert asked(walk.answer("")) == ("ask",)


def test_who_goes_round_without_an_end_is_let_go() -> None:
    walk = Walk(MENU)
    for _ in range(ACTION_LIMIT - 1):
        assert asked(walk.answer("*"))
    assert walk.answer("*") == HangUp("limit")
