"""What docs/decisions/0001-own-ami-and-agi.md says of panoramisk 1.4. A failure here means: think it over again."""

import asyncio
from typing import Any

import pytest
from panoramisk.actions import Action  # type: ignore[import-untyped]
from panoramisk.ami_protocol import AMIProtocol  # type: ignore[import-untyped]
from panoramisk.manager import Manager  # type: ignore[import-untyped]

EVENT = "Event: Newchannel\r\nCallerIDName: 李娜\r\n\r\n".encode()


class Wire:
    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def connected() -> tuple[Any, Any]:
    """(manager, protocol), as after the log-in."""
    manager = Manager(loop=asyncio.get_running_loop())
    protocol: Any = AMIProtocol()
    protocol.connection_made(Wire())
    protocol.factory, protocol.config, protocol.encoding, protocol.version = manager, manager.config, "utf8", "9"
    return manager, protocol


async def names_seen(cut: int) -> list[str]:
    manager, protocol = connected()
    seen: list[str] = []
    manager.register_event("Newchannel", lambda _, event: seen.append(event.CallerIDName))
    for part in (EVENT[:cut], EVENT[cut:]):
        protocol.data_received(part)
    return seen


async def test_a_name_that_is_cut_by_a_read_loses_its_character() -> None:
    inside = EVENT.index("李".encode()) + 1
    assert await names_seen(len(EVENT)) == ["李娜"]
    assert await names_seen(inside) == ["娜"]


async def test_a_listener_that_raises_ends_the_connection() -> None:
    """A transport is closed by asyncio when its protocol raises in `data_received`."""
    manager, protocol = connected()

    def broken(_manager: object, _event: object) -> None:
        raise ZeroDivisionError

    manager.register_event("Newchannel", broken)
    with pytest.raises(ZeroDivisionError):
        protocol.data_received(EVENT)


async def test_a_line_break_in_a_value_is_a_second_header() -> None:
    action = Action({"Action": "Originate", "CallerID": "13900000001\r\nApplication: System"})
    assert "Application: System" in str(action).split("\r\n")


async def test_an_originate_without_an_answer_is_kept_to_be_sent_again() -> None:
    manager, protocol = connected()
    protocol.send({"Action": "Originate", "Channel": "PJSIP/d1001"})
    protocol.close()
    assert [action["Action"] for action in manager.awaiting_actions] == ["Originate"]
