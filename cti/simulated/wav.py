"""Who is to be heard in a recording, judged by the tones that the phones played."""

import wave
from array import array
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from cti.simulated.tones import RATE, TONES, WINDOW, WINDOW_S, Window, listen


def listen_to(path: Path, listen_for: Iterable[int] = TONES) -> tuple[list[Window], ...]:
    """The windows of each channel, left first; `at` counts seconds from the beginning of the file.

    Raises ValueError unless it is 8 kHz, 16 bit.
    """
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getsampwidth()) != (RATE, 2):
            raise ValueError(f"{path.name} has {file.getframerate()} Hz and {file.getsampwidth()} bytes a sample")
        channels = file.getnchannels()
        samples = array("h", file.readframes(file.getnframes()))
    frequencies = tuple(listen_for)
    return tuple(_windows(samples[channel::channels], frequencies) for channel in range(channels))


def _windows(samples: "array[int]", frequencies: tuple[int, ...]) -> list[Window]:
    starts = range(0, len(samples) - WINDOW + 1, WINDOW)
    return [listen(samples[start : start + WINDOW], frequencies, round((start + WINDOW) / RATE, 3)) for start in starts]


def tone_seconds(windows: Iterable[Window]) -> dict[int, float]:
    """For how many seconds each tone is to be heard; tones of a single stray window are left out."""
    counts = Counter(hz for window in windows for hz in window.tones)
    return {hz: round(count * WINDOW_S, 1) for hz, count in sorted(counts.items()) if count > 1}
