"""`laidian simulate` and `laidian staffing` as they are typed, and what they say about a wrong file."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cti.cli import main

CONFIG = Path(__file__).parents[3] / "config"
QUEUES = str(CONFIG / "queues.yaml")
EXAMPLE = str(CONFIG / "scenarios" / "example.yaml")


def laidian(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def data(*arguments: str) -> dict[str, Any]:
    result = laidian(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def test_the_example_is_played_the_same_every_time_and_otherwise_with_another_seed() -> None:
    first = data("simulate", QUEUES, "--scenario", EXAMPLE)
    assert first == data("simulate", QUEUES, "--scenario", EXAMPLE)
    assert first != data("simulate", QUEUES, "--scenario", EXAMPLE, "--seed", "2")
    assert list(first["queues"]) == ["after_sales", "complaints"]
    after_sales = first["queues"]["after_sales"]
    assert [one["from"] for one in after_sales["intervals"]][:3] == ["08:00", "08:30", "09:00"]
    assert after_sales["offered"] == sum(one["offered"] for one in after_sales["intervals"])
    assert 350 < after_sales["offered"] < 520, "435 are expected"
    assert 0 < after_sales["occupancy"] < 1
    assert first["queues"]["complaints"]["intervals"][0]["occupancy"] is None, "nobody is there before 08:30"


def test_options_instead_of_a_file() -> None:
    many, few = (
        data("simulate", QUEUES, "--arrivals", "after_sales=60", "--agents", f"after_sales={count}", "--patience", "90")
        for count in (12, 5)
    )
    more, less = many["queues"]["after_sales"], few["queues"]["after_sales"]
    assert more["offered"] == less["offered"], "the same callers"
    assert more["service_level"] > less["service_level"]
    assert more["abandon_rate"] < less["abandon_rate"]
    assert more["occupancy"] < less["occupancy"]
    assert len(more["intervals"]) == 16


def test_tables_for_people_and_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "out.svg"
    result = laidian("simulate", QUEUES, "--scenario", EXAMPLE, "--chart", str(picture))
    assert result.exit_code == 0
    assert "service level" in result.output
    assert "after_sales: target 80% within 20 s" in result.output
    drawing = ET.fromstring(picture.read_text())
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"after_sales", "complaints", "08:00", "11:30", "service level", "occupancy"} <= set(texts)
    paths = list(drawing.iter("{http://www.w3.org/2000/svg}path"))
    assert len(paths) == 4, "service level and occupancy of two queues"
    assert all("nan" not in (path.get("d") or "") for path in paths)
    bars = [one for one in drawing.iter("{http://www.w3.org/2000/svg}rect") if one.get("fill") == "#7aa6d6"]
    answered = 8 + 8  # complaints also before eight thirty, when only the agents of its relaxation are there
    assert len(bars) == 1 + answered, "the legend's, and one for each interval in which somebody was answered"


def test_recorded_arrivals_are_played_as_they_were(tmp_path: Path) -> None:
    record = tmp_path / "day.csv"
    record.write_text("at,queue,talk_s,patience_s\n10,after_sales,60,\n20,after_sales,30,15\n00:00:30,complaints,,\n")
    found = data("simulate", QUEUES, "--arrivals", str(record), "--agents", "after_sales,complaints=1", "--hours", "1")
    after_sales = found["queues"]["after_sales"]
    assert (after_sales["answered"], after_sales["abandoned"], after_sales["asa_s"]) == (1, 1, 3.0)
    assert found["queues"]["complaints"]["answered"] == 1
    record.write_text("at,queue\n10,nowhere\nsoon,after_sales\n,after_sales\n-1,after_sales\n")
    result = laidian("simulate", QUEUES, "--arrivals", str(record), "--agents", "after_sales=1")
    assert result.exit_code == 2
    for line, text in enumerate(("no queue 'nowhere'", "found 'soon'", "a time in at", "found '-1'"), start=2):
        assert any(f"day.csv:{line}: " in said and text in said for said in result.output.splitlines()), text
    record.write_text("when,queue\n10,after_sales\n")
    assert (
        "day.csv:1: expected a heading with at and queue, there is no at"
        in laidian("simulate", QUEUES, "--arrivals", str(record)).output
    )


def test_a_record_beside_a_scenario_starts_when_the_scenario_does(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("at,queue\n09:10,after_sales\n08:59,after_sales\n")
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(
        "start: '09:00'\nrecorded: day.csv\nqueues: {after_sales: {talk: {mean_s: 60}}}\n"
        "agents: [{count: 1, queues: [after_sales], shifts: ['08:00-12:00']}]\n"
    )
    result = laidian("simulate", QUEUES, "--scenario", str(scenario))
    assert result.exit_code == 2
    assert "day.csv:3: the simulation starts later than 08:59" in result.output
    (tmp_path / "day.csv").write_text("at,queue\n09:40,after_sales\n")
    found = data("simulate", QUEUES, "--scenario", str(scenario))["queues"]["after_sales"]
    assert [(one["from"], one["answered"]) for one in found["intervals"]] == [("09:00", 0), ("09:30", 1)]


SCENARIO = """\
queues:
  after_sales:
    calls: [10, 20]
    talk: {mean_s: 60}
agents:
  - {count: 2, queues: [after_sales], shifts: ["00:00-02:00"]}
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "text"),
    [
        ("  after_sales:", "  nobody:", 2, "there is no queue 'nobody'"),
        ("[10, 20]", "[]", 1, "expected calls in one queue at least"),
        ("[10, 20]", "[10, -1]", 3, "0"),
        ("{mean_s: 60}", "{mean_s: 60, sd_s: 5}", 4, "a lognormal time needs sd_s"),
        ("queues: [after_sales]", "queues: [sales]", 6, "there is no queue 'sales'"),
        ('["00:00-02:00"]', '["00:00-02:00", "01:00-03:00"]', 6, "two shifts of the same agents overlap"),
        ('["00:00-02:00"]', '["02:00-00:00"]', 6, "expected a span such as '08:00-16:30'"),
        (
            "mean_s: 60}",
            "mean_s: 60}\n    needs: [{share: 0.7, skills: {a: 1}}, {share: 0.4, skills: {b: 1}}]",
            5,
            "more than 1",
        ),
        ("agents:", "  complaints: {calls: [1], talk: {mean_s: 60}}\nagents:", 5, "expected 2 intervals"),
    ],
)
def test_a_wrong_scenario_is_refused_by_its_line(tmp_path: Path, before: str, after: str, line: int, text: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(SCENARIO.replace(before, after, 1))
    result = laidian("simulate", QUEUES, "--scenario", str(file))
    assert result.exit_code == 2
    assert f"scenario.yaml:{line}: " in result.output
    assert text in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--scenario", EXAMPLE, "--arrivals", "after_sales=1"),
        ("--scenario", EXAMPLE, "--agents", "after_sales=1"),
        ("--arrivals", "nobody=1"),
        ("--arrivals", "after_sales=many"),
        ("--arrivals", "after_sales=1", "--agents", "nobody=1"),
        ("--arrivals", "after_sales=1", "--hours", "0"),
        ("--arrivals", "after_sales=1", "--arrivals", "day.csv"),
    ],
)
def test_options_that_cannot_be_are_a_usage_error(arguments: tuple[str, ...]) -> None:
    result = laidian("simulate", QUEUES, *arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output


def test_staffing_puts_theory_beside_the_simulated_answer() -> None:
    """Call Centre Helper's example needs 14; with 3 s of ringing and a patience of 5 minutes it is about as many."""
    found = data(
        "staffing", QUEUES, "--arrivals", "operator=200", "--talk", "162", "--patience", "300", "--target", "80/23",
        "--hours", "1", "--calls", "2000",
    )  # fmt: skip
    first, second = found["operator"]
    assert first == second
    assert first["load_erlang"] == pytest.approx(10.0), "15 s of wrap-up and 3 s of ringing are work, too"
    assert first["erlang_c"]["agents"] == 14
    assert first["erlang_c"]["service_level"] == pytest.approx(0.888, abs=1e-3)
    assert first["erlang_a"]["agents"] == 13
    assert first["simulated"]["agents"] in {12, 13, 14}
    assert first["simulated"]["service_level"] >= 0.8


def test_staffing_by_theory_alone_and_its_table() -> None:
    result = laidian("staffing", QUEUES, "--scenario", EXAMPLE, "--calls", "0")
    assert result.exit_code == 0
    assert "Erlang C" in result.output
    assert "11:30" in result.output
    nobody = data("staffing", QUEUES, "--arrivals", "operator=0", "--hours", "0.5")["operator"][0]
    assert nobody["erlang_c"]["agents"] == nobody["simulated"]["agents"] == 0
    for target in ("80", "100/20", "x/20"):
        assert laidian("staffing", QUEUES, "--scenario", EXAMPLE, "--target", target).exit_code == 2
    impossible = laidian("staffing", QUEUES, "--arrivals", "operator=9", "--target", "80/1")
    assert impossible.exit_code == 1
    assert "not even" in impossible.output, "it rings for 3 s"
