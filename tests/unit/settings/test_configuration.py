"""What is refused, and what is warned of, before it goes live: word for word, with file:line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cti.agents.agent import AgentProfile
from cti.desk.alarms import AlarmLimit, AlarmRules
from cti.errors import ConfigError
from cti.private_asterisk.model import REPOSITORY
from cti.settings import read
from cti.settings.configuration import Configuration, examine
from cti.settings.rules import outbound_rules

NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
ANN = AgentProfile(agent_id="ann", queues=("sales", "night"), skills={"english": 4})
LABEL = "label: {zh: 队列, en: A queue}"


def site(root: Path, queues: str, *, hours: str = "", **flows: str) -> Path:
    """A folder that `laidian --root` could be given, with the repository's prompts."""
    (root / "config" / "flows").mkdir(parents=True)
    (root / "ivr_prompts").symlink_to(REPOSITORY / "ivr_prompts")
    (root / "config" / "queues.yaml").write_text(queues)
    (root / "config" / "laidian.yaml").write_text('hotlines:\n  "*": main\n')
    for name, text in ({"main": "entry: end\nsteps:\n  end: {type: hang_up}\n"} | flows).items():
        (root / "config" / "flows" / f"{name}.yaml").write_text(text)
    if hours:
        (root / "config" / "opening_hours.yaml").write_text(hours)
    return root


def examined(root: Path, *people: AgentProfile) -> Configuration:
    return examine(read(root), NOW, people or None)


def refused(root: Path, *people: AgentProfile) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        examined(root, *people)
    return [str(problem).removeprefix(f"{root}/config/") for problem in caught.value.problems]


def warned(root: Path, *people: AgentProfile) -> list[str]:
    return [str(problem).removeprefix(f"{root}/config/") for problem in examined(root, *people).warnings]


SKILLED = f"""\
queues:
  sales:
    {LABEL}
    skills:
      english: 5
    relax:
      - {{after_s: 20, groups: [experts]}}
  night: {{{LABEL}}}
"""


def test_a_queue_that_requires_a_skill_nobody_can_have_is_warned_of(tmp_path: Path) -> None:
    root = site(tmp_path, SKILLED)
    assert warned(root, ANN) == [
        "queues.yaml:7: no agent is in group 'experts'",
        "queues.yaml:4: nobody has these skills at these levels, and no relaxation helps",
    ]
    eve = AgentProfile(agent_id="eve", groups=("experts",), skills={"english": 9})
    assert warned(root, ANN, eve) == [
        "queues.yaml:4: nobody has these skills at these levels; until 20 s have passed all wait in vain"
    ]
    assert warned(root) == [], "without the people nothing is known"


def test_cycles_of_overflow_are_refused(tmp_path: Path) -> None:
    text = f"""\
queues:
  sales:
    {LABEL}
    max_wait_s: 60
    way_out: queue:night
  night:
    {LABEL}
    limits:
      - when: nobody
        way_out: queue:sales
"""
    assert refused(site(tmp_path, text)) == ["queues.yaml:10: a cycle of ways out: sales -> night -> sales"]


def test_a_level_outside_1_to_10_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "laidian.yaml").write_text("")
    file = tmp_path / "config" / "queues.yaml"
    file.write_text(f"queues:\n  sales:\n    {LABEL}\n    skills: {{english: 11,\n      german: 0}}\n")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path)
    assert str(caught.value).splitlines() == [
        f"{file}:4: expected a number less than or equal to 10, found 11",
        f"{file}:5: expected a number greater than or equal to 1, found 0",
    ]


def test_overlapping_calendars_are_refused(tmp_path: Path) -> None:
    hours = """\
opening_hours:
  sales:
    time_zone: Asia/Shanghai
    weekly:
      mon-fri: ["09:00-12:00", "11:30-18:00"]
      fri: ["09:00-12:00"]
    holidays: [cn, firm]
"""
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n", hours=hours)
    (root / "config" / "calendars").mkdir()
    for name, days in (("cn", "last: 2026-10-07"), ("firm", "last: 2026-10-01, working_days: [2026-10-04]")):
        text = f"years: [2026]\nholidays:\n  - {{label: {{en: Days}}, first: 2026-10-01, {days}}}\n"
        (root / "config" / "calendars" / f"{name}.yaml").write_text(text)
    assert refused(root) == [
        "opening_hours.yaml:5: '11:30-18:00' overlaps the span before",
        "opening_hours.yaml:6: fri is in 'mon-fri' already",
        "opening_hours.yaml:7: 2026-10-04 is a holiday by one of 'cn' and 'firm', and a working day by the other",
    ]


def test_names_that_are_not_there_are_refused_all_in_one_go(tmp_path: Path) -> None:
    text = f"""\
queues:
  sales:
    {LABEL}
    max_wait_s: 60
    way_out: queue:nihgt
    relax:
      - after_s: 10
        queues: [nihgt]
    limits:
      - {{when: length, above: 9, way_out: "announcement:full"}}
      - {{when: nobody, way_out: callback}}
    when_closed: callback
"""
    flow = "entry: wait\nsteps:\n  wait: {type: queue, queue: sale}\n"
    root = site(tmp_path, text, other=flow)
    assert sorted(refused(root)) == [
        "flows/other.yaml:3: unknown queue 'sale', expected one of 'sales'",
        "queues.yaml:10: unknown prompt 'full': it is not in ivr_prompts/en/prompts.yaml, ivr_prompts/zh/prompts.yaml",
        "queues.yaml:11: the way out 'callback' needs the block `callback` in this queue",
        "queues.yaml:12: the way out 'callback' needs the block `callback` in this queue",
        "queues.yaml:5: there is no queue 'nihgt'",
        "queues.yaml:8: there is no queue 'nihgt'",
    ]


def test_a_way_out_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "laidian.yaml").write_text("")
    file = tmp_path / "config" / "queues.yaml"
    file.write_text(f"queues:\n  sales:\n    {LABEL}\n    way_out: music\n")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        f"{file}:4: way out 'music': expected queue:<name>, voicemail, callback, announcement:<prompt> or "
        "number:<digits>, found 'music'"
    )


DAY_AND_NIGHT = f"""\
queues:
  sales:
    {LABEL}
    when_closed: queue:night
  night:
    {LABEL}
    when_closed: queue:sales
"""
HOURS = """\
opening_hours:
  sales: {time_zone: Asia/Shanghai, weekly: {mon-sun: ["08:00-20:00"]}}
  night: {time_zone: Asia/Shanghai, weekly: {mon-sun: ["00:00-08:00", "%s-24:00"]}}
"""


def test_two_queues_that_relieve_each_other_are_a_cycle_only_while_both_are_closed(tmp_path: Path) -> None:
    assert warned(site(tmp_path / "whole day", DAY_AND_NIGHT, hours=HOURS % "20:00")) == []
    assert refused(site(tmp_path / "an hour of nobody", DAY_AND_NIGHT, hours=HOURS % "21:00")) == [
        "queues.yaml:7: a cycle of ways out: sales -> night -> sales"
    ]
    assert warned(site(tmp_path / "never closed", DAY_AND_NIGHT)) == []


def test_a_day_on_which_both_are_closed_counts_too(tmp_path: Path) -> None:
    special = HOURS.replace('"]}}', '"]}, special_days: {2026-12-24: []}}', 2) % "20:00"
    assert refused(site(tmp_path, DAY_AND_NIGHT, hours=special)) == [
        "queues.yaml:7: a cycle of ways out: sales -> night -> sales"
    ]


def test_a_queue_step_whose_skills_nobody_has_is_warned_of_in_the_flow(tmp_path: Path) -> None:
    flow = """\
entry: choose
steps:
  choose: {type: set_language, language: en, next: wait}
  wait:
    type: queue
    queue: sales
    skills:
      german: 3
"""
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n  night: {{{LABEL}}}\n", german=flow)
    assert warned(root, ANN) == [
        "flows/german.yaml:7: nobody whom the queue 'sales' reaches has these skills at these levels"
    ]
    able = AgentProfile(agent_id="bob", queues=("sales",), skills={"german": 3})
    assert warned(root, ANN, able) == []


def test_a_level_outside_1_to_10_in_a_flow_is_refused(tmp_path: Path) -> None:
    flow = "entry: wait\nsteps:\n  wait:\n    type: queue\n    queue: sales\n    skills: {german: 12}\n"
    assert refused(site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n", german=flow)) == [
        "flows/german.yaml:6: expected a number less than or equal to 10, found 12"
    ]


def test_a_hotline_without_a_flow_is_refused(tmp_path: Path) -> None:
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n")
    (root / "config" / "laidian.yaml").write_text('hotlines:\n  "*": main\n  "4000": mian\n')
    assert refused(root) == [f"laidian.yaml:3: there is no flow 'mian' in {root}/config/flows, there are: main"]


def test_what_customers_see_when_agents_call_them_must_be_a_hotline(tmp_path: Path) -> None:
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n")
    file = root / "config" / "laidian.yaml"
    file.write_text('hotlines:\n  "4000": main\noutbound:\n  caller_id: "4001"\n')
    assert refused(root) == ["laidian.yaml:4: no hotline answers at '4001', there are: 4000"]
    file.write_text('hotlines:\n  "4000": main\noutbound:\n  allow: ["abc"]\n')
    (problem,) = refused(root)
    assert problem.startswith("laidian.yaml:4: ")
    file.write_text('hotlines:\n  "4000": main\n')
    rules = outbound_rules(examined(root).settings)
    assert (rules.caller_id, rules.allow, rules.premium) == ("4000", ("+86",), False)


def test_what_is_stored_of_people_is_warned_of_by_name(tmp_path: Path) -> None:
    odd = AgentProfile(agent_id="1001", queues=("sales", "sale"), skills={"english": 11})
    assert warned(site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n"), odd) == [
        "agent 1001: skills english: expected a level of 1 to 10, found 11",
        "agent 1001: there is no queue 'sale'",
    ]


def test_our_own_configuration_is_sound() -> None:
    assert examine(read(REPOSITORY), NOW).warnings == ()


def test_a_scorecard_that_cannot_be_used_is_told_with_the_rest(tmp_path: Path) -> None:
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n")
    (root / "config" / "scorecards.yaml").write_text("scorecards:\n  service: {questions: []}\n")
    assert refused(root) == [
        "scorecards.yaml:2: missing key 'label'",
        "scorecards.yaml:2: expected at least 1 item, found none",
    ]


ALARMED = f"""\
queues:
  sales:
    {LABEL}
    alarms:
      longest_wait_s: {{warn: 60, alarm: 20}}
      waiting: {{}}
      service_level:
        warn: 0.6
        alarm: 0.8
      abandoned: {{warn: 5, alarm: 0.1}}
      nobody_ready: {{warn: 1}}
      clear_after_s: 15
"""


def test_limits_of_alarms_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    assert refused(site(tmp_path, ALARMED)) == [
        "queues.yaml:5: expected warn below alarm, found 60 and 20",
        "queues.yaml:6: expected warn, alarm or both",
        "queues.yaml:7: expected warn above alarm, found 0.6 and 0.8",
        "queues.yaml:10: expected a number less than or equal to 1, found 5",
        (
            "queues.yaml:11: unknown key 'nobody_ready', expected one of 'longest_wait_s', 'waiting', 'service_level', "
            "'abandoned', 'nobody_ready_s', 'clear_after_s'; did you mean 'nobody_ready_s'?"
        ),
    ]


def test_alarms_as_written_and_by_default(tmp_path: Path) -> None:
    written = ALARMED[: ALARMED.index("alarms:")] + "alarms: {waiting: {alarm: 9}, abandoned: {warn: 0.1, least: 4}}\n"
    cares = examined(site(tmp_path, written + f"  plain: {{{LABEL}, target_s: 30}}\n")).cares
    assert cares["sales"].alarms == AlarmRules(
        limits=(AlarmLimit(kind="waiting", alarm=9), AlarmLimit(kind="abandoned", warn=0.1, least=4))
    )
    assert [(limit.kind, limit.warn, limit.alarm) for limit in cares["plain"].alarms.limits] == [
        ("longest_wait", 30, 60),
        ("service_level", 0.8, None),
    ]


CUSTOMERS = """\
hotlines: {"*": main}
customer_fields:
  - {code: tier, label: {en: Tier}, kind: choice}
  - {code: tier, label: {en: Tier}, pattern: "["}
  - code: size
    label: {en: Size}
    kind: number
    choices: [{code: s, label: {en: S}}]
links:
  - label: {en: CRM}
    url: "https://crm.example/?q={phone}"
  - {label: {en: Bad}, url: "javascript:alert({name})"}
"""


def test_fields_and_links_that_cannot_be_are_refused_where_they_stand(tmp_path: Path) -> None:
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n")
    (root / "config" / "laidian.yaml").write_text(CUSTOMERS)
    assert [text.partition(";")[0] for text in refused(root)] == [
        "laidian.yaml:3: a field of the kind choice needs `choices`",
        "laidian.yaml:4: '[' is no regular expression: unterminated character set at position 0",
        "laidian.yaml:4: there is another field 'tier' above",
        "laidian.yaml:8: `choices` belong to the kind choice, this field is of the kind number",
        "laidian.yaml:11: unknown placeholder {phone}",
        "laidian.yaml:12: a link begins with http:// or https://, this one is 'javascript:alert({name})'",
    ]


@pytest.mark.parametrize(
    ("web", "plain"),
    [
        ("{host: 0.0.0.0}", True),
        ("{host: 10.1.2.3}", True),
        ("{host: 127.0.0.5}", False),
        ("{host: 0.0.0.0, secure_cookie: true}", False),
        ("{host: 0.0.0.0, tls: {certificate: a.pem}}", False),
    ],
)
def test_passwords_in_plain_text_are_warned_of(tmp_path: Path, web: str, *, plain: bool) -> None:
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n")
    file = root / "config" / "laidian.yaml"
    file.write_text(f"{file.read_text()}\nweb: {web}\n")
    found = [text for text in warned(root) if "plain text" in text]
    assert [text.split(":")[0] for text in found] == ["laidian.yaml"] * plain


@pytest.mark.parametrize(
    ("admission", "why"),
    [
        ("{callers: 3, queue: nowhere}", "there is no queue 'nowhere'"),
        ("{callers: 3, way_out: callback}", "needs the block `callback`"),
        ("{callers: 3, way_out: 'queue:nowhere'}", "there is no queue 'nowhere'"),
        ("{callers: 3, way_out: sideways}", "expected queue:<name>, voicemail"),
        ("{callers: 0}", "greater than or equal to 1"),
    ],
)
def test_an_admission_that_leads_nowhere_is_told(tmp_path: Path, admission: str, why: str) -> None:
    root = site(tmp_path, f"queues:\n  sales: {{{LABEL}}}\n")
    file = root / "config" / "laidian.yaml"
    file.write_text(f"{file.read_text()}\nadmission: {admission}\n")
    (text,) = refused(root)
    assert text.startswith("laidian.yaml:")
    assert why in text
