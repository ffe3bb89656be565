"""Who hears whom, judged by audio: everybody plays a tone of their own and looks for everybody else's.

Samples are signed 16-bit, mono, 8 kHz.
"""

import math
from array import array
from collections.abc import Iterable

import msgspec

RATE = 8000
TONES = (440, 600, 800, 1000, 1300, 1600, 2000, 2600)
"""Frequencies that a phone listens for unless told otherwise: within a telephone's band, none a multiple of another
that is quiet, and all whole periods of a window."""
WINDOW_S = 0.1
WINDOW = round(RATE * WINDOW_S)
LOUDEST = 32767
SILENCE_DB = -50.0
"""Comfort noise and codec noise stay below."""
SHARE = 0.12
"""A tone counts as heard when it makes up at least this share of a window's energy; three voices have a third each."""


class Window(msgspec.Struct, frozen=True):
    """What was heard in `WINDOW_S`: the end's time (unix seconds), its loudness in dB below full scale, the tones."""

    at: float
    level_db: float
    tones: tuple[int, ...]

    @property
    def sound(self) -> bool:
        """Whether anything was to be heard: speech, music, tones."""
        return self.level_db > SILENCE_DB


def sine(hz: int, seconds: float = 1.0, loudness: float = 0.25) -> bytes:
    """A tone; of whole seconds it repeats without a click when `hz` is whole."""
    peak = LOUDEST * loudness
    step = 2 * math.pi * hz / RATE
    return array("h", (round(peak * math.sin(step * i)) for i in range(round(RATE * seconds)))).tobytes()


def goertzel(samples: "array[int]", hz: int) -> float:
    """The energy of one frequency, on the scale of `sum(x*x)`: a pure tone of that frequency gives just that sum.

    G. Goertzel, "An Algorithm for the Evaluation of Finite Trigonometric Series", 1958.
    """
    k = 2 * math.cos(2 * math.pi * hz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + k * last - before, last
    return 2 * (last * last + before * before - k * last * before) / len(samples)


def listen(samples: "array[int]", frequencies: Iterable[int], at: float) -> Window:
    """Judge one window of samples (not empty)."""
    energy = float(sum(sample * sample for sample in samples))
    level_db = 10 * math.log10(max(energy / len(samples), 1e-3) / LOUDEST**2)
    if level_db <= SILENCE_DB:
        return Window(at, round(level_db, 1), ())
    tones = tuple(hz for hz in frequencies if goertzel(samples, hz) >= SHARE * energy)
    return Window(at, round(level_db, 1), tones)
