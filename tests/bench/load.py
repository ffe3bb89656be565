"""SIPp as agents and callers. What is the same on both sides is decided here: nobody speaks but the agents."""

import contextlib
import math
from array import array
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from cti.simulated import scenarios
from cti.simulated.sipp import Sipp, sipp
from tests.bench.stage import Stage
from tests.harness.phones import TRUNK_HOST

ANSWER_MS = 20
TALK_MS = 1000
KEY = "2"
BEFORE_KEY_MS = 1500
"""A second of the menu: Asterisk's Answer() waits up to half a second for a caller's first RTP, and SIPp sends none."""

_OWN = 1001
"""SIPp labels from here on are ours; the scenarios' own are lower."""
_WAIT = '</nop>\n<pause distribution="uniform" min="1" max="{within_ms}"/>\n'


@contextlib.asynccontextmanager
async def agents(stage: Stage, *, speaking: bool = False, talks_ms: Sequence[int] = (TALK_MS,)) -> AsyncIterator[Sipp]:
    """All agents, each answering after 20 ms and hanging up after one of `talks_ms`, taken by chance.

    `speaking`: with a tone on RTP, without which there is nothing to record.
    """
    scenario = scenarios.agent(answer_after_ms=ANSWER_MS, hang_up_after_ms=talks_ms[0])
    if len(talks_ms) > 1:
        scenario = _one_of(scenario, talks_ms)
    if speaking:
        scenario = _with_tone(scenario, stage.root / "tone.alaw")
    async with sipp(scenario, server=stage.server, port=stage.agents_port) as running:
        yield running


def callers(
    stage: Stage, number: str, *, calls: int, rate: float, keys: str = "", within_ms: int = 0
) -> contextlib.AbstractAsyncContextManager[Sipp]:
    """`calls` callers over the trunk, `rate` a second, who press `keys` and wait until the other side hangs up.

    With `within_ms` each dials after a time of its own, evenly spread by chance over so long: SIPp's chance has no
    seed, so that it is the same for both sides.
    """
    scenario = scenarios.caller(keys=keys, before_keys_ms=BEFORE_KEY_MS, number="1390[call_number]")
    if within_ms:
        scenario = scenario.replace("</nop>\n", f"{_WAIT.format(within_ms=within_ms)}", 1)
    return sipp(scenario, server=stage.server, host=TRUNK_HOST, service=number, calls=calls, rate=rate)


def _one_of(scenario: str, talks_ms: Sequence[int]) -> str:
    """The scenario with its stay in the dialog once for each length, and a branch by chance before them."""
    stays = [scenarios._stay(place, length) for place, length in enumerate(talks_ms)]
    begin = scenario.index(stays[0])
    branches = "".join(
        f'<nop next="{_OWN + place}" chance="{1 / (len(stays) - place):.4f}"/>\n' for place in range(len(stays) - 1)
    )
    bodies = "".join(
        f'<label id="{_OWN + place}"/>\n{stay}<nop next="{_OWN - 1}"/>\n'
        for place, stay in reversed(list(enumerate(stays)))
    )
    return f'{scenario[:begin]}{branches}{bodies}<label id="{_OWN - 1}"/>\n{scenario[begin + len(stays[0]) :]}'


def _with_tone(scenario: str, file: Path) -> str:
    """The agent plays a tone from the ACK on, without an end."""
    if not file.exists():
        file.write_bytes(_tone())
    acked = '<recv request="ACK" rtd="true"/>\n'
    play = f'<nop><action><exec rtp_stream="{file},-1,8,PCMA/8000"/></action></nop>\n'
    assert scenario.count(acked) == 1
    return scenario.replace(acked, acked + play).replace("[auto_media_port]", "[rtpstream_audio_port]")


def _tone(hz: int = 440, seconds: float = 1.0) -> bytes:
    samples = array("h", (round(8000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(round(8000 * seconds))))
    return bytes(map(_alaw, samples))


def _alaw(sample: int) -> int:
    """One sample as A-law (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(abs(sample) >> 3, 0xFFF)
    exponent = max(magnitude.bit_length() - 5, 0)
    mantissa = (magnitude >> max(exponent, 1)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55
