"""One stereo conversation out of raw parts: customer left, what the customer heard right. Pure, no I/O.

Raw parts are what MixMonitor's `D` option writes on the customer's channel: 8 kHz, 16-bit signed little endian,
interleaved stereo, first what the channel's owner says, second what the owner hears. A supervisor who barges in by
ChanSpy is mixed in behind MixMonitor's back, so that leg is recorded too and added here to what the customer heard.
"""

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from math import hypot
from typing import NamedTuple

RATE = 8000
CHANNELS = 2
FRAME = 4
"""Bytes of one stereo sample."""
HEADER = 44
_LOUDEST = 32767
_SAMPLED = 1000


class Barge(NamedTuple):
    """`raw`: stereo, left the supervisor's voice. `offset`: its first sample in samples of the conversation."""

    offset: int
    raw: bytes


class Levels(NamedTuple):
    """Root mean square of each side, 0..32767, estimated from evenly spread samples."""

    customer: float
    heard: float


def wav_header(size: int) -> bytes:
    """For `size` bytes of samples. Canonical PCM header of the RIFF WAVE specification (1991)."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", HEADER - 8 + size, b"WAVE", b"fmt ", 16, 1, CHANNELS, RATE, RATE * FRAME, FRAME, 16, b"data", size),
    )


def samples(raw: bytes) -> "array[int]":
    """Little-endian 16-bit samples; an incomplete frame at the end is left out."""
    values = array("h")
    values.frombytes(raw[: len(raw) - len(raw) % FRAME])
    if sys.byteorder == "big":
        values.byteswap()
    return values


def stitch(chunk: bytes, start: int, barges: Sequence[Barge]) -> bytes:
    """`chunk` of the conversation, whose first frame is number `start`, with the barges added to its right side."""
    here = [b for b in barges if b.offset < start + len(chunk) // FRAME and b.offset + len(b.raw) // FRAME > start]
    if not here:
        return chunk
    values = samples(chunk)
    for barge in here:
        _add(values, start, barge)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def _add(values: "array[int]", start: int, barge: Barge) -> None:
    begin = max(barge.offset - start, 0)
    skipped = max(start - barge.offset, 0)
    room = len(values) // CHANNELS - begin
    said = samples(barge.raw[skipped * FRAME : (skipped + room) * FRAME])[::CHANNELS]
    right = slice(begin * CHANNELS + 1, (begin + len(said)) * CHANNELS, CHANNELS)
    values[right] = array("h", map(_saturated, values[right], said))


def _saturated(one: int, other: int) -> int:
    return max(-_LOUDEST - 1, min(_LOUDEST, one + other))


def levels(raw: bytes) -> Levels:
    values = samples(raw)
    step = len(values) // CHANNELS // _SAMPLED | 1  # odd: tones are mostly at even parts of the rate, and would vanish
    return Levels(*(_rms(values[side :: CHANNELS * step]) for side in range(CHANNELS)))


def _rms(side: "array[int]") -> float:
    return hypot(*side) / len(side) ** 0.5 if side else 0.0


def frames(duration_s: float) -> int:
    return round(duration_s * RATE)


def chunks(size: int, chunk: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of consecutive pieces that cover `size` bytes."""
    for offset in range(0, size, chunk):
        yield offset, min(chunk, size - offset)
