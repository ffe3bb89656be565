"""A customer who is being fetched is found by nobody for a moment: the recording's orders are given again."""

from collections import deque
from collections.abc import Mapping

import pytest

from cti.errors import ActionFailed
from cti.switch.asterisk import RENAMED_TRIES, AsteriskSwitch, Fields


class Manager:
    """Refuses the first orders with these words."""

    def __init__(self, *refusals: str) -> None:
        self.refusals = deque(refusals)
        self.asked: list[str] = []

    async def action(self, name: str, fields: Fields) -> Mapping[str, str]:
        assert fields["Channel"] == "1.1"
        self.asked.append(name)
        if self.refusals:
            raise ActionFailed(name, self.refusals.popleft())
        return {}


async def test_a_recording_begins_and_is_heard_again_all_the_same() -> None:
    manager = Manager("No such channel", "No such channel")
    await AsteriskSwitch(manager).record("1.1", "x.raw")
    assert manager.asked == ["MixMonitor"] * 3
    manager = Manager("No such channel", "No such channel")
    await AsteriskSwitch(manager).unsilence("1.1")
    assert manager.asked == ["MixMonitorMute"] * 3 + ["Setvar"]


async def test_who_is_gone_is_not_looked_for_for_ever_and_another_reason_not_at_all() -> None:
    manager = Manager(*["No such channel"] * 10)
    with pytest.raises(ActionFailed, match="No such channel"):
        await AsteriskSwitch(manager).unsilence("1.1")
    assert manager.asked == ["MixMonitorMute"] * RENAMED_TRIES
    manager = Manager("Cannot set mute flag")
    with pytest.raises(ActionFailed, match="mute flag"):
        await AsteriskSwitch(manager).unsilence("1.1")
    assert len(manager.asked) == 1
