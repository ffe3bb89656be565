"""The command `laidian`."""

import asyncio
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, Unpack
from zoneinfo import ZoneInfo

import click
import msgspec
import yaml
from argon2 import PasswordHasher
from rich.console import Console
from sqlalchemy import make_url

from cti.agents.agent import AgentProfile
from cti.commands import up as stack
from cti.commands.audit import register as register_audit
from cti.commands.customer import register as register_customer
from cti.commands.explain import explain, show
from cti.commands.login import asked
from cti.commands.login import register as register_login
from cti.commands.recordings import register as register_recordings
from cti.commands.restart import register as register_restart
from cti.commands.retention import register as register_retention
from cti.commands.user_options import Given, changed, described, person_options
from cti.config.file import load
from cti.daemon.control import ask
from cti.daemon.daemon import running
from cti.daemon.leaving import AGAIN, start_again
from cti.daemon.people import workers
from cti.daemon.service_notify import notify
from cti.doctor.command import doctor
from cti.errors import ConfigError, CtiError, NotConnected, Unusable
from cti.logs import logs
from cti.private_asterisk import private_asterisk
from cti.reports.explaining import LANGUAGES, Language
from cti.rights import RIGHTS
from cti.settings import Settings, SettingsFile, read
from cti.settings.configuration import examine
from cti.settings.rules import queue_rules
from cti.simulation.command import register as register_simulation
from cti.store.store import Store
from cti.store.users import User, look_at_users

UNUSABLE = 2
"""Exit code for everything that is wrong with the installation, not with one call."""


def _run(main: Coroutine[Any, Any, int | None]) -> None:
    """Ctrl-C and SIGTERM stop in order; what makes the installation unusable is one sentence and exit code 2."""
    try:
        code = asyncio.run(main) or 0
        if code == AGAIN:
            start_again()
        sys.exit(code)
    except (Unusable, ConfigError) as error:
        click.echo(str(error), err=True)
        sys.exit(UNUSABLE)
    except CtiError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


SWITCH_S = 0.00005
"""How long a thread of the store or the recordings may keep the interpreter while the event loop waits for it: with
Python's own 5 ms every write to a socket, which lets go of it for a moment, could cost as much."""


def calm_down() -> None:
    """Call it when everything has started. A full garbage collection through all that was imported and built holds
    every call up for tens of milliseconds: what is there now stays for good, and what comes later is looked through
    less often (it is nearly all freed by counting references).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(SWITCH_S)


def stopping(hung_up: Callable[[], None] | None = None) -> asyncio.Event:
    """Set at the first SIGINT or SIGTERM. SIGHUP calls `hung_up`; without it, the terminal is gone: it stops too.

    Call it before anybody is told that the daemon is ready: who was told may send a signal at once, and one that finds
    nobody listening kills. `nohup` is respected.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if hung_up is not None or signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, hung_up or stop.set)
    return stop


def _settings(root: Path) -> Settings:
    try:
        return read(root)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(UNUSABLE)


def _logged(settings: Settings) -> Settings:
    """From now on the log is as it is configured."""
    verbose = click.get_current_context().find_root().params["verbose"]
    logs.configure(
        logging.DEBUG if verbose else logging.getLevelName(settings.logs.level.upper()), settings.logs.format
    )
    return settings


def _socket(root: Path) -> Path:
    """Where the daemon listens, whatever is wrong with the other files. ConfigError."""
    return root / load(root / "config" / "laidian.yaml", SettingsFile).control_socket


def rooted(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--root",
        type=click.Path(file_okay=False, exists=True, path_type=Path),
        default=Path(),
        help="The folder that holds config/ (default: here).",
    )(command)


@click.group()
@click.version_option(package_name="laidian")
@click.option("-v", "--verbose", is_flag=True, help="Log details.")
def main(*, verbose: bool) -> None:
    """Laidian: a CTI server for Asterisk."""
    logs.configure(logging.DEBUG if verbose else logging.INFO)


register_simulation(main, queue_rules)
main.add_command(doctor)
for register in (register_audit, register_recordings, register_customer, register_retention):
    register(main, rooted=rooted, settings_of=_settings, run=_run)
register_restart(main, rooted=rooted, socket_of=_socket, run=_run)


@main.command()
@rooted
def up(root: Path) -> None:
    """Everything for a first look: a private Asterisk, the daemon, demo data, the browser application."""
    _run(_up(_logged(_settings(root))))


async def _up(settings: Settings) -> None:
    async with stack.everything(settings) as daemon:
        calm_down()
        stop = stopping()
        click.echo(stack.welcome(daemon))
        await stop.wait()
        click.echo("Stopping ...")


@main.command()
@rooted
@click.option("--contact", "contacts", multiple=True, metavar="AGENT=SIP-URI", help="A hard phone's fixed address.")
def daemon(root: Path, contacts: tuple[str, ...]) -> None:
    """The daemon alone, beside an Asterisk that runs already."""
    _run(_daemon(_logged(_settings(root)), dict(pair.split("=", 1) for pair in contacts)))


async def _daemon(settings: Settings, contacts: dict[str, str]) -> int:
    async with running(settings, contacts=contacts) as laidian:
        calm_down()
        stop = stopping(lambda: laidian.floor.orders.start("reload", laidian.reload.and_log()))
        laidian.leaving.may_restart = True
        click.echo(f"ready: web {laidian.url}, FastAGI port {laidian.agi_port}")
        notify("READY=1")
        await laidian.leaving.until_drained(stop)
    return AGAIN if laidian.leaving.again else 0


@main.command()
@rooted
def asterisk(root: Path) -> None:
    """The private Asterisk alone, so that `laidian daemon` can be restarted while people talk."""
    _run(_asterisk(_settings(root)))


async def _asterisk(settings: Settings) -> None:
    async with private_asterisk(stack.asterisk_settings(settings)) as running_one:
        stop = stopping()
        click.echo(f"ready: SIP port {running_one.sip_port}, AMI port {running_one.ami_port}, {running_one.log_file}")
        await stop.wait()


@main.group()
def config() -> None:
    """What is configured."""


@config.command(name="show")
@rooted
def config_show(root: Path) -> None:
    """All settings as they are in force, defaults included; a password in the database's URL is hidden."""
    settings = _settings(root)
    values = settings.model_dump(mode="json", exclude={"root"})
    values["database"] = make_url(settings.database).render_as_string()
    click.echo(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), nl=False)


@main.command(name="check")
@rooted
def check_configuration(root: Path) -> None:
    """Read all configuration and say what is wrong, with file and line."""
    _run(_check(_settings(root)))


async def _check(settings: Settings) -> None:
    profiles: list[AgentProfile] | None = None
    remarks: list[str] = []
    try:
        people, problems = workers(await look_at_users(settings.database_url))
        profiles = [person.profile for person in people]
        remarks += map(str, problems)
    except NotConnected as error:
        remarks.append(f"whether somebody is there for every queue and skill was not looked at: {error}")
    configuration = await asyncio.to_thread(examine, settings, time.time(), profiles)
    for remark in (*configuration.warnings, *remarks):
        click.echo(f"warning: {remark}")
    click.echo("The configuration is fine.")


@main.command()
@rooted
def reload(root: Path) -> None:
    """Have the running daemon take over what was changed: queues, flows, opening hours, people. Nothing else stops."""
    _run(_reload(root))


async def _reload(root: Path) -> None:
    done = await ask(_socket(root), "POST", "/reload")
    for line in done["changes"] or ("Nothing has changed.",):
        click.echo(line)
    for warning in done["warnings"]:
        click.echo(f"warning: {warning}")
    if done["restart"]:
        click.echo(f"At the next start only: {', '.join(done['restart'])}.")


@main.command()
@rooted
def status(root: Path) -> None:
    """What the daemon that runs here is doing."""
    _run(_status(root))


async def _status(root: Path) -> None:
    now = await ask(_socket(root), "GET", "/status")
    link = "connected" if now["link"] else "NOT CONNECTED"
    click.echo(
        f"laidian {now['version']}, {now['url']}, up for {timedelta(seconds=int(time.time() - now['started_at']))}"
    )
    click.echo(f"Asterisk {link}; {now['waiting']} waiting, {now['talking']} talking, {now['signed_in']} signed in")


@main.command(name="explain")
@rooted
@click.argument("interaction")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Default: the site's language.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as GET /api/v1/interactions/<id>/explain does.")
def explain_call(*, root: Path, interaction: str, lang: Language | None, as_json: bool) -> None:
    """Why a call waits, and why each of its offers went where it went."""
    _run(_explain(_settings(root), interaction, lang, as_json=as_json))


async def _explain(settings: Settings, interaction: str, lang: Language | None, *, as_json: bool) -> None:
    told, live = await explain(settings, interaction)
    if as_json:
        click.echo(msgspec.json.encode(told).decode())
        return
    zone = ZoneInfo(settings.time_zone)
    console = Console(soft_wrap=True, markup=False, highlight=False)
    show(told, console, language=lang or settings.default_language, zone=zone, live=live)


@main.command()
@rooted
@click.option("--digits", default="2", show_default=True, help="The keys that the caller presses; a comma is a pause.")
@click.option("--number", default="13900000001", show_default=True, help="Who calls.")
@click.option("--talk", default=3.0, show_default=True, help="Seconds of conversation.")
@click.pass_context
def call(context: click.Context, *, root: Path, digits: str, number: str, talk: float) -> None:
    """A simulated caller dials the hotline, presses keys, speaks, and tells what happened."""
    if not context.find_root().params["verbose"]:
        logs.configure(logging.WARNING)  # the steps are what is to be read
    from cti.simulated.call import make_call  # noqa: PLC0415  # the softphone is a development dependency

    _run(make_call(_settings(root), stack.everything, digits=digits, number=number, talk_s=talk, echo=click.echo))


@main.group()
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
    settings = _settings(root)
    name = given.get("name") or ""

    async def add(store: Store) -> None:
        password = asked(settings, (login, name))
        person = User(login=login, name="", role="agent", password_hash=PasswordHasher().hash(password))
        others = await store.users.list(disabled=True)
        await store.users.add(changed(person, given, queues=settings.queues, others=others), at=time.time())

    _run(_with_store(settings, add))


@user.command(name="set")
@rooted
@click.argument("login")
@person_options
@click.option("--disable/--enable", default=None, help="Whoever is disabled can neither log in nor get calls.")
def user_set(*, root: Path, login: str, disable: bool | None, **given: Unpack[Given]) -> None:
    """Change a person; what is not given stays. `laidian reload` tells a daemon that runs."""
    settings = _settings(root)

    async def change(store: Store) -> None:
        person = await store.users.get(login)
        others = await store.users.list(disabled=True)
        person = changed(person, given, queues=settings.queues, others=others)
        person = person if disable is None else msgspec.structs.replace(person, disabled=disable)
        await store.users.update(person)
        click.echo(_listed(person))

    _run(_with_store(settings, change))


def _listed(person: User, rights: str = "") -> str:
    flags = " (demo)" * person.demo + " (disabled)" * person.disabled + rights
    return f"{person.login}\t{person.role}\t{person.extension}\t{person.name}{flags}\t{described(person)}".rstrip()


@user.command(name="allow")
@rooted
@click.argument("login")
@click.argument("right", type=click.Choice(RIGHTS))
def user_allow(*, root: Path, login: str, right: str) -> None:
    """Give a person a right beyond the role."""
    _run(_with_store(_settings(root), lambda store: store.rights.grant(login, right, at=time.time())))


@user.command(name="forbid")
@rooted
@click.argument("login")
@click.argument("right", type=click.Choice(RIGHTS))
def user_forbid(*, root: Path, login: str, right: str) -> None:
    """Take that right back; what the role allows stays."""
    _run(_with_store(_settings(root), lambda store: store.rights.revoke(login, right)))


@user.command(name="list")
@rooted
def user_list(root: Path) -> None:
    """Who there is."""

    async def show(store: Store) -> None:
        for person in await store.users.list(disabled=True):
            rights = "".join(f" ({right})" for right in sorted(await store.rights.of(person.login)))
            click.echo(_listed(person, rights))

    _run(_with_store(_settings(root), show))


async def _with_store(settings: Settings, work: Callable[[Store], Coroutine[Any, Any, None]]) -> None:
    store = await Store.open(
        settings.database_url, spool=settings.path(settings.spool) / "facts", region=settings.region
    )
    try:
        await work(store)
    finally:
        await store.close()


def _on_store(root: Path, work: Callable[[Settings, Store], Coroutine[Any, Any, None]]) -> None:
    settings = _settings(root)
    _run(_with_store(settings, lambda store: work(settings, store)))


register_login(main, user, rooted=rooted, with_store=_on_store)
