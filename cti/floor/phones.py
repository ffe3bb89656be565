"""The agents' SIP endpoints: secrets are random, reach a desk only after log-in, and rotate with each of them."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import msgspec
import structlog

from cti.errors import NotConnected, NotFound
from cti.floor.roster import PREFIXES, Member, Roster

log = structlog.get_logger(__name__)


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's endpoints as Asterisk is to know them. `contact` binds a hard phone to a fixed address."""

    extension: str
    name: str
    phone_secret: str
    browser_secret: str
    contact: str = ""


Render = Callable[[tuple[Phone, ...]], None]
"""Writes the configuration of all endpoints."""
Reload = Callable[[], Awaitable[None]]
"""Has Asterisk read it."""

GATHER_S = 0.05
"""Log-ins within this time share one reload: at nine in the morning everybody comes."""


class PhoneBook:
    """`keep` is a file, readable by the owner only, that holds the secrets typed into hard phones."""

    def __init__(self, roster: Roster, *, keep: Path, render: Render, reload: Reload) -> None:
        self._roster = roster
        self._keep = keep
        self._render = render
        self._reload = reload
        self._hard: dict[str, str] = json.loads(keep.read_text()) if keep.exists() else {}
        self._browser: dict[str, str] = {}
        self._contacts: dict[str, str] = {}
        self._reloading: asyncio.Task[None] | None = None

    def pin(self, agent_id: str, contact: str) -> None:
        """This agent's hard phone has a fixed address and does not register: it counts as reachable from now on.

        Asterisk neither lists such contacts (`PJSIPShowContacts`) nor tells when they come.
        """
        self._contacts[agent_id] = contact
        self._roster.heard(PREFIXES["desk"] + self._roster.profile(agent_id).extension, reachable=True)

    def hard_secret(self, agent_id: str) -> str:
        self._roster.member(agent_id)
        return self._hard[agent_id]

    def write(self) -> None:
        """Render everybody's endpoints, with new secrets for who has none yet."""
        members = dict(self._roster.members)  # this runs in a thread, and people come and go
        for agent_id in members:
            self._browser.setdefault(agent_id, secrets.token_hex(16))
            self._hard.setdefault(agent_id, secrets.token_hex(16))
        self._save()
        self._render(tuple(self._phones(members)))

    def _phones(self, members: Mapping[str, Member]) -> Iterable[Phone]:
        for agent_id, member in members.items():
            yield Phone(
                extension=member.profile.extension,
                name=member.profile.name,
                phone_secret=self._hard[agent_id],
                browser_secret=self._browser[agent_id],
                contact=self._contacts.get(agent_id, ""),
            )

    def _save(self) -> None:
        self._keep.parent.mkdir(parents=True, exist_ok=True)
        self._keep.touch(mode=0o600)
        self._keep.write_text(json.dumps(self._hard))

    async def renew(self, agent_id: str) -> tuple[str, str]:
        """(endpoint, new secret) for the agent's browser; Asterisk knows it when this returns."""
        if agent_id not in self._roster.members:
            raise NotFound("phone of", agent_id)
        self._browser[agent_id] = secret = secrets.token_hex(16)
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.create_task(self._gather_and_reload(), name="reload endpoints")
        await asyncio.shield(self._reloading)
        return PREFIXES["web"] + self._roster.profile(agent_id).extension, secret

    async def reload_now(self) -> None:
        await self._reload()

    async def _gather_and_reload(self) -> None:
        await asyncio.sleep(GATHER_S)
        self._reloading = None  # whoever comes from here on needs another one
        await asyncio.to_thread(self.write)
        try:
            await self._reload()
        except NotConnected as error:  # people log in all the same: the endpoints are loaded when Asterisk is back
            log.warning("the agents' endpoints are not loaded yet", reason=str(error))
