"""Every line about a call says which: a whole call is taken and its log read."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from cti.events import InteractionConnected, InteractionEnded, RecordingPublished
from cti.logs import logs
from cti.logs.logs import LONGEST_LINE
from tests.harness.house import open_house, until

FORGED = 'Eve" event=forged level=critical'


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    file = io.StringIO()
    logs.configure(logging.DEBUG, "json", file)
    yield file
    structlog.configure(**before)
    root.handlers, root.level = handlers, level


async def test_two_calls_at_once_are_told_apart_in_the_log(tmp_path: Path, lines: io.StringIO) -> None:
    async with (
        open_house(tmp_path) as house,
        house.agent("1001") as agent,
        house.caller("13900000001", FORGED) as first,
        house.caller("13900000002") as second,
    ):
        await agent.play(1000)
        await agent.answer_all(after=0.1)
        one = await house.enter_queue(first)
        other = await house.enter_queue(second, count=2)
        begun = lines.tell()
        await house.ready("1001")
        await house.wait(InteractionConnected, interaction_id=one.interaction_id)
        await first.wait_hears({1000})
        await second.hang_up()
        await house.wait(InteractionEnded, interaction_id=other.interaction_id)
        await first.hang_up()
        await house.wait(InteractionEnded, interaction_id=one.interaction_id)
        await house.wait(RecordingPublished)
        await until(lambda: not house.daemon.floor.conversations.by_id, "both are over")
        facts = house.facts
    raw = lines.getvalue()[begun:].splitlines()
    told: list[dict[str, Any]] = [json.loads(line) for line in raw]
    assert max(map(len, raw)) < LONGEST_LINE
    ids = {one.interaction_id, other.interaction_id}
    channels = {
        getattr(f, "channel", ""): getattr(f, "interaction_id", "") for f in facts if hasattr(f, "interaction_id")
    }
    for line, text in zip(told, raw, strict=True):
        named = {i for i in ids if i in text.replace(f'"interaction": "{i}"', "")}
        named |= {interaction for channel, interaction in channels.items() if channel and f'"{channel}"' in text}
        if named:  # it speaks of a call: then it says of which
            assert {line.get("interaction")} == named, line
    ended = {line["interaction"]: line["outcome"] for line in told if line["event"] == "a contact has ended"}
    assert ended == {one.interaction_id: "handled", other.interaction_id: "abandoned"}
    steps = [line["fact"] for line in told if line.get("interaction") == one.interaction_id and line["event"] == "fact"]
    assert [step for step in steps if step in {"OfferMade", "OfferEnded", "InteractionConnected", "SegmentEnded"}] == [
        "OfferMade", "OfferEnded", "InteractionConnected", "SegmentEnded",
    ]  # fmt: skip
    assert {line["event"] for line in told if line.get("interaction") == other.interaction_id} >= {"the caller is gone"}
    assert "13900000001" not in lines.getvalue()
    assert "Eve" not in lines.getvalue()
