"""`laidian token` and what `laidian user` does about log-ins: passwords, second factors, identities of a provider."""

import getpass
import os
import pwd
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from argon2 import PasswordHasher

from cti.commands.line import on_store, rooted
from cti.errors import CtiError
from cti.rights import SCOPES
from cti.settings import Settings
from cti.site.login import password_rules
from cti.store.store import Store
from cti.store.tokens import Token
from cti.web.bearer import new_secret, prefix_of
from cti.web.password_rules import SENTENCES, weakness

DAY_S: Final = 86_400.0


@click.group()
def token() -> None:
    """API tokens: what programs log in with."""


@token.command(name="add")
@rooted
@click.argument("name")
@click.option("--for", "login", required=True, help="Whose rights it has; it never has more.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
@click.option("--expires", "days", type=click.IntRange(1, 3650), metavar="DAYS", help="Without it: never.")
def add(root: Path, name: str, login: str, scopes: tuple[str, ...], days: int | None) -> None:
    """A new token; its secret is printed this once."""
    on_store(root, lambda _, store: _add(store, name, login, scopes, days))


@token.command(name="list")
@rooted
def show(root: Path) -> None:
    """All tokens, also those that are over."""
    on_store(root, lambda _, store: _list(store))


@token.command()
@rooted
@click.argument("token_id", type=int)
def revoke(root: Path, token_id: int) -> None:
    """A daemon that runs refuses it within half a minute."""
    on_store(root, lambda _, store: _revoke(store, token_id))


async def _add(store: Store, name: str, login: str, scopes: tuple[str, ...], days: int | None) -> None:
    now, secret = time.time(), new_secret()
    expires_at = None if days is None else now + days * DAY_S
    added = await store.tokens.add(
        secret,
        name=name,
        login=login,
        prefix=prefix_of(secret),
        scopes=tuple(dict.fromkeys(scopes)),
        at=now,
        by=_who(),
        expires_at=expires_at,
    )
    await _audit(store, "token.add", login, f"{name}: {' '.join(added.scopes)}")
    click.echo(secret)


async def _list(store: Store) -> None:
    for token in await store.tokens.list():
        click.echo(_line(token))


def _line(token: Token) -> str:
    if token.revoked_at is not None:
        state = f"revoked {_day(token.revoked_at)}"
    elif token.expires_at is not None:
        state = f"{'over since' if token.expires_at <= time.time() else 'until'} {_day(token.expires_at)}"
    else:
        state = "without end"
    used = f"used {_day(token.last_used_at)}" if token.last_used_at is not None else "never used"
    scopes = " ".join(token.scopes)
    return f"{token.token_id}\t{token.name}\t{token.login}\t{token.prefix}...\t{scopes}\t{state}\t{used}"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


async def _revoke(store: Store, token_id: int) -> None:
    token = await store.tokens.revoke(token_id, at=time.time())
    await _audit(store, "token.revoke", token.login, token.name)
    click.echo(_line(token))


@click.command(name="password")
@rooted
@click.argument("login")
@click.option("--keep", is_flag=True, help="It need not be changed at the next log-in.")
def password(root: Path, login: str, *, keep: bool) -> None:
    """Give somebody a password, which is asked for; all their sessions end."""

    async def work(settings: Settings, store: Store) -> None:
        person = await store.users.get(login)
        chosen = asked(settings, (login, person.name))
        hashed = PasswordHasher().hash(chosen)
        await store.users.set_password(login, hashed, must_change=not keep)
        await store.sessions.end_all(login)
        await store.login_failures.forgive(login)
        await _audit(store, "user.password", login)

    on_store(root, work)


def asked(settings: Settings, names: tuple[str, ...]) -> str:
    """A new password, typed twice. Raises CtiError when it is not taken."""
    chosen = getpass.getpass("Password: ")
    if chosen != getpass.getpass("Again: "):
        raise CtiError("the two passwords differ")
    rules = password_rules(settings)
    if found := weakness(chosen, rules, names=names):
        raise CtiError(SENTENCES[found].format(least=rules.min_length))
    return chosen


@click.command(name="totp-reset")
@rooted
@click.argument("login")
def totp_reset(root: Path, login: str) -> None:
    """Take the second factor of somebody who has lost app and recovery codes; all their sessions end."""

    async def work(_: Settings, store: Store) -> None:
        await store.users.get(login)
        if not await store.second_factors.remove(login):
            raise CtiError(f"{login} has no second factor")
        await store.sessions.end_all(login)
        await _audit(store, "user.second_factor_removed", login)

    on_store(root, work)


@click.command(name="oidc-unbind")
@rooted
@click.argument("login")
def oidc_unbind(root: Path, login: str) -> None:
    """The next one whom the OpenID provider names so gets this account."""

    async def work(_: Settings, store: Store) -> None:
        await store.users.get(login)
        await store.identities.unbind(login)
        await _audit(store, "user.identity_removed", login)

    on_store(root, work)


def _who() -> str:
    """Who types: an account of this machine, which is no login of ours."""
    return f"{pwd.getpwuid(os.getuid()).pw_name}@console"


async def _audit(store: Store, command: str, subject: str, detail: str = "") -> None:
    await store.audit.add(at=time.time(), actor=_who(), command=command, subject=subject, detail=detail)
