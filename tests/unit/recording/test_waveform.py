"""The waveform of recordings whose tones and silences are known."""

import time
from array import array

import pytest

from cti.recording.stitch import RATE
from cti.recording.waveform import BUCKETS, Waveform, waveform
from cti.simulated.tones import sine

Side = list[tuple[float, float]]
"""Seconds and loudness (0..1) of each stretch."""


def mono(side: Side) -> "array[int]":
    values = array("h")
    for seconds, loudness in side:
        values.frombytes(sine(1000, seconds, loudness))
    return values


def stereo(customer: Side, ours: Side) -> bytes:
    left, right = mono(customer), mono(ours)
    assert len(left) == len(right)
    both = array("h", bytes(4 * len(left)))
    both[0::2], both[1::2] = left, right
    return both.tobytes()


def of(data: bytes, *, piece: int = 1 << 16, buckets: int = BUCKETS) -> Waveform:
    pieces = [data[at : at + piece] for at in range(0, len(data), piece)]
    return waveform(pieces, len(data), buckets=buckets)


KNOWN = stereo([(1.0, 0.5), (4.0, 0.0)], [(1.0, 0.0), (1.0, 0.25), (3.0, 0.0)])


def test_each_side_is_as_loud_as_it_is_when_it_is() -> None:
    found = of(KNOWN)
    assert (found.duration_s, found.bucket_s) == (5.0, 0.05)
    assert len(found.customer) == len(found.ours) == 100
    assert all(abs(level - 500) <= 2 for level in found.customer[:20])
    assert not any(found.customer[20:])
    assert not any(found.ours[:20])
    assert all(abs(level - 250) <= 2 for level in found.ours[20:40])
    assert not any(found.ours[40:])


def test_only_what_is_silent_on_both_sides_for_long_is_a_silence() -> None:
    assert of(KNOWN).silences == ((2.0, 5.0),)
    short = stereo([(1.0, 0.5), (1.4, 0.0), (1.0, 0.5)], [(3.4, 0.0)])
    assert of(short).silences == ()
    long = stereo([(1.0, 0.5), (1.6, 0.0), (1.0, 0.5)], [(3.6, 0.0)])
    assert of(long).silences == ((1.0, 2.6),)
    one_talks = stereo([(3.0, 0.0)], [(3.0, 0.1)])
    assert of(one_talks).silences == ()
    noise = stereo([(3.0, 0.009)], [(3.0, 0.005)])
    assert of(noise).silences == ((0.0, 3.0),)


@pytest.mark.parametrize("piece", [1, 3, 1599, 1600, 1601, 1 << 20])
def test_how_the_file_is_read_makes_no_difference(piece: int) -> None:
    short = KNOWN[: 4 * RATE // 10 + 2]
    assert of(short, piece=piece) == of(short)
    assert of(short).duration_s == 0.1


def test_a_long_recording_has_no_more_buckets_and_a_short_peak_is_still_seen() -> None:
    quiet = bytes(4 * RATE * 600)
    found = of(quiet + stereo([(0.05, 0.8)], [(0.05, 0.0)]) + quiet)
    assert len(found.customer) <= BUCKETS
    assert max(found.customer) > 780
    assert max(found.ours) == 0
    assert [round(end - begin) for begin, end in found.silences] == [600, 600]


def test_an_hour_takes_seconds() -> None:
    minute = stereo([(60.0, 0.3)], [(60.0, 0.0)])
    begin = time.process_time()
    found = waveform((minute for _ in range(60)), len(minute) * 60)
    assert time.process_time() - begin < 5
    assert found.duration_s == 3600
    assert all(level > 250 for level in found.customer)


def test_nothing_was_said() -> None:
    found = of(b"")
    assert (found.duration_s, found.customer, found.silences) == (0, (), ())


def test_what_follows_the_samples_is_not_sound() -> None:
    data = stereo([(0.1, 0.0)], [(0.1, 0.0)])
    found = waveform([data + b"\x7f" * 1000], len(data))
    assert found.duration_s == 0.1
    assert max(found.customer) == 0
