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
_AT = (
    '<assignstr assign_to="after" value="[field2]"/><todouble assign_to="after_ms" variable="after"/>'
    '</action></nop>\n<pause variable="after_ms"/>\n'
)


@contextlib.asynccontextmanager
async def agents(
    stage: Stage, *, speaking: bool = False, talks_ms: Sequence[int] = (TALK_MS,), by_caller: bool = False
) -> AsyncIterator[Sipp]:
    """All agents, each answering after 20 ms and hanging up after one of `talks_ms`, taken by chance.

    `by_caller`: not by chance, but the one whose place is the last digit of the caller's number. `speaking`: with a
    tone on RTP, without which there is nothing to record.
    """
    scenario = scenarios.agent(answer_after_ms=ANSWER_MS, hang_up_after_ms=talks_ms[0])
    if len(talks_ms) > 1:
        scenario = _one_of(scenario, talks_ms, by_caller=by_caller)
    if speaking:
        scenario = _with_tone(scenario, stage.root / "tone.alaw")
    async with sipp(scenario, server=stage.server, port=stage.agents_port) as running:
        yield running


def callers(
    stage: Stage,
    number: str,
    *,
    calls: int,
    rate: float,
    keys: str = "",
    within_ms: int = 0,
    at_once: int | None = None,
) -> contextlib.AbstractAsyncContextManager[Sipp]:
    """`calls` callers over the trunk, `rate` a second, who press `keys` and wait until the other side hangs up.

    With `within_ms` each dials after a time of its own, evenly spread by chance over so long: SIPp's chance has no
    seed, so that it is the same for both sides. `at_once`: how many may be there; left out, SIPp takes a limit from the
    length of a call as it expects it.
    """
    scenario = scenarios.caller(keys=keys, before_keys_ms=BEFORE_KEY_MS, number="1390[call_number]")
    if within_ms:
        scenario = scenario.replace("</nop>\n", f"{_WAIT.format(within_ms=within_ms)}", 1)
    return sipp(scenario, server=stage.server, host=TRUNK_HOST, service=number, calls=calls, rate=rate, at_once=at_once)


def dialling(stage: Stage, rows: Sequence[tuple[str, str, float]]) -> contextlib.AbstractAsyncContextManager[Sipp]:
    """Callers over the trunk who wait until the other side hangs up: each row is (own number, dialled, after seconds).

    All of them are there within a fifth of a second, and each waits for a time of its own before dialling.
    """
    scenario = scenarios.caller(number="[field0]").replace("[service]", "[field1]").replace("</action></nop>\n", _AT, 1)
    fields = [f"{number};{dialled};{after_s * 1000:.0f}" for number, dialled, after_s in rows]
    return sipp(scenario, server=stage.server, host=TRUNK_HOST, calls=len(rows), rate=1000, rows=fields)


def _one_of(scenario: str, talks_ms: Sequence[int], *, by_caller: bool) -> str:
    """The scenario with its stay in the dialog once for each length, and branches before them."""
    stays = [scenarios._stay(place, length) for place, length in enumerate(talks_ms)]
    begin = scenario.index(stays[0])
    when = (
        [f'test="talk{place}"' for place in range(len(stays))]
        if by_caller
        else [f'chance="{1 / (len(stays) - place):.4f}"' for place in range(len(stays) - 1)]
    )
    branches = "".join(f'<nop next="{_OWN + place}" {one}/>\n' for place, one in enumerate(when))
    bodies = "".join(
        f'<label id="{_OWN + place}"/>\n{stay}<nop next="{_OWN - 1}"/>\n'
        for place, stay in reversed(list(enumerate(stays)))
    )
    whole = f'{scenario[:begin]}{branches}{bodies}<label id="{_OWN - 1}"/>\n{scenario[begin + len(stays[0]) :]}'
    if by_caller:
        digits = "".join(
            f'<ereg regexp="{place}@" search_in="hdr" header="From:" assign_to="talk{place}"/>'
            for place in range(len(stays))
        )
        whole = whole.replace("</action>", f"{digits}</action>", 1)
    return whole


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
