"""Who works here: the agents' profiles, roles, and which phone of theirs is rung."""

from dataclasses import dataclass
from typing import Literal

from cti.agents.agent import AgentProfile
from cti.errors import NotFound
from cti.events import Role

Phone = Literal["web", "desk"]

PREFIXES: dict[Phone, str] = {"web": "w", "desk": "d"}
"""Endpoints in Asterisk are named by the kind of phone and the extension: "w1001", "d1001"."""


@dataclass(slots=True)
class Member:
    profile: AgentProfile
    role: Role
    phone: Phone = "web"


class Roster:
    """`reachable` holds the endpoints that are registered, as `ContactStatus` last said."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.reachable: set[str] = set()
        self._by_extension: dict[str, str] = {}

    def add(self, profile: AgentProfile, role: Role) -> Member:
        member = self.members.get(profile.agent_id)
        if member is None:
            member = self.members[profile.agent_id] = Member(profile, role)
        member.profile, member.role = profile, role
        self._by_extension[profile.extension] = profile.agent_id
        return member

    def member(self, agent_id: str) -> Member:
        try:
            return self.members[agent_id]
        except KeyError:
            raise NotFound("agent", agent_id) from None

    def profile(self, agent_id: str) -> AgentProfile:
        return self.member(agent_id).profile

    def endpoint(self, agent_id: str) -> str:
        member = self.member(agent_id)
        return PREFIXES[member.phone] + member.profile.extension

    def is_reachable(self, agent_id: str) -> bool:
        return self.endpoint(agent_id) in self.reachable

    def heard(self, endpoint: str, *, reachable: bool) -> None:
        if reachable:
            self.reachable.add(endpoint)
        else:
            self.reachable.discard(endpoint)

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
