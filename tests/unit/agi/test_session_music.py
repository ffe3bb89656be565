"""Music is asked for once, until something is played over it."""

from cti.agi.codec import Environment, Result
from cti.agi.session import AgiSession


class Asterisk:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.session = AgiSession(Environment({}), self._answer, lambda _reason: None)

    def _answer(self, line: bytes) -> None:
        self.lines.append(line.decode().strip())
        self.session.receive(Result("0", "", 0))


async def test_music_that_plays_is_not_asked_for_again() -> None:
    asterisk = Asterisk()
    session = asterisk.session
    await session.set_music(on=True)
    await session.set_variable("LD_PLACE", "x")
    await session.wait_for_digit(10)
    await session.set_music(on=True)
    assert sum("MUSIC" in line for line in asterisk.lines) == 1
    await session.stream_file("all_agents_busy")
    await session.set_music(on=True)
    await session.set_music(on=False)
    await session.set_music(on=False)
    assert [line.split('"')[1] for line in asterisk.lines if "MUSIC" in line] == ["ON", "ON", "OFF"]
