"""`laidian up`: a private Asterisk, demo data in an empty database, and the daemon, in one process."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

from cti.daemon.daemon import Daemon
from cti.daemon.running import running
from cti.private_asterisk import AsteriskSettings, private_asterisk
from cti.settings import Settings
from cti.store import demo
from cti.store.store import Store


@asynccontextmanager
async def everything(settings: Settings) -> AsyncIterator[Daemon]:
    """Raises Unusable or ConfigError. Leaves no process and no mount behind."""
    await seed(settings)
    async with private_asterisk(asterisk_settings(settings)), running(settings) as daemon:
        yield daemon


async def seed(settings: Settings) -> None:
    """Demo data, into an empty database only."""
    store = await Store.open(
        settings.database_url, spool=settings.path(settings.spool) / "facts", region=settings.region
    )
    try:
        await demo.seed(store, recordings=settings.path(settings.recordings))
    finally:
        await store.close()


def asterisk_settings(settings: Settings) -> AsteriskSettings:
    sip = settings.sip
    return AsteriskSettings(
        run_dir=settings.path(sip.asterisk_dir),
        bind=sip.host,
        sip_port=sip.port,
        ws_port=sip.websocket_port,
        ami_port=settings.ami.port,
        ami_user=settings.ami.username,
        ami_secret=_own_secret(settings),
        agi_host=settings.agi.host,
        agi_port=settings.agi.port,
        certificate=settings.path(sip.tls.certificate) if sip.tls else None,
        key=settings.path(sip.tls.key or sip.tls.certificate) if sip.tls else None,
        sip_tls_port=sip.tls_port,
        wss_port=sip.secure_websocket_port,
        srtp=sip.srtp,
        rtp_first=sip.rtp_ports[0],
        rtp_ports=sip.rtp_ports[1] - sip.rtp_ports[0] + 1,
        trunk_hosts=(sip.trunk_host,),
        patience_s=int(settings.fallback_patience_s),
        recordings_dir=settings.path(settings.spool),
    )


def _own_secret(settings: Settings) -> str:
    """Made at the first start; only this user can read it."""
    file = settings.path(settings.ami.secret_file or Path("var/ami.secret"))
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(24))
    return settings.ami_secret()


def welcome(daemon: Daemon) -> str:
    settings = daemon.settings
    sip = settings.sip
    lines = [
        "",
        "Laidian is up.",
        f"  Agent desk         {daemon.url}/        log in as 1001, password demo-1001",
        f"  Supervisor board   {daemon.url}/board   log in as 2001, password demo-2001",
        f"  API                {daemon.url}/api/docs",
        f"  SIP                {sip.host}:{sip.port} (the hotline is 4000, called from {sip.trunk_host})",
        "  make call          dials the hotline with a simulated caller",
    ]
    if daemon.demo:
        lines.append("These are DEMO passwords, in the demo database only.")
    else:
        lines = [line.partition("   log in as")[0] for line in lines]
    hosts = (settings.web.host, settings.agi.host, sip.host)
    lines.append(f"{'' if all(map(_is_loopback, hosts)) else 'Reachable FROM OTHER MACHINES. '}Ctrl-C stops.")
    return "\n".join(lines)


def _is_loopback(host: str) -> bool:
    """Of an address or "localhost"; any other name may lead anywhere."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
