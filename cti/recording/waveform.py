"""What a player shows of a published WAV: how loud each side is over time, and where both are silent. Pure.

The file is read once, in frames of 50 ms. Buckets are what is drawn, and there are never more than asked for, however
long the recording is. Silences are found in the frames, since a bucket of an hour's recording is longer than a pause.
"""

import sys
from array import array
from collections.abc import Iterable
from typing import Final

import msgspec

from cti.recording.stitch import CHANNELS, FRAME, RATE

BUCKETS: Final = 1000
WINDOW: Final = RATE // 20
"""Stereo samples of one frame: 50 ms."""
QUIET: Final = 330
"""A peak of -40 dB below full scale: breath and line noise stay below, words do not."""
PAUSE_S: Final = 1.5
_LOUDEST: Final = 32767
_ENOUGH: Final = 4_000_000
"""So many samples of one side are looked at singly (8 minutes); in a longer recording only every so many-th."""


class Waveform(msgspec.Struct, frozen=True, kw_only=True):
    """`customer` and `ours`: the peak of each bucket in per mille of full scale; `bucket_s` is a bucket's length.

    `silences`: begin and end, in seconds, of each stretch longer than `PAUSE_S` in which neither side says anything.
    """

    duration_s: float
    bucket_s: float
    customer: tuple[int, ...]
    ours: tuple[int, ...]
    silences: tuple[tuple[float, float], ...]


def waveform(samples: Iterable[bytes], size: int, *, buckets: int = BUCKETS) -> Waveform:
    """Of `size` bytes of samples (without the WAV's header), which come in pieces of any lengths."""
    total = size // FRAME
    step = _step(total)
    left, right = array("H"), array("H")
    for window in _windows(samples, size):
        left.append(_peak(window[0 :: CHANNELS * step]))
        right.append(_peak(window[1 :: CHANNELS * step]))
    each = max(1, -(-len(left) // buckets))
    return Waveform(
        duration_s=total / RATE,
        bucket_s=each * WINDOW / RATE,
        customer=_buckets(left, each),
        ours=_buckets(right, each),
        silences=_silences(left, right, total / RATE),
    )


def _step(total: int) -> int:
    """Odd, because tones are mostly at even parts of the rate and would vanish."""
    return 1 if total <= _ENOUGH else total // _ENOUGH | 1


def _windows(pieces: Iterable[bytes], size: int) -> Iterable["array[int]"]:
    length = WINDOW * FRAME
    left, rest = size - size % FRAME, b""
    for piece in pieces:
        data = rest + piece[: left - len(rest)]
        whole = len(data) - len(data) % length
        for offset in range(0, whole, length):
            yield _values(data[offset : offset + length])
        left -= whole
        rest = data[whole:]
    if rest := rest[: len(rest) - len(rest) % FRAME]:
        yield _values(rest)


def _values(data: bytes) -> "array[int]":
    values = array("h")
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _peak(side: "array[int]") -> int:
    if not side:
        return 0
    highest, lowest = max(side), min(side)
    return max(highest, -lowest)


def _buckets(peaks: "array[int]", each: int) -> tuple[int, ...]:
    return tuple(min(1000, max(peaks[at : at + each]) * 1000 // _LOUDEST) for at in range(0, len(peaks), each))


def _silences(left: "array[int]", right: "array[int]", duration_s: float) -> tuple[tuple[float, float], ...]:
    found: list[tuple[float, float]] = []
    begin: int | None = None
    for at, (customer, ours) in enumerate(zip(left, right, strict=True)):
        quiet = customer < QUIET and ours < QUIET
        if quiet and begin is None:
            begin = at
        elif not quiet and begin is not None:
            found.append((begin * WINDOW / RATE, at * WINDOW / RATE))
            begin = None
    if begin is not None:
        found.append((begin * WINDOW / RATE, duration_s))
    return tuple((start, end) for start, end in found if end - start > PAUSE_S)
