"""Judges what a phone heard over a stretch of time."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cti.simulated.phone_call import PhoneCall
from cti.simulated.tones import RATE, WINDOW_S

Samples = npt.NDArray[np.float64]

WAV_HEADER = 44
PIECE_S = 0.5
LIKE = 0.9
"""Of 1, which a piece of a prompt reaches over a telephone line but for its codec; other words stay below 0.8."""
SLIP_S = 0.5
"""By how much the pieces of one prompt may have moved against each other: packets come late on a busy machine."""
SHARE_OF_PIECES = 0.6
CUT_S = 1.0
"""So long a gap in a talk is one that people complain of; on a busy machine some tenths are nobody's fault."""
LATE_S = 0.5
"""How late a phone may be on a busy machine in telling what it hears: what is missing at the end is no silence yet."""
QUIET = 100.0
"""Silence is like nothing: the least energy of a sample that is compared."""


def longest_without(call: PhoneCall, hz: int, since: float, until: float) -> float:
    """The longest time, in seconds, in which this tone was not to be heard (a lost window counts as well)."""
    until = _told(call, until)
    heard = [window.at for window in call.heard if hz in window.tones and since < window.at <= until]
    return max(after - before for before, after in pairwise([since, *heard, until])) - WINDOW_S


def sound_share(call: PhoneCall, since: float, until: float) -> float:
    """The part of this time, 0 to 1, in which anything was to be heard."""
    until = _told(call, until)
    return WINDOW_S * sum(window.sound for window in call.heard if since < window.at <= until) / (until - since)


def _told(call: PhoneCall, until: float) -> float:
    return max(until - LATE_S, min(until, call.heard[-1].at if call.heard else 0))


def heard(kept: Path, prompt: Path) -> list[float]:
    """Where in what a phone has kept (`Phone(keep=...)`) this prompt was to be heard, in seconds, in order.

    `prompt` is its WAV of 8 kHz. The two are compared sample by sample (normalised cross-correlation), piece by piece,
    so that another prompt of the same voice does not count, and one with a lost packet does. Prompts that share most of
    their words are taken for each other, so ask for such as are unlike the rest.
    """
    said = np.frombuffer(prompt.read_bytes()[WAV_HEADER:], dtype="<i2").astype(np.float64)
    there = np.frombuffer(kept.read_bytes() if kept.exists() else b"", dtype="<i2").astype(np.float64)
    pieces = np.array_split(said, max(1, round(len(said) / RATE / PIECE_S)))
    offsets = np.cumsum([0, *(len(piece) for piece in pieces)]) / RATE
    size = 1 << (len(there) + len(pieces[0])).bit_length()
    spectrum = np.fft.rfft(there, size)
    begins = sorted(
        (at - offset, number)
        for number, (piece, offset) in enumerate(zip(pieces, offsets, strict=False))
        for at in _places(there, spectrum, size, piece)
    )
    found: list[float] = []
    for begin, _ in begins:
        together = {number for other, number in begins if 0 <= other - begin <= SLIP_S}
        apart = not found or begin - found[-1] > len(said) / RATE / 2
        if apart and len(together) >= SHARE_OF_PIECES * len(pieces):
            found.append(float(begin))
    return found


def _places(there: Samples, spectrum: npt.NDArray[np.complex128], size: int, piece: Samples) -> list[float]:
    """Where it is, in seconds. `spectrum` is that of `there`, padded to `size`."""
    if len(there) < len(piece):
        return []
    product = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)
    product = product[: len(there) - len(piece) + 1]
    energy = np.concatenate(([0.0], np.cumsum(there**2)))
    energy = energy[len(piece) :] - energy[: len(energy) - len(piece)]
    likeness = product / np.sqrt(np.maximum(energy, QUIET * len(piece)) * np.sum(piece**2))
    found: list[float] = []
    while (best := int(np.argmax(likeness))) >= 0 and likeness[best] >= LIKE:
        found.append(best / RATE)
        likeness[max(0, best - len(piece) // 2) : best + len(piece) // 2] = 0
    return found
