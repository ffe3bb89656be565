"""`laidian user`: agents, supervisors and administrators."""

import time
from pathlib import Path
from typing import Unpack

import click
import msgspec
from argon2 import PasswordHasher

from cti.commands.line import rooted, run, settings_of, with_store
from cti.commands.login import asked, oidc_unbind, password, totp_reset
from cti.commands.user_options import Given, changed, described, person_options
from cti.rights import RIGHTS
from cti.store.store import Store
from cti.store.users import User


@click.group()
def user() -> None:
    """Agents, supervisors and administrators."""


@user.command(name="add")
@rooted
@click.argument("login")
@person_options
def user_add(*, root: Path, login: str, **given: Unpack[Given]) -> None:
    """Add a person, an agent unless another role is given. The password is asked for.

    `laidian reload` tells a daemon that runs.
    """
    if not given.get("name"):
        raise click.UsageError("Missing option '--name'.")
    settings = settings_of(root)
    name = given.get("name") or ""

    async def add(store: Store) -> None:
        chosen = asked(settings, (login, name))
        person = User(login=login, name="", role="agent", password_hash=PasswordHasher().hash(chosen))
        others = await store.users.list(disabled=True)
        await store.users.add(changed(person, given, queues=settings.queues, others=others), at=time.time())

    run(with_store(settings, add))


@user.command(name="set")
@rooted
@click.argument("login")
@person_options
@click.option("--disable/--enable", default=None, help="Whoever is disabled can neither log in nor get calls.")
def user_set(*, root: Path, login: str, disable: bool | None, **given: Unpack[Given]) -> None:
    """Change a person; what is not given stays. `laidian reload` tells a daemon that runs."""
    settings = settings_of(root)

    async def change(store: Store) -> None:
        person = await store.users.get(login)
        others = await store.users.list(disabled=True)
        person = changed(person, given, queues=settings.queues, others=others)
        person = person if disable is None else msgspec.structs.replace(person, disabled=disable)
        await store.users.update(person)
        click.echo(_listed(person))

    run(with_store(settings, change))


def _listed(person: User, rights: str = "") -> str:
    flags = " (demo)" * person.demo + " (disabled)" * person.disabled + rights
    return f"{person.login}\t{person.role}\t{person.extension}\t{person.name}{flags}\t{described(person)}".rstrip()


@user.command(name="allow")
@rooted
@click.argument("login")
@click.argument("right", type=click.Choice(RIGHTS))
def user_allow(*, root: Path, login: str, right: str) -> None:
    """Give a person a right beyond the role."""
    run(with_store(settings_of(root), lambda store: store.rights.grant(login, right, at=time.time())))


@user.command(name="forbid")
@rooted
@click.argument("login")
@click.argument("right", type=click.Choice(RIGHTS))
def user_forbid(*, root: Path, login: str, right: str) -> None:
    """Take that right back; what the role allows stays."""
    run(with_store(settings_of(root), lambda store: store.rights.revoke(login, right)))


@user.command(name="list")
@rooted
def user_list(root: Path) -> None:
    """Who there is."""

    async def show(store: Store) -> None:
        for person in await store.users.list(disabled=True):
            rights = "".join(f" ({right})" for right in sorted(await store.rights.of(person.login)))
            click.echo(_listed(person, rights))

    run(with_store(settings_of(root), show))


for command in (password, totp_reset, oidc_unbind):
    user.add_command(command)
