from xml.etree import ElementTree as ET

import pytest

from cti.simulated import scenarios
from cti.simulated.sipp import parse_counts

HEADER = "StartTime;CurrentTime;TotalCallCreated;CurrentCall;SuccessfulCall(C);FailedCall(C);ResponseTime1(C)"
STAMPS = "2026-11-21\t22:28:02.757127\t1795300082.757127;2026-11-21\t22:28:03.779714\t1795300083.779714"


@pytest.mark.parametrize(
    "scenario",
    [
        scenarios.caller(),
        scenarios.caller(keys="12#", hang_up_after_ms=500, name='<b> & "quotes"\r\n'),
        scenarios.agent(),
        scenarios.agent(answer_after_ms=0, hang_up_after_ms=0),
    ],
)
def test_every_jump_of_a_scenario_has_its_label(scenario: str) -> None:
    root = ET.fromstring(scenario)
    labels = [label.get("id") for label in root.iter("label")]
    jumps = {item.get(kind) for item in root.iter() for kind in ("next", "ontimeout") if item.get(kind)}
    assert len(labels) == len(set(labels))
    assert jumps <= set(labels)


def test_a_caller_presses_each_key_once() -> None:
    sent = [item.text or "" for item in ET.fromstring(scenarios.caller(keys="1*#")).iter("send")]
    assert [text.split("Signal=")[1][0] for text in sent if "Signal=" in text] == ["1", "*", "#"]


def test_a_name_cannot_break_out_of_its_header() -> None:
    root = ET.fromstring(scenarios.caller(name='<img src=x> "a"\r\nEvil: 1'))
    names = [item.get("value") for item in root.iter("assignstr") if item.get("assign_to") == "name"]
    assert names == ["<img src=x> a  Evil: 1"]


def test_counts_are_the_last_line_and_the_peak_is_the_highest() -> None:
    lines = [HEADER, f"{STAMPS};3;2;1;0;00:00:00:006000", f"{STAMPS};5;0;4;1;00:00:01:250000"]
    counts = parse_counts("\n".join(lines))
    assert (counts.created, counts.successful, counts.failed, counts.most_at_once) == (5, 4, 1, 2)
    assert (counts.elapsed_s, counts.answered_ms, counts.clean) == (1.023, 1250.0, False)
