"""What we ship for Prometheus and Grafana: every figure that is asked for exists, and every rule means what it says."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector

from tests.harness import promtool
from tests.unit.watch.test_metrics import every_family

FOLDER = Path(__file__).parents[3] / "config" / "monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text())
NAME = re.compile(r"\b(?:laidian|process)_[a-z_]+\b")
LABELS = re.compile(r"{([^}]*)}")
OF_PROMETHEUS = {"job", "instance"}


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    """(where, expression)."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for note in DASHBOARD["annotations"]["list"]:
        yield note["name"], note["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        yield variable["name"], variable.get("definition", "")


def known() -> dict[str, set[str]]:
    """Name of a sample -> its labels."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    found: dict[str, set[str]] = {}
    for metric in (*every_family(), *registry.collect()):
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(metric.type, ("",))
        for suffix in suffixes:
            found[metric.name + suffix] = {label for sample in metric.samples for label in sample.labels}
    return found


def test_every_figure_that_is_asked_for_exists() -> None:
    exists = known()
    asked = [(where, name) for where, text in expressions() for name in NAME.findall(text)]
    assert [(where, name) for where, name in asked if name not in exists] == []
    assert len({name for _, name in asked}) > 30


def test_every_label_that_is_asked_for_is_one_of_some_figure() -> None:
    labels = set().union(*known().values()) | OF_PROMETHEUS
    for where, text in expressions():
        chosen = {pair.split("=")[0].strip("!~ ") for body in LABELS.findall(text) for pair in body.split(",")}
        grouped = {label for body in re.findall(r"by \(([^)]*)\)", text) for label in body.split(", ")}
        assert (chosen | grouped) - labels == set(), where


def test_every_alarm_says_what_it_means_in_both_languages() -> None:
    for rule in rules():
        assert rule["alert"].startswith("Laidian")
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"].endswith(".")
        assert re.search("[\u4e00-\u9fff].*。$", rule["annotations"]["summary_zh"]), rule["alert"]


def test_the_dashboard_can_be_imported() -> None:
    assert DASHBOARD["uid"] == "laidian"
    assert DASHBOARD["schemaVersion"] >= 36
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        columns, rows = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        cells = {(x, y) for x in columns for y in rows}
        assert not cells & taken, panel["title"]
        taken |= cells
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}"


if promtool.find() is not None:  # `make setup` fetches it where it can be had

    @pytest.mark.parametrize("command", [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]])
    def test_promtool_is_content(command: list[str]) -> None:
        done = subprocess.run([str(promtool.find()), *command], cwd=FOLDER, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
