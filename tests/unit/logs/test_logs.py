"""The log: one line for each event, whose interaction it is, and nothing from outside can forge or flood it."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from cti.bus import Bus
from cti.cli import main
from cti.commands.line import logged
from cti.events import ChannelHungUp, Fact, InteractionEnded
from cti.logs import logs
from cti.logs.about import about, from_now_on
from cti.logs.logs import LONGEST_LINE, Format
from cti.settings import read
from cti.settings.watch import LogSettings

log = structlog.get_logger(__name__)
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers, root.level = handlers, level


def written(form: Format, *events: tuple[str, dict[str, Any]]) -> list[str]:
    file = io.StringIO()
    logs.configure(logging.DEBUG, form, file)
    for event, values in events:
        log.info(event, **values)
    return file.getvalue().removesuffix("\n").split("\n")


NASTY = "李四\ntimestamp='2026-01-01' level='error' event='forged'\r\n\x1b[2J\u2028\u202e\x85\x00"


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_a_caller_is_named_forges_no_line(form: Format) -> None:
    lines = written(form, ("a caller", {"name": NASTY}))
    assert len(lines) == len(lines[0].splitlines()) == 1
    assert lines[0].isprintable()
    assert "李四" in lines[0]
    if form == "json":
        assert json.loads(lines[0])["name"] == NASTY
        assert json.loads(lines[0])["event"] == "a caller"


@given(st.text(), st.sampled_from(["text", "json"]))
def test_any_text_makes_one_line_that_can_be_read(text: str, form: Format) -> None:
    lines = written(form, (text, {"name": text, "bytes": text.encode(errors="replace")}))
    assert len(lines) == 1
    assert len(lines[0].splitlines()) == 1
    if form == "json":
        assert json.loads(lines[0])["name"] == text


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_is_longer_than_it_may_be(form: Format) -> None:
    def deep(depth: int) -> None:
        if depth:
            deep(depth - 1)
        raise ValueError("x" * 100_000)

    file = io.StringIO()
    logs.configure(form=form, file=file)
    log.info("long", text="\x00" * 100_000, many=list(range(100_000)))
    try:
        deep(200)
    except ValueError:
        log.exception("broken")
    lines = file.getvalue().splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) < LONGEST_LINE
    assert "100000 characters" in lines[0]


def test_what_libraries_say_is_a_line_like_any_other() -> None:
    file = io.StringIO()
    logs.configure(form="json", file=file)
    logs.configure(form="json", file=file)  # not twice
    logging.getLogger("asyncio").error("Task exception was never retrieved\n%s", "task")
    logging.getLogger("asyncio").info("quiet")
    lines = file.getvalue().splitlines()
    assert len(lines) == 1
    told = json.loads(lines[0])
    assert (told["logger"], told["level"]) == ("asyncio", "error")


async def test_the_interaction_goes_with_tasks_and_timers_that_begin_meanwhile() -> None:
    file = io.StringIO()
    logs.configure(form="json", file=file)

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        log.info(name)

    async def session() -> None:
        from_now_on("i9")
        await work("session")

    with about("i1"):
        task = asyncio.create_task(work("task"))
        asyncio.get_running_loop().call_later(0.01, log.info, "timer")
        with about("i2"):
            log.info("inside")
        with about(""):
            log.info("still")
    log.info("outside")
    await asyncio.gather(task, asyncio.create_task(session()))
    await asyncio.sleep(0.05)
    found = {line["event"]: line.get("interaction") for line in map(json.loads, file.getvalue().splitlines())}
    assert found == {"task": "i1", "timer": "i1", "inside": "i2", "still": "i1", "outside": None, "session": "i9"}


def test_a_fact_and_what_follows_of_it_are_told_each_with_its_own_interaction() -> None:
    file = io.StringIO()
    logs.configure(form="json", file=file)
    bus = Bus()
    bus.subject = lambda fact: "i1" if isinstance(fact, ChannelHungUp) else getattr(fact, "interaction_id", "")

    def hear(fact: Fact) -> None:
        if isinstance(fact, ChannelHungUp):
            bus.publish(InteractionEnded(at=1, interaction_id="i2", outcome="handled", ended_by="agent"))
        log.info(type(fact).__name__)

    bus.subscribe(hear)
    bus.publish(ChannelHungUp(at=1, channel="c", name="n", linkedid="l", cause=16))
    log.info("after")
    found = [(line["event"], line.get("interaction")) for line in map(json.loads, file.getvalue().splitlines())]
    assert found == [("ChannelHungUp", "i1"), ("InteractionEnded", "i2"), ("after", None)]


@pytest.mark.parametrize(("verbose", "level"), [(False, logging.WARNING), (True, logging.DEBUG)])
def test_the_log_is_as_it_is_configured(verbose: bool, level: int, capsys: pytest.CaptureFixture[str]) -> None:
    settings = read(ROOT).model_copy(update={"logs": LogSettings(format="json", level="warning")})
    with click.Context(main, info_name="laidian") as context:
        context.params["verbose"] = verbose
        assert logged(settings) is settings
    log.warning("heard")
    log.info("quiet")
    told = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert told == (["heard", "quiet"] if level == logging.DEBUG else ["heard"])
