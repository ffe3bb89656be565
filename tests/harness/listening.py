"""Judges what a phone heard over a stretch of time."""

from itertools import pairwise

from cti.simulated.phone_call import PhoneCall
from cti.simulated.tones import WINDOW_S


def longest_without(call: PhoneCall, hz: int, since: float, until: float) -> float:
    """The longest time, in seconds, in which this tone was not to be heard (a lost window counts as well)."""
    heard = [window.at for window in call.heard if hz in window.tones and since < window.at <= until]
    return max(after - before for before, after in pairwise([since, *heard, until])) - WINDOW_S


def sound_share(call: PhoneCall, since: float, until: float) -> float:
    """The part of this time, 0 to 1, in which anything was to be heard."""
    return WINDOW_S * sum(window.sound for window in call.heard if since < window.at <= until) / (until - since)
