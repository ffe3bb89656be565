"""What a flow's author is told, word for word."""

import json
from pathlib import Path

import pytest

from cti.config.file import parse
from cti.errors import ConfigError
from cti.ivr.check import Known, check, load_flows
from cti.ivr.flow import Flow

KNOWN = Known(
    prompts={"zh": {"hello", "menu", "bye"}, "en": {"hello", "menu"}}, queues={"sales": 1, "complaints": 2}.keys()
)


def problems(text: str, known: Known = KNOWN) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(parse(text, Flow, "f.yaml"), known)
    return [str(problem) for problem in caught.value.problems]


def test_unknown_steps_queues_prompts_languages_lookups_and_variables_come_in_one_go_with_their_lines() -> None:
    text = """\
entry: start
steps:
  hello:
    type: say
    prompts:
      - hello
      - hallo
    next: menue
  menu:
    type: menu
    prompts: [menu, {digits: order}]
    choices:
      1: {next: queue}
      2:
        next: nowhere
    otherwise: english
  english: {type: set_language, language: fr, next: status}
  queue:
    type: queue
    queue: sale
    by_language:
      en: sales_en
  status:
    type: lookup
    lookup: order_status
    arguments: {order: order_number}
    outcomes:
      lost: {next: queue}
      failed: {next: queue}
  other: {type: lookup, lookup: weather, outcomes: {failed: {next: queue}}}
"""
    steps = "'hello', 'menu', 'english', 'queue', 'status', 'other'"
    assert problems(text) == [
        f"f.yaml:1: unknown step 'start', expected one of {steps}",
        "f.yaml:7: unknown prompt 'hallo': it is not in ivr_prompts/zh/prompts.yaml",
        f"f.yaml:8: unknown step 'menue', expected one of {steps}",
        "f.yaml:11: unknown variable 'order', expected one of 'caller_number', 'dialled'",
        f"f.yaml:15: unknown step 'nowhere', expected one of {steps}",
        "f.yaml:17: there are no prompts in the language 'fr', only in 'en', 'zh'",
        "f.yaml:20: unknown queue 'sale', expected one of 'sales', 'complaints'",
        "f.yaml:22: unknown queue 'sales_en', expected one of 'sales', 'complaints'",
        "f.yaml:26: unknown argument 'order', expected one of 'order_number'",
        "f.yaml:26: missing argument 'order_number' of the lookup 'order_status'",
        "f.yaml:26: unknown variable 'order_number', expected one of 'caller_number', 'dialled'",
        ("f.yaml:28: unknown outcome 'lost', expected one of 'delivered', 'failed', 'not_found', 'paid', 'shipped'"),
        "f.yaml:30: unknown lookup 'weather', expected one of 'order_status', 'card_number'",
    ]


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (
            "{type: mneu}",
            (
                "f.yaml:3: unknown type 'mneu', expected one of 'say', 'menu', 'collect', 'set_language', 'hours',"
                " 'lookup', 'queue', 'voicemail', 'transfer', 'return', 'hang_up'; did you mean 'menu'?"
            ),
        ),
        (
            "{type: queue, quue: sales}",
            (
                "f.yaml:3: missing key 'queue': a queue of config/queues.yaml\n"
                "f.yaml:3: unknown key 'quue', expected one of 'label', 'prompts', 'type', 'queue', 'by_language',"
                " 'priority', 'skills'; did you mean 'queue'?"
            ),
        ),
        (
            "{type: menu, prompts: [menu], choices: {12: {next: a}}, otherwise: a}",
            "f.yaml:3: bad digit '12': expected one key of a telephone, 0 to 9, '*' or '#', found '12'",
        ),
        (
            "{type: menu, prompts: [menu], choices: {1: {next: a}}}",
            "f.yaml:3: missing key 'otherwise': the step for a caller who has not chosen after all retries",
        ),
        (
            '{type: menu, prompts: [menu], repeat: "1", choices: {1: {next: a}}, otherwise: a}',
            "f.yaml:3: the key '1' cannot both repeat the menu and be a choice",
        ),
        (
            "{type: collect, prompts: [menu], variable: x, min: 5, max: 4, next: a, otherwise: a}",
            "f.yaml:3: expected min not above max, found min 5 and max 4",
        ),
        ("{type: say, prompts: [], next: a}", "f.yaml:3: expected at least 1 item, found none"),
        (
            "{type: say, prompts: [{digit: x}], next: a}",
            "f.yaml:3: unknown key 'digit', expected one of 'id', 'digits', 'number'; did you mean 'digits'?",
        ),
        (
            "{type: say, prompts: [3], next: a}",
            "f.yaml:3: expected a prompt id, {digits: variable} or {number: variable}, found 3",
        ),
        (
            '{type: hours, time_zone: Asia/Shanghai, weekly: {mon: ["9-18"]}, open: a, closed: a}',
            (
                "f.yaml:3: expected a span within one day such as '09:00-18:00', the second time being the later one,"
                " found '9-18'"
            ),
        ),
        (
            "{type: hours, time_zone: Asia/Shanghai, weekly: {fri-mon: []}, open: a, closed: a}",
            (
                "f.yaml:3: unknown days 'fri-mon', expected one of mon, tue, wed, thu, fri, sat, sun or a range such as"
                " 'mon-fri', found 'fri-mon'"
            ),
        ),
        (
            "{type: hours, time_zone: Mars, weekly: {}, open: a, closed: a}",
            "f.yaml:3: expected the name of a time zone such as 'Asia/Shanghai', found 'Mars'",
        ),
        (
            "{type: lookup, lookup: order_status, outcomes: {paid: {next: a}}}",
            "f.yaml:3: missing outcome 'failed': where the caller goes when the lookup cannot answer",
        ),
        (
            "{type: transfer, number: 021 555}",
            "f.yaml:3: expected text of the form ^\\+?[0-9*#]{2,20}$, found '021 555'",
        ),
    ],
)
def test_a_bad_step(step: str, problem: str) -> None:
    assert "\n".join(problems(f"entry: a\nsteps:\n  a: {step}\n")) == problem


def test_a_caller_who_presses_nothing_must_come_to_an_end() -> None:
    text = """\
entry: hello
steps:
  hello: {type: say, prompts: [hello], next: menu}
  menu:
    type: menu
    prompts: [menu]
    choices: {1: {next: bye}, 2: {next: hello}}
    otherwise: hello
  bye: {type: hang_up}
"""
    assert problems(text) == [
        "f.yaml:8: no way out for a caller who presses nothing: hello -> menu -> hello",
    ]
    check(parse(text.replace("otherwise: hello", "otherwise: bye"), Flow), KNOWN)


def test_a_prompt_must_be_there_in_every_language_that_the_flow_speaks() -> None:
    text = """\
entry: english
steps:
  english: {type: set_language, language: en, next: bye}
  bye: {type: hang_up, prompts: [bye]}
"""
    assert problems(text) == ["f.yaml:4: unknown prompt 'bye': it is not in ivr_prompts/en/prompts.yaml"]
    check(parse("entry: bye\nsteps:\n  bye: {type: hang_up, prompts: [bye]}\n", Flow), KNOWN)


def test_a_step_that_nothing_leads_to_is_a_warning() -> None:
    checked = check(parse("entry: a\nsteps:\n  a: {type: hang_up}\n  b: {type: hang_up}\n", Flow, "f.yaml"), KNOWN)
    assert [str(warning) for warning in checked.warnings] == ["f.yaml:4: nothing leads to the step 'b'"]


def test_a_flow_of_thousands_of_steps_is_checked_in_time_and_its_problems_stay_short() -> None:
    steps = {f"s{n}": {"type": "say", "prompts": ["hello"], "next": f"s{n + 1}"} for n in range(2000)}
    text = json.dumps({"entry": "s0", "steps": {**steps, "s2000": {"type": "hang_up"}}})
    assert not check(parse(text, Flow), KNOWN).warnings
    around = json.dumps(
        {"entry": "s0", "steps": {**steps, "s2000": {"type": "say", "prompts": ["hello"], "next": "s1"}}}
    )
    (found,) = problems(around)
    assert found.startswith("f.yaml:1: no way out for a caller who presses nothing: s1 -> s2 -> ")
    (found,) = problems(
        json.dumps(
            {"entry": "s0", "steps": {**steps, "s2000": {"type": "say", "prompts": ["hello"], "next": "nowhere"}}}
        )
    )
    assert found.endswith(", 's49' and 1951 more")


def test_a_folder_of_flows_and_the_problems_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("entry: a\nsteps:\n  a: {type: hang_up}\n")
    assert list(load_flows(tmp_path, KNOWN)) == ["good"]
    (tmp_path / "x.yaml").write_text("entry: b\nsteps:\n  a: {type: hang_up}\n")
    (tmp_path / "y.yaml").write_text("steps: {}\n")
    with pytest.raises(ConfigError) as caught:
        load_flows(tmp_path, KNOWN)
    assert [str(problem) for problem in caught.value.problems] == [
        f"{tmp_path}/x.yaml:1: unknown step 'b', expected one of 'a'",
        f"{tmp_path}/y.yaml:1: missing key 'entry': the first step",
        f"{tmp_path}/y.yaml:1: expected at least 1 key, found none",
    ]
