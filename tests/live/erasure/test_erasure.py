"""A customer who called is erased beside the running daemon: nothing is left of the voice, the number and the words."""

import asyncio
from pathlib import Path

import pytest

from cti.daemon.control import ask
from cti.desk import commands
from cti.errors import CtiError
from cti.events import InteractionEnded, RecordingPublished, TaskSaved
from tests.harness.house import House, open_house

KEYS = {"encryption": {"keys": [{"id": "k", "key_command": ["echo", "17" * 32]}]}}
NUMBER = "13912345678"
WORDS = "寄到幸福路八号"


def mentioning(folder: Path) -> list[str]:
    """Files of ours with the number or the words in them; Asterisk's own logs are Asterisk's."""
    files = [file for file in (folder / "var").rglob("*") if file.is_file() and "asterisk" not in file.parts]
    spoken = (NUMBER.encode(), WORDS.encode(), WORDS.encode("unicode-escape"))
    return [file.name for file in files if any(one in file.read_bytes() for one in spoken)]


async def call(house: House) -> str:
    async with house.agent("1001") as agent, house.caller(NUMBER) as caller:
        await agent.play(1000)
        await caller.play(440)
        await agent.answer_all(after=0.2)
        await house.ready("1001")
        await house.enter_queue(caller)
        await caller.wait_hears({1000})
        await caller.hang_up()
        ended = await house.wait(InteractionEnded)
        await house.wait(RecordingPublished)
    return ended.interaction_id


async def test_a_caller_is_erased_from_a_running_daemon_and_calls_again_as_a_stranger(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with open_house(tmp_path, recording=KEYS) as house:
        interaction_id = await call(house)
        store, settings = house.daemon.store, house.daemon.settings
        published = house.of(RecordingPublished)[0]
        file = settings.path(settings.recordings) / published.path
        assert b"RIFF" not in await asyncio.to_thread(file.read_bytes)
        assert await store.writer.drain(10)
        customer_id = (await store.interactions.get(interaction_id)).interaction.customer_id
        await house.ask("1001", commands.CreateTask, text=WORDS, due_at=2e9, customer_id=customer_id, number=NUMBER)
        await house.wait(TaskSaved)
        assert await store.writer.drain(10)
        assert mentioning(tmp_path)
        told = await ask(settings.path(settings.control_socket), "POST", f"/erase/{customer_id}/cli%3Aroot/by%20letter")
        assert (told["interactions"], told["recordings"]) == (1, 1)
        assert await asyncio.to_thread(mentioning, tmp_path) == []
        assert not file.exists()
        (task,) = house.daemon.desk.tasks.tasks.values()
        assert (task.text, task.number, task.done_at is not None) == ("", "", True)
        detail = await store.interactions.get(interaction_id)
        assert (detail.interaction.outcome, len(detail.segments)) == ("handled", 1)
        with pytest.raises(CtiError, match=f"there is no customer {customer_id}"):
            await ask(settings.path(settings.control_socket), "POST", f"/erase/{customer_id}/cli/again")
        assert (await store.audit.verify()).broken is None
        async with house.caller(NUMBER) as caller:
            await house.enter_queue(caller, count=2)
            again = (await store.customers.find_or_create(f"+86{NUMBER}", caller_name="", at=2e9)).customer_id
        assert again != customer_id
    logged = capfd.readouterr()
    assert NUMBER not in logged.out + logged.err
