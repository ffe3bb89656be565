"""Judges a stereo recording by its tones, window by window."""

import array
import wave
from collections.abc import Iterable
from pathlib import Path

from cti.simulated.tones import RATE, WINDOW, WINDOW_S, Window, listen


def channels(path: Path) -> tuple["array.array[int]", "array.array[int]"]:
    """(left, right): what the customer said, what the customer heard."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        samples = array.array("h", file.readframes(file.getnframes()))
    return samples[0::2], samples[1::2]


def windows(samples: "array.array[int]", frequencies: Iterable[int]) -> list[Window]:
    """`at` counts seconds from the beginning of the recording."""
    wanted = tuple(frequencies)
    return [
        listen(samples[start : start + WINDOW], wanted, start / RATE)
        for start in range(0, len(samples) - WINDOW + 1, WINDOW)
    ]


def heard_s(found: Iterable[Window], *tones: int) -> float:
    """For how long just these tones were there together, and no other that was listened for."""
    return WINDOW_S * sum(set(window.tones) == set(tones) for window in found)
