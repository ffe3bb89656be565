"""Who works here: the agents' profiles, roles, and which phone of theirs is rung."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from cti.agents.agent import AgentProfile
from cti.errors import NotFound
from cti.events import Role

Phone = Literal["web", "desk"]

PREFIXES: dict[Phone, str] = {"web": "w", "desk": "d"}
"""Endpoints in Asterisk are named by the kind of phone and the extension: "w1001", "d1001"."""


@dataclass(slots=True)
class Member:
    """`configured` is the agent as stored; `profile` as at work now, without the queues in `absent_from`."""

    configured: AgentProfile
    role: Role
    phone: Phone = "web"
    absent_from: frozenset[str] = frozenset()
    profile: AgentProfile = field(init=False)

    def __post_init__(self) -> None:
        self.settle()

    def settle(self) -> None:
        """What is configured or absent has changed."""
        own = self.configured.queues
        present = tuple(queue for queue in own if queue not in self.absent_from)
        same = present == own
        self.profile = self.configured if same else msgspec.structs.replace(self.configured, queues=present)


class Roster:
    """`reachable` holds the endpoints that are registered, as `ContactStatus` last said."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.reachable: set[str] = set()
        self._nodes: dict[str, tuple[str, ...]] = {}
        self._by_extension: dict[str, str] = {}

    def add(self, profile: AgentProfile, role: Role, absent_from: Iterable[str] = ()) -> Member:
        """Somebody new; or known already, as configured now: what this person is absent from is known better here."""
        member = self.members.get(profile.agent_id)
        if member is None:
            member = Member(profile, role, absent_from=frozenset(absent_from))
            self.members[profile.agent_id] = member
        self._forget_extension(member.configured)
        member.configured, member.role = profile, role
        member.settle()
        self._by_extension[profile.extension] = profile.agent_id
        return member

    def absent(self, agent_id: str, queues: Iterable[str]) -> None:
        """The agent does not work in these of the own queues."""
        member = self.member(agent_id)
        member.absent_from = frozenset(queues)
        member.settle()

    def assign(
        self,
        agent_id: str,
        queues: Sequence[str] | None = None,
        skills: Mapping[str, int] | None = None,
        groups: Sequence[str] | None = None,
        tiers: Mapping[str, int] | None = None,
    ) -> None:
        """What is None stays as it is. A queue that is assigned anew begins with the agent present."""
        member = self.member(agent_id)
        had = member.configured
        member.configured = msgspec.structs.replace(
            had,
            queues=had.queues if queues is None else tuple(queues),
            skills=had.skills if skills is None else dict(skills),
            groups=had.groups if groups is None else tuple(groups),
            tiers=had.tiers if tiers is None else dict(tiers),
        )
        member.absent_from &= frozenset(had.queues) & frozenset(member.configured.queues)
        member.settle()

    def remove(self, agent_id: str) -> None:
        """Nobody may be signed in or in a conversation under this name."""
        member = self.members.pop(agent_id, None)
        if member is not None:
            self._forget_extension(member.configured)

    def _forget_extension(self, profile: AgentProfile) -> None:
        """Unless it is somebody else's already."""
        if self._by_extension.get(profile.extension) == profile.agent_id:
            del self._by_extension[profile.extension]

    def member(self, agent_id: str) -> Member:
        try:
            return self.members[agent_id]
        except KeyError:
            raise NotFound("agent", agent_id) from None

    def profile(self, agent_id: str) -> AgentProfile:
        """As at work now, and with where the phone in use is."""
        profile = self.member(agent_id).profile
        nodes = self._nodes.get(self.endpoint(agent_id), ())
        return msgspec.structs.replace(profile, nodes=nodes) if nodes else profile

    def endpoint(self, agent_id: str) -> str:
        member = self.member(agent_id)
        return PREFIXES[member.phone] + member.profile.extension

    def is_reachable(self, agent_id: str) -> bool:
        return self.endpoint(agent_id) in self.reachable

    def callable_at(self, agent_id: str) -> str | None:
        """The endpoint where a person can be called: the phone in use if it is registered, else the other one."""
        own = self.endpoint(agent_id)
        other = PREFIXES["desk" if own.startswith(PREFIXES["web"]) else "web"] + own[1:]
        return next((endpoint for endpoint in (own, other) if endpoint in self.reachable), None)

    def by_extension(self, extension: str) -> str | None:
        return self._by_extension.get(extension)

    def heard(self, endpoint: str, *, reachable: bool, nodes: tuple[str, ...] = ()) -> bool:
        """`nodes` as in `EndpointReachable`. Returns whether those are others than before."""
        moved = self._nodes.get(endpoint, ()) != nodes
        if moved:
            self._nodes[endpoint] = nodes
        if reachable:
            self.reachable.add(endpoint)
        else:
            self.reachable.discard(endpoint)
        return moved

    def guess_phone(self, agent_id: str) -> None:
        """After a restart: the phone that is registered, the browser's when both or neither are."""
        member = self.member(agent_id)
        member.phone = "web"
        if not self.is_reachable(agent_id):
            member.phone = "desk"
            if not self.is_reachable(agent_id):
                member.phone = "web"

    def by_endpoint(self, endpoint: str) -> str | None:
        """The agent to whom an endpoint belongs, whichever phone is in use."""
        return self._by_extension.get(endpoint[1:])

    def owner(self, endpoint: str) -> str | None:
        """The agent whose phone in use this endpoint is."""
        agent_id = self.by_endpoint(endpoint)
        return agent_id if agent_id is not None and self.endpoint(agent_id) == endpoint else None
