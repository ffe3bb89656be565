"""Speech as samples: trimmed, levelled, brought to a sample rate, written as mono 16-bit WAV.

Samples are float32 in [-1, 1]. Needs numpy, which the voices bring along.
"""

import io
import wave
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from cti.errors import CtiError

Samples = npt.NDArray[np.float32]

PEAK = 0.7
"""About -3 dB: loud on a telephone, and room for A-law."""
SILENCE = 0.01
"""Of the peak, -40 dB: quieter is no speech."""
LEAD_S, TAIL_S, FADE_S = 0.02, 0.06, 0.005
_PCM_BYTES = 2
_TAPER = 0.04


class Sound(msgspec.Struct, frozen=True):
    samples: Samples
    rate: int


def read_wav(data: bytes, name: str) -> Sound:
    """PCM of 8, 16, 24 or 32 bits; channels are mixed. Raises `CtiError` naming `name`."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise CtiError(f"{name} is no PCM WAV file: {error}") from error
    octets = np.frombuffer(raw[: len(raw) // (width * channels) * width * channels], dtype=np.uint8)
    if width == 1:
        values = (octets.astype(np.float64) - 128) / 128
    else:
        # the sample's bytes go to the top of 32 bits, so that 16, 24 and 32 bits are one case
        wide = np.zeros((len(octets) // width, 4), dtype=np.uint8)
        wide[:, 4 - width :] = octets.reshape(-1, width)
        values = wide.view("<i4")[:, 0] / 2**31
    return Sound(values.reshape(-1, channels).mean(axis=1).astype(np.float32), rate)


def to_wav(sound: Sound) -> bytes:
    pcm = (np.clip(sound.samples, -1, 1) * 32767).round().astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(_PCM_BYTES)
        file.setframerate(sound.rate)
        file.writeframes(pcm.tobytes())
    return buffer.getvalue()


def trimmed(sound: Sound) -> Sound:
    """Without silence at both ends but for a breath, and with soft edges. Silence alone stays as it is."""
    loud = np.flatnonzero(np.abs(sound.samples) > SILENCE * _peak(sound.samples))
    if not len(loud):
        return sound
    begin = max(0, int(loud[0]) - int(LEAD_S * sound.rate))
    end = int(loud[-1]) + 1 + int(TAIL_S * sound.rate)
    samples = sound.samples[begin:end].copy()
    fade = min(int(FADE_S * sound.rate), len(samples) // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    samples[:fade] *= ramp
    samples[len(samples) - fade :] *= ramp[::-1]
    return Sound(samples, sound.rate)


def levelled(sound: Sound) -> Sound:
    """The highest peak at `PEAK`."""
    peak = _peak(sound.samples)
    return Sound((sound.samples * (PEAK / peak)).astype(np.float32), sound.rate) if peak else sound


def resampled(sound: Sound, rate: int) -> Sound:
    """Band-limited, by cutting or extending the spectrum; the upper edge is tapered against ringing."""
    if rate == sound.rate or not len(sound.samples):
        return Sound(sound.samples, rate)
    # an end of silence keeps the transform's wrap-around out of the speech and makes both lengths whole numbers
    step = sound.rate // np.gcd(sound.rate, rate)
    blocks = -(-(len(sound.samples) + sound.rate // 20) // step)
    padded = np.zeros(blocks * step)
    padded[: len(sound.samples)] = sound.samples
    size = int(blocks * step * rate // sound.rate)
    spectrum = np.fft.rfft(padded)[: size // 2 + 1]
    edge = max(1, int(len(spectrum) * _TAPER))
    if rate < sound.rate:
        spectrum[-edge:] *= np.cos(np.linspace(0, np.pi / 2, edge))
    samples = np.fft.irfft(spectrum, size) * (rate / sound.rate)
    wanted = -(-len(sound.samples) * rate // sound.rate)
    return Sound(np.clip(samples[:wanted], -1, 1).astype(np.float32), rate)


def read_recording(path: Path) -> Sound:
    return read_wav(path.read_bytes(), str(path))


def _peak(samples: Samples) -> float:
    return float(np.abs(samples).max()) if len(samples) else 0.0
