import io
import math
import wave
from array import array

from hypothesis import given
from hypothesis import strategies as st

from cti.recording.stitch import FRAME, Barge, levels, stitch, wav_header

SAMPLE = st.integers(-32768, 32767)


def stereo(left: list[int], right: list[int]) -> bytes:
    values = array("h", [0] * (2 * len(left)))
    values[0::2], values[1::2] = array("h", left), array("h", right)
    return values.tobytes()


def sides(raw: bytes) -> tuple[list[int], list[int]]:
    values = array("h", raw)
    return list(values[0::2]), list(values[1::2])


def tone(hertz: float, seconds: float, loudness: int = 8000) -> list[int]:
    return [round(loudness * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(round(seconds * 8000))]


def power(samples: list[int], hertz: float) -> float:
    """Goertzel's share of one frequency, about 1 for a pure tone."""
    real = sum(s * math.cos(2 * math.pi * hertz * n / 8000) for n, s in enumerate(samples))
    imaginary = sum(s * math.sin(2 * math.pi * hertz * n / 8000) for n, s in enumerate(samples))
    return 2 * (real**2 + imaginary**2) / (len(samples) * sum(s * s for s in samples) or 1)


def test_the_header_is_read_by_the_standard_library() -> None:
    raw = stereo([1, 2, 3], [-1, -2, -3])
    with wave.open(io.BytesIO(wav_header(len(raw)) + raw)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth(), file.getnframes()) == (2, 8000, 2, 3)
        assert file.readframes(3) == raw


def test_a_supervisor_who_barged_in_is_heard_on_the_right_from_then_on_and_nowhere_else() -> None:
    raw = stereo(tone(440, 1), tone(700, 1))
    barge = Barge(4000, stereo(tone(1000, 0.25), tone(440, 0.25)))
    left, right = sides(stitch(raw, 0, [barge]))
    assert left == tone(440, 1)
    assert right[:4000] == tone(700, 1)[:4000]
    assert right[6000:] == tone(700, 1)[6000:]
    assert power(right[4000:6000], 1000) > 0.4
    assert power(right[4000:6000], 700) > 0.4
    assert power(right[4000:6000], 440) < 0.01


def test_loud_voices_together_saturate_instead_of_wrapping_round() -> None:
    _, right = sides(stitch(stereo([0, 0], [30000, -30000]), 0, [Barge(0, stereo([9000, -9000], [0, 0]))]))
    assert right == [32767, -32768]


@given(
    st.lists(st.tuples(SAMPLE, SAMPLE), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(-70, 70), st.lists(SAMPLE, min_size=1, max_size=40)), max_size=3),
    st.integers(1, 60),
)
def test_stitching_in_pieces_equals_the_definition(
    frames: list[tuple[int, int]], spoken: list[tuple[int, list[int]]], piece: int
) -> None:
    left, right = [f[0] for f in frames], [f[1] for f in frames]
    barges = [Barge(offset, stereo(said, [0] * len(said))) for offset, said in spoken]
    expected = list(right)
    for offset, said in spoken:
        for n, value in enumerate(said):
            if 0 <= offset + n < len(expected):
                expected[offset + n] = max(-32768, min(32767, expected[offset + n] + value))
    raw = stereo(left, right)
    pieces = [raw[n : n + piece * FRAME] for n in range(0, len(raw), piece * FRAME)]
    stitched = b"".join(stitch(p, n * piece, barges) for n, p in enumerate(pieces))
    assert sides(stitched) == (left, expected)


def test_levels_tell_which_side_is_silent() -> None:
    measured = levels(stereo([0] * 8000, tone(500, 1, 10000)))
    assert measured.customer == 0
    assert abs(measured.heard - 10000 / math.sqrt(2)) < 200
    assert levels(b"").customer == 0
