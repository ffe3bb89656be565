"""The web server of a running daemon."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from cti.daemon.daemon import Daemon
from cti.daemon.people import midnight
from cti.site.board import StoredBoard
from cti.site.site import make_site, work_codes
from cti.site.watch import readiness, scraping
from cti.tls import load, server_context
from cti.watch.service import Metrics
from cti.web.app import build as build_web
from cti.web.http import listening


def _certificate(daemon: Daemon) -> ssl.SSLContext | None:
    """What the web server shows, read again at each reload; None: it speaks plain HTTP."""
    settings = daemon.settings
    if (files := settings.web.tls) is None:
        return None
    certificate, key = settings.path(files.certificate), settings.path(files.key) if files.key else None
    context = server_context(certificate, key)
    daemon.reload.renew.append(lambda: load(context, certificate, key))
    return context


@asynccontextmanager
async def web(daemon: Daemon, metrics: Metrics) -> AsyncIterator[str]:
    settings = daemon.settings
    site = make_site(
        settings,
        daemon.store,
        hub=daemon.hub,
        floor=daemon.commands,
        explanations=daemon.explanations(),
        phones=daemon.phones,
        where=lambda agent_id: settings.all_nodes[daemon.nodes.for_page(agent_id)].sip,
        stations=daemon.floor.stations,
        publish=daemon.bus.publish,
        codes=lambda: work_codes(daemon.reload.settings),
        board=StoredBoard(
            daemon.store,
            targets=lambda: {name: queue.target_s for name, queue in daemon.reload.settings.queues.items()},
            midnight=lambda: midnight(daemon.reload.settings),
        ),
        current=lambda: daemon.reload.settings,
        refresh=daemon.commands.who_calls.refresh,
        personal=daemon.personal,
        readiness=readiness(
            settings, daemon.store, asterisk=lambda: daemon.floor.link, agi=lambda: daemon.agi is not None
        ),
        scraping=scraping(settings, metrics),
        version=version("laidian"),
        demo=daemon.demo,
        keys=daemon.keys,
    )
    await site.gate.remember_failures()
    tls = _certificate(daemon)
    async with listening(build_web(site), settings.web.host, settings.web.port, tls) as url:
        yield url
