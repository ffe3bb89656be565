import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.errors import CtiError
from cti.prompts.audio import PEAK, Sound, levelled, read_wav, resampled, to_wav, trimmed


def tone(hertz: float, seconds: float, rate: int, level: float = 0.5) -> Sound:
    at = np.arange(int(seconds * rate)) / rate
    return Sound((level * np.sin(2 * np.pi * hertz * at)).astype(np.float32), rate)


def rms(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound.samples.astype(np.float64) ** 2)))


def loudest_hertz(sound: Sound) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound.samples))) * sound.rate / len(sound.samples))


@pytest.mark.parametrize("rate", [22_050, 24_000, 44_100, 48_000, 11_025])
@pytest.mark.parametrize("wanted", [8000, 16_000])
def test_a_tone_keeps_its_pitch_length_and_level_at_another_rate(rate: int, wanted: int) -> None:
    sound = resampled(tone(1000, 1.0, rate), wanted)
    assert sound.rate == wanted
    assert abs(len(sound.samples) - wanted) <= 1
    assert loudest_hertz(sound) == pytest.approx(1000, abs=2)
    assert rms(sound) == pytest.approx(0.5 / 2**0.5, rel=0.02)


def test_what_the_lower_rate_cannot_carry_is_gone_and_does_not_come_back_as_a_false_tone() -> None:
    assert rms(resampled(tone(6000, 1.0, 24_000), 8000)) < 0.005


def test_silence_at_both_ends_is_cut_to_a_breath() -> None:
    quiet = np.full(8000, 0.001, dtype=np.float32)
    speech = tone(500, 0.5, 8000)
    sound = trimmed(Sound(np.concatenate([quiet, speech.samples, quiet]), 8000))
    assert len(sound.samples) / 8000 == pytest.approx(0.58, abs=0.01)
    assert abs(sound.samples[0]) < 0.001
    assert abs(sound.samples[-1]) < 0.001


def test_silence_alone_is_left_as_it_is() -> None:
    nothing = Sound(np.zeros(100, dtype=np.float32), 8000)
    assert len(trimmed(nothing).samples) == 100
    assert not levelled(nothing).samples.any()


def test_the_peak_is_where_it_should_be() -> None:
    assert np.abs(levelled(tone(500, 0.1, 8000, level=0.05)).samples).max() == pytest.approx(PEAK, rel=1e-3)


@given(st.lists(st.floats(-1, 1, width=32), max_size=200))
def test_samples_survive_the_file(samples: list[float]) -> None:
    there = np.array(samples, dtype=np.float32)
    back = read_wav(to_wav(Sound(there, 8000)), "x")
    assert back.rate == 8000
    assert np.allclose(back.samples, there, atol=1 / 16_000)


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [
        (1, bytes([192]), bytes([64])),
        (2, struct.pack("<h", 16384), struct.pack("<h", -8192)),
        (3, b"\x00\x00\x40", b"\x00\x00\x00"),
        (4, struct.pack("<i", 2**30), struct.pack("<i", 2**29)),
    ],
)
def test_recordings_of_any_width_are_mixed_to_one_channel(width: int, left: bytes, right: bytes) -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(width)
        file.setframerate(44_100)
        file.writeframes((left + right) * 10)
    sound = read_wav(buffer.getvalue(), "x")
    expected = {1: 0.0, 2: 0.125, 3: 0.25, 4: 0.375}[width]
    assert sound.rate == 44_100
    assert sound.samples.tolist() == pytest.approx([expected] * 10)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3\x04 some mp3"])
def test_what_is_no_wav_is_said_so(data: bytes) -> None:
    with pytest.raises(CtiError, match=r"welcome\.mp3 is no PCM WAV file"):
        read_wav(data, "welcome.mp3")
