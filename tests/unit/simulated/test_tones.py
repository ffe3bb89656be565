import random
import wave
from array import array
from pathlib import Path

import pytest

from cti.simulated.phone_call import PhoneCall
from cti.simulated.tones import RATE, TONES, WINDOW, Window, goertzel, listen, sine
from cti.simulated.wav import listen_to, tone_seconds


def samples(*tones: int, noise: int = 0, loudness: float = 0.25) -> "array[int]":
    rng = random.Random(1)
    voices = [array("h", sine(hz, 0.1, loudness)) for hz in tones] or [array("h", bytes(2 * WINDOW))]
    return array("h", (sum(voice[i] for voice in voices) + rng.randint(-noise, noise) for i in range(WINDOW)))


def test_a_pure_tone_has_all_the_energy_at_its_frequency() -> None:
    pure = samples(1000)
    energy = sum(sample * sample for sample in pure)
    assert goertzel(pure, 1000) == pytest.approx(energy, rel=0.01)
    assert goertzel(pure, 440) < energy / 1000


@pytest.mark.parametrize("hz", TONES)
def test_each_tone_is_told_from_all_others(hz: int) -> None:
    assert listen(samples(hz), TONES, 0.0).tones == (hz,)


@pytest.mark.parametrize("tones", [(440, 1000), (440, 1000, 2000), (600, 1300, 1600, 2600)])
def test_voices_that_talk_at_once_are_all_heard(tones: tuple[int, ...]) -> None:
    assert listen(samples(*tones, loudness=0.2), TONES, 0.0).tones == tones


def test_the_noise_of_a_line_is_silence_and_loud_noise_is_no_tone() -> None:
    quiet, loud = listen(samples(noise=40), TONES, 0.0), listen(samples(noise=8000), TONES, 0.0)
    assert (quiet.sound, quiet.tones) == (False, ())
    assert (loud.sound, loud.tones) == (True, ())


def test_a_stereo_recording_tells_who_was_on_which_side(tmp_path: Path) -> None:
    left, right = array("h", sine(440, 2.0)), array("h", sine(1000, 1.0) + bytes(2 * RATE))
    path = tmp_path / "call.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", (value for pair in zip(left, right, strict=True) for value in pair)).tobytes())
    customer, agent = listen_to(path)
    assert tone_seconds(customer) == {440: 2.0}
    assert tone_seconds(agent) == {1000: 1.0}
    assert [window.at for window in agent if window.tones][-1] == 1.0


def test_a_recording_of_another_rate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
    with pytest.raises(ValueError, match="16000 Hz"):
        listen_to(path)


def test_a_tone_that_was_heard_once_by_chance_is_not_ever_heard() -> None:
    call = PhoneCall(key=1, incoming=True, peer="", invite_at=0.0)
    for at, tones in enumerate([(440,), (), (1000,), (1000, 2000), (1000,)]):
        call.heard.append(Window(float(at), -12.0, tones))
    assert call.ever_heard() == {1000}
    assert call.ever_heard(since=4.0) == frozenset()
    assert call.sound_s(since=3.0) == pytest.approx(0.2)
