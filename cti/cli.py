"""The command `laidian`."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec
import yaml
from rich.console import Console
from sqlalchemy import make_url

from cti.agents.agent import AgentProfile
from cti.commands import up as stack
from cti.commands.audit import audit
from cti.commands.customer import customer
from cti.commands.explain import explain, show
from cti.commands.line import logged, rooted, run, settings_of, socket_of
from cti.commands.login import token
from cti.commands.recordings import recordings
from cti.commands.restart import restart
from cti.commands.retention import retention
from cti.commands.user import user
from cti.daemon.control import ask
from cti.daemon.event_loop import calm_down
from cti.daemon.leaving import AGAIN
from cti.daemon.people import workers
from cti.daemon.running import running
from cti.daemon.service_notify import notify
from cti.doctor.command import doctor
from cti.errors import NotConnected
from cti.logs import logs
from cti.private_asterisk import private_asterisk
from cti.reports.explaining import LANGUAGES, Language
from cti.settings import Settings
from cti.settings.configuration import examine
from cti.settings.rules import queue_rules
from cti.simulation.command import register as register_simulation
from cti.store.users import look_at_users


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


@click.group()
@click.version_option(package_name="laidian")
@click.option("-v", "--verbose", is_flag=True, help="Log details.")
def main(*, verbose: bool) -> None:
    """Laidian: a CTI server for Asterisk."""
    logs.configure(logging.DEBUG if verbose else logging.INFO)


register_simulation(main, queue_rules)
main.add_command(doctor)
for group in (audit, recordings, customer, retention, token, user):
    main.add_command(group)
main.add_command(restart)


@main.command()
@rooted
def up(root: Path) -> None:
    """Everything for a first look: a private Asterisk, the daemon, demo data, the browser application."""
    run(_up(logged(settings_of(root))))


async def _up(settings: Settings) -> None:
    async with stack.everything(settings) as daemon:
        calm_down(realtime=settings.realtime)
        stop = stopping()
        click.echo(stack.welcome(daemon))
        await stop.wait()
        click.echo("Stopping ...")


@main.command()
@rooted
@click.option("--contact", "contacts", multiple=True, metavar="AGENT=SIP-URI", help="A hard phone's fixed address.")
def daemon(root: Path, contacts: tuple[str, ...]) -> None:
    """The daemon alone, beside an Asterisk that runs already."""
    run(_daemon(logged(settings_of(root)), dict(pair.split("=", 1) for pair in contacts)))


async def _daemon(settings: Settings, contacts: dict[str, str]) -> int:
    async with running(settings, contacts=contacts) as laidian:
        calm_down(realtime=settings.realtime)
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
    run(_asterisk(settings_of(root)))


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
    settings = settings_of(root)
    values = settings.model_dump(mode="json", exclude={"root"})
    values["database"] = make_url(settings.database).render_as_string()
    click.echo(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), nl=False)


@main.command(name="check")
@rooted
def check_configuration(root: Path) -> None:
    """Read all configuration and say what is wrong, with file and line."""
    run(_check(settings_of(root)))


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
    run(_reload(root))


async def _reload(root: Path) -> None:
    done = await ask(socket_of(root), "POST", "/reload")
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
    run(_status(root))


async def _status(root: Path) -> None:
    now = await ask(socket_of(root), "GET", "/status")
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
    run(_explain(settings_of(root), interaction, lang, as_json=as_json))


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

    run(make_call(settings_of(root), stack.everything, digits=digits, number=number, talk_s=talk, echo=click.echo))
