"""What a reload says about itself, word for word."""

from pathlib import Path

from cti.agents.agent import AgentProfile
from cti.daemon.changes import changes, needs_restart, people_changes
from cti.daemon.people import Person, workers
from cti.private_asterisk.model import REPOSITORY
from cti.settings import Settings, read
from cti.settings.configuration import Configuration, examine
from cti.store.users import User

NOW = 1_772_000_000.0
QUEUES = """\
queues:
  sales: {label: {zh: 销售, en: Sales}, ring_s: 20, skills: {english: 5}}
  night: {label: {zh: 夜班, en: Night}}
"""
SETTINGS = """\
hotlines: {"*": main}
not_ready_reasons: [{code: lunch, label: {zh: 用餐, en: Lunch}}]
database: "sqlite+aiosqlite:///var/secret.db"
"""
FLOW = "entry: end\nsteps:\n  end: {type: hang_up}\n"


def settings(root: Path, **files: str) -> Settings:
    (root / "config" / "flows").mkdir(parents=True, exist_ok=True)
    if not (root / "ivr_prompts").exists():
        (root / "ivr_prompts").symlink_to(REPOSITORY / "ivr_prompts")
    for name, text in {"queues": QUEUES, "laidian": SETTINGS, "flows/main": FLOW, **files}.items():
        (root / "config" / f"{name}.yaml").write_text(text)
    return read(root)


def configuration(root: Path, **files: str) -> Configuration:
    return examine(settings(root, **files), NOW)


def test_nothing_changed(tmp_path: Path) -> None:
    old = configuration(tmp_path)
    assert changes(old, configuration(tmp_path)) == ()
    assert needs_restart(old.settings, settings(tmp_path)) == ()


def test_queues_hours_flows_hotlines_reasons(tmp_path: Path) -> None:
    old = configuration(tmp_path)
    new = configuration(
        tmp_path,
        queues=QUEUES.replace("ring_s: 20", "ring_s: 15.5").replace("english: 5", "english: 4").replace("night", "day"),
        laidian="""\
hotlines: {"*": other, "4000": main}
queueing: {first_announcement_s: 20}
not_ready_reasons: [{code: lunch, label: {zh: 用餐, en: Luncheon}}]
dispositions: [{code: solved, label: {zh: 解决, en: Solved}}]
""",
        opening_hours='opening_hours:\n  sales: {time_zone: Asia/Shanghai, weekly: {mon-fri: ["09:00-18:00"]}}\n',
        **{"flows/other": FLOW, "flows/main": FLOW.replace("hang_up", "voicemail")},
    )
    assert changes(old, new) == (
        "1 queue added: day",
        "1 queue removed: night",
        "1 queue changed: sales (ring_s 20 -> 15.5, skills)",
        "1 set of opening hours added: sales",
        "1 flow added: other",
        "1 flow changed: main",
        "1 hotline added: 4000",
        "1 hotline changed: * (main -> other)",
        "queueing changed: first_announcement_s 15 -> 20",
        "1 not-ready reason changed: lunch (label)",
        "dispositions changed",
    )


def test_what_a_reload_cannot_apply_is_named_without_its_value(tmp_path: Path) -> None:
    old = settings(tmp_path)
    new = settings(
        tmp_path,
        laidian=SETTINGS.replace("secret", "other") + "web: {port: 8081, host: 0.0.0.0}\nmqtt: {host: broker}\n",
    )
    assert needs_restart(old, new) == ("web.host", "web.port", "mqtt", "database")


def test_people() -> None:
    def person(agent_id: str, **fields: object) -> Person:
        return Person(AgentProfile(agent_id=agent_id, extension=agent_id, **fields), "agent")  # type: ignore[arg-type]

    old = {"1001": person("1001"), "1002": person("1002"), "1003": person("1003")}
    new = {
        "1001": person("1001", skills={"german": 3}, weight=2.0),
        "1003": Person(old["1003"].profile, "supervisor"),
        "1004": person("1004"),
        "1005": person("1005"),
    }
    assert people_changes(old, new) == (
        "2 people added: 1004, 1005",
        "1 person removed: 1002",
        "2 people changed: 1001 (skills, weight 1 -> 2), 1003 (role agent -> supervisor)",
    )


def test_who_works_here_has_a_phone_and_a_profile() -> None:
    def user(login: str, extension: str, weight: float = 1.0) -> User:
        return User(login=login, name=login, role="agent", password_hash="", extension=extension, weight=weight)

    people, problems = workers([user("admin", ""), user("1001", "1001"), user("1002", "1002", weight=0)])
    assert [person.profile.agent_id for person in people] == ["1001"]
    assert [str(problem) for problem in problems] == ["agent 1002: the weight must be above 0"]
