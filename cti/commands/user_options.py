"""The options of `laidian user add` and `user set`: what a person may be given, checked field by field."""

from collections.abc import Callable, Collection, Iterable
from math import isfinite
from typing import Any, Final, TypedDict, TypeVar, get_args

import click
import msgspec

from cti.acd.relax import HIGHEST_LEVEL
from cti.errors import CtiError
from cti.events import Role
from cti.store.users import User

CommandT = TypeVar("CommandT", bound=Callable[..., None])


class Given(TypedDict, total=False):
    """What was typed; None, or nothing in a list, leaves a field as it is. An empty text empties a list."""

    name: str | None
    role: Role | None
    extension: str | None
    queues: tuple[str, ...]
    skills: tuple[str, ...]
    groups: tuple[str, ...]
    branch: str | None
    tiers: tuple[str, ...]
    weight: float | None


_OPTIONS: Final = (
    click.option("--name"),
    click.option("--role", type=click.Choice(get_args(Role))),
    click.option("--extension", help="Of the phone; somebody without one gets no calls."),
    click.option("--queue", "queues", multiple=True, help="All of them anew, '' for none."),
    click.option("--skill", "skills", multiple=True, metavar="SKILL=LEVEL", help="Level 1 to 10; as for queues."),
    click.option("--group", "groups", multiple=True, help="For `relax` in config/queues.yaml; as for queues."),
    click.option("--branch", help="Where the person works."),
    click.option("--tier", "tiers", multiple=True, metavar="QUEUE=TIER", help="For `choice: linear`, 0 first."),
    click.option("--weight", type=float, help="For `choice: weighted_random`, above 0."),
)


def person_options(command: CommandT) -> CommandT:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def changed(person: User, given: Given, *, queues: Collection[str], others: Iterable[User]) -> User:
    """The person as asked for. Raises CtiError that names the option: unknown queue, level, tier, weight, extension."""
    fields: dict[str, Any] = {}
    for name in ("name", "role", "extension", "branch", "weight"):
        if given.get(name) is not None:
            fields[name] = given.get(name)
    if given.get("queues"):
        fields["queues"] = tuple(dict.fromkeys(filter(None, given["queues"])))
    if given.get("groups"):
        fields["groups"] = tuple(dict.fromkeys(filter(None, given["groups"])))
    if given.get("skills"):
        fields["skills"] = _numbers("--skill", given["skills"])
    if given.get("tiers"):
        fields["tiers"] = _numbers("--tier", given["tiers"])
    found = msgspec.structs.replace(person, **fields)
    _check(found, fields, queues, others)
    return found


def _numbers(option: str, values: Iterable[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for text in filter(None, values):
        name, _, number = text.rpartition("=")
        if not name or not number.removeprefix("-").isdecimal():
            raise CtiError(f"{option}: expected NAME=NUMBER, found '{text}'")
        numbers[name] = int(number)
    return numbers


def _check(person: User, fields: Collection[str], queues: Collection[str], others: Iterable[User]) -> None:
    """Only what was given now: who has an old fault can still be changed."""
    for option, field in (("--queue", "queues"), ("--tier", "tiers")):
        for queue in getattr(person, field) if field in fields else ():
            if queue not in queues:
                raise CtiError(f"{option}: there is no queue '{queue}', there are: {', '.join(queues)}")
    for skill, level in person.skills.items() if "skills" in fields else ():
        if not 1 <= level <= HIGHEST_LEVEL:
            raise CtiError(f"--skill {skill}: expected a level of 1 to {HIGHEST_LEVEL}, found {level}")
    for queue, tier in person.tiers.items() if "tiers" in fields else ():
        if tier < 0:
            raise CtiError(f"--tier {queue}: expected 0 or more, found {tier}")
    if "weight" in fields and not (isfinite(person.weight) and person.weight > 0):
        raise CtiError(f"--weight: expected a number above 0, found {person.weight:g}")
    if "extension" in fields and person.extension:
        _check_extension(person, others)


def _check_extension(person: User, others: Iterable[User]) -> None:
    if not person.extension.isdecimal():
        raise CtiError(f"--extension: expected digits, found '{person.extension}'")
    for other in others:
        if other.extension == person.extension and other.login != person.login:
            raise CtiError(f"--extension: {person.extension} belongs to {other.login} ({other.name})")


def described(person: User) -> str:
    """What `user list` tells of somebody beside the name: only what is there."""
    parts = [
        f"queues {', '.join(person.queues)}" if person.queues else "",
        "skills " + ", ".join(f"{skill}={level}" for skill, level in person.skills.items()) if person.skills else "",
        f"groups {', '.join(person.groups)}" if person.groups else "",
        f"branch {person.branch}" if person.branch else "",
        "tiers " + ", ".join(f"{queue}={tier}" for queue, tier in person.tiers.items()) if person.tiers else "",
        f"weight {person.weight:g}" if person.weight != 1 else "",
    ]
    return "; ".join(filter(None, parts))
