"""The agents' phones of the settings, as endpoints of every Asterisk that the daemon works with."""

import asyncio
from pathlib import Path

from cti.floor.phones import Phone, PhoneBook
from cti.floor.roster import Roster
from cti.nodes.nodes import Nodes
from cti.private_asterisk import AgentEndpoint, AsteriskSettings
from cti.private_asterisk.render import write_agents
from cti.settings import Settings


def phone_book(settings: Settings, roster: Roster, nodes: Nodes) -> PhoneBook:
    run_dirs = [settings.path(one.sip.asterisk_dir) for one in settings.all_nodes]

    def render(phones: tuple[Phone, ...]) -> None:
        endpoints = tuple(
            AgentEndpoint(
                extension=phone.extension,
                phone_secret=phone.phone_secret,
                browser_secret=phone.browser_secret,
                contact=phone.contact,
                name=phone.name,
            )
            for phone in phones
        )
        for run_dir in run_dirs:
            write_agents(AsteriskSettings(run_dir=run_dir), endpoints)

    async def reload() -> None:
        reloaded = await asyncio.gather(*(node.reload_endpoints() for node in nodes.nodes), return_exceptions=True)
        if failed := [error for error in reloaded if isinstance(error, BaseException)]:
            raise failed[0]

    return PhoneBook(roster, keep=settings.path(Path("var/desk-phones.json")), render=render, reload=reload)
