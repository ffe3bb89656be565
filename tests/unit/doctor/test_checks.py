"""Each defect is named, in both languages, with what to do; a healthy installation is told to be well."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cti.doctor.checks import CHECKS, Finding, examine, exit_code
from cti.doctor.dialplan import loaded, shipped
from cti.doctor.observed import (
    AsteriskSeen,
    BooksSeen,
    CertificateSeen,
    DaemonSeen,
    FolderSeen,
    MachineSeen,
    Observations,
)
from cti.doctor.texts import NAMES, SENTENCES, sentence

DIALPLAN = Path(__file__).parents[3] / "dialplan"
GB = 2**30
STEPS = frozenset({("s", "1", "answer")})
FINE = Observations(
    asterisk=AsteriskSeen(
        version="22.10.0",
        events=True,
        skew_s=0.01,
        agi=True,
        endpoints=frozenset({"trunk", "d1001"}),
        contexts={"ld-away": STEPS, "ld-agent": STEPS, "ld-site": frozenset(), "theirs": STEPS},
    ),
    daemon=DaemonSeen(running=True, link=True, nofile=65536),
    books=BooksSeen(kind="postgresql", revision="0016", head="0016", skew_s=-0.2),
    machine=MachineSeen(python=(3, 11, 2), synchronised=True),
    folders=(FolderSeen(name="recordings", path="/r", there=True, free=90 * GB, size=100 * GB),),
    certificates=(CertificateSeen(path="/c.pem", left_s=90 * 86_400.0),),
    wanted={"ld-away": STEPS, "ld-agent": STEPS, "ld-site": STEPS},
    prompts_missing={"zh": (), "en": ()},
)


def changed(part: str, **values: Any) -> Observations:
    return msgspec.structs.replace(FINE, **{part: msgspec.structs.replace(getattr(FINE, part), **values)})


def with_folder(**values: Any) -> Observations:
    return msgspec.structs.replace(FINE, folders=(msgspec.structs.replace(FINE.folders[0], **values),))


def with_certificate(**values: Any) -> Observations:
    return msgspec.structs.replace(FINE, certificates=(CertificateSeen(path="/c.pem", **values),))


def contexts(**values: Any) -> Observations:
    known = {**FINE.asterisk.contexts, **values} if FINE.asterisk.contexts else {}
    return changed("asterisk", contexts={name.replace("_", "-"): s for name, s in known.items() if s is not None})


DEFECTS: list[tuple[Observations, str, str]] = [
    (changed("daemon", running=False), "problem", "daemon_down"),
    (changed("daemon", link=False), "problem", "daemon_no_link"),
    (changed("daemon", nofile=1024), "warning", "nofile"),
    (changed("asterisk", trouble="nobody answers"), "problem", "manager"),
    (changed("asterisk", refused=("Originate",)), "problem", "rights"),
    (changed("asterisk", events=False), "problem", "events"),
    (changed("asterisk", version="18.1.0"), "problem", "asterisk_old"),
    (changed("asterisk", version="certified/18.9-cert3"), "problem", "asterisk_old"),
    (changed("asterisk", unloaded=("app_chanspy",)), "problem", "module"),
    (changed("asterisk", unloaded=("codec_alaw",)), "problem", "codec"),
    (contexts(**{"ld-away": None}), "problem", "fallback_missing"),
    (contexts(**{"ld-agent": None}), "problem", "context_missing"),
    (contexts(**{"ld-agent": frozenset({("s", "1", "hangup")})}), "warning", "context_differs"),
    (changed("asterisk", agi=False), "problem", "agi"),
    (changed("asterisk", endpoints=frozenset({"d1001"})), "problem", "trunk"),
    (changed("asterisk", endpoints=frozenset({"trunk"})), "warning", "no_agents"),
    (changed("asterisk", skew_s=-3.0), "warning", "skew"),
    (changed("asterisk", skew_s=40.0), "problem", "skew"),
    (changed("books", skew_s=2.0), "warning", "skew"),
    (changed("machine", synchronised=False), "warning", "not_synchronised"),
    (changed("books", trouble="connection refused"), "problem", "books"),
    (changed("books", revision="0015"), "problem", "schema"),
    (with_folder(free=GB // 2), "problem", "disk_full"),
    (with_folder(free=5 * GB), "warning", "disk_little"),
    (with_folder(there=False), "warning", "not_there"),
    (with_folder(writable=False), "problem", "not_writable"),
    (with_folder(private=True, open=True), "problem", "readable"),
    (
        msgspec.structs.replace(FINE, certificates=(CertificateSeen(path="/c", trouble="no PEM"),)),
        "problem",
        "certificate",
    ),
    (msgspec.structs.replace(FINE, certificates=(CertificateSeen(path="/c", left_s=-1.0),)), "problem", "expired"),
    (msgspec.structs.replace(FINE, certificates=(CertificateSeen(path="/c", left_s=86_400.0),)), "warning", "expires"),
    (msgspec.structs.replace(FINE, prompts_missing={"en": ("welcome",), "zh": ()}), "problem", "prompts"),
    (changed("machine", outdated=("aiohttp 3.8 (needs >=3.14)",)), "problem", "library"),
    (changed("machine", exposed=("AMI 0.0.0.0:5038",)), "warning", "exposed"),
]


def test_a_healthy_installation_is_well_in_every_respect() -> None:
    found = examine(FINE)
    assert [finding.check for finding in found] == list(CHECKS)
    assert {finding.level for finding in found} == {"ok"}
    assert exit_code(found) == 0


@pytest.mark.parametrize(("seen", "level", "code"), DEFECTS, ids=[f"{code}-{level}" for _, level, code in DEFECTS])
def test_each_defect_is_found_alone_and_said(seen: Observations, level: str, code: str) -> None:
    found = examine(seen)
    bad = [finding for finding in found if finding.level != "ok"]
    assert [(finding.level, finding.code) for finding in bad] == [(level, code)]
    assert exit_code(found) == {"warning": 1, "problem": 2}[level]
    for language in ("zh", "en"):
        text = sentence(bad[0], language)
        assert "{" not in text
        assert text.endswith((".", "。"))
    assert re.search("[\u4e00-\u9fff]", sentence(bad[0], "zh"))


def test_every_sentence_is_told_by_some_defect_and_every_check_has_a_name() -> None:
    assert {code for _, _, code in DEFECTS} == set(SENTENCES)
    assert set(NAMES) == set(CHECKS)
    for texts in (*SENTENCES.values(), *NAMES.values()):
        assert sorted(re.findall(r"{(\w+)}", texts[0])) == sorted(re.findall(r"{(\w+)}", texts[1]))


def test_what_could_not_be_looked_at_is_not_called_well() -> None:
    checks = {finding.check for finding in examine(changed("asterisk", trouble="away", contexts=None))}
    assert not checks & {"dialplan", "modules", "agi", "endpoints", "version"}


def test_a_finding_with_a_brace_in_its_value_is_said_as_it_is() -> None:
    finding = Finding(check="books", level="problem", code="books", values={"why": "{0} broken"})
    assert "{0} broken" in sentence(finding, "en")


def test_the_shipped_dialplan_is_read_as_asterisk_reads_it() -> None:
    text = """
[one]
; a comment, exten => x,1,Bad()
exten => _X!,1,Answer()
 same => n(try),Set(A=1)
 same => n,Wait(1)
exten => s,1,NoOp()
include => two
[two]
"""
    assert shipped(text) == {
        "one": {("_X!", "1", "answer"), ("_X!", "2", "set"), ("_X!", "3", "wait"), ("s", "1", "noop")},
        "two": frozenset(),
    }
    listed = [
        {"Context": "one", "Extension": "s", "Priority": "1", "Application": "NoOp"},
        {"Context": "one", "IncludeContext": "two"},
        {"Context": "one", "Extension": "9", "Priority": "hint", "Application": "PJSIP/9"},
    ]
    assert loaded(listed) == {"one": {("s", "1", "noop")}}


def test_all_of_our_dialplan_is_understood() -> None:
    for file in DIALPLAN.glob("*.conf"):
        text = file.read_text()
        steps = sum(len(steps) for steps in shipped(text).values())
        lines = [line for line in map(str.strip, text.splitlines()) if re.match(r"(exten|same)\s*=>", line)]
        assert steps == len(lines), file.name
