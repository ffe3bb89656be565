"""Asterisk's own call detail records (asterisk/cdr_custom.conf): what it knows of a call that nobody watched. Pure.

A line is written when a channel ends. The customer's own line ends where an agent's leg fetches the customer; the time
after it stands in the line of the leg, whose unique id is the one that the daemon chose.
"""

import csv
from collections.abc import Iterable

import msgspec

FIELDS = 14
"""start, answer, end, duration, billsec, disposition, src, dst, dcontext, channel, dstchannel, lastapp, uniqueid, and
linkedid."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that is over. `answered` is None when nobody did; `name` like "PJSIP/d1001-00000004"; unix seconds.

    `with_name` is the channel that it was bridged with, "" for none.
    """

    uniqueid: str
    name: str
    with_name: str
    began: float
    answered: float | None
    ended: float


class Talked(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's leg was together with the customer."""

    leg: str
    name: str
    began: float
    ended: float


class Afterwards(msgspec.Struct, frozen=True, kw_only=True):
    """What Asterisk says of a customer who is gone: until when they were there, and whom they talked with, in order."""

    ended: float
    talks: tuple[Talked, ...]


def read_lines(text: str) -> list[Line]:
    """Lines that are none of ours, or cut off, are passed over."""
    return [line for row in csv.reader(text.splitlines()) if (line := _line(row)) is not None]


def _line(row: list[str]) -> Line | None:
    if len(row) != FIELDS:
        return None
    try:
        began, answered, ended = (float(number) for number in row[:3])
    except ValueError:
        return None
    uniqueid, name, with_name = row[12], row[9], row[10]
    return Line(uniqueid=uniqueid, name=name, with_name=with_name, began=began, answered=answered or None, ended=ended)


def afterwards(lines: Iterable[Line], channel: str, legs: str) -> Afterwards | None:
    """Of the customer on `channel`, whose agents' legs have unique ids that begin with `legs`; None: not a word."""
    ours = [line for line in lines if line.uniqueid == channel or line.uniqueid.startswith(legs)]
    talks = [
        Talked(leg=line.uniqueid, name=line.name, began=line.answered, ended=line.ended)
        for line in ours
        if line.uniqueid != channel and line.answered is not None and line.with_name
    ]
    if not any(line.uniqueid == channel for line in ours) and not talks:
        return None
    return Afterwards(ended=max(line.ended for line in ours), talks=tuple(sorted(talks, key=lambda talk: talk.began)))
