"""Who may see which entity. Pure; the hub and its tests ask nobody else."""

import msgspec

from cti.desk.views import AgentView, AnyView
from cti.events import Role

PERSONAL = frozenset({"me", "call", "supervision", "inbox", "drafts", "my_tasks"})
"""Topics whose key is an agent id: everybody sees their own entity and nobody else's."""

SHARED = frozenset({"queues", "agents", "system"})
"""Topics that everybody who is logged in sees."""

WIDE_ONLY = frozenset({"waiting", "intervals", "minutes", "alarms", "texts", "tasks"})
"""Topics of the supervisor board."""

AROUND = frozenset({"queues", "agents"})
"""What an agent sees of the floor around them. Of five hundred colleagues somebody changes all the time: agents are
told once in a while (`cti.desk.around`), so that what is their own, and the boards, are told at once."""

WIDE_ROLES = frozenset[Role]({"supervisor", "admin"})


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts or looks: one logged-in person. `agent_id` is the key of this person's own entities."""

    agent_id: str
    role: Role
    login: str = ""
    name: str = ""

    @property
    def wide(self) -> bool:
        """Sees the whole floor, not only what is their own."""
        return self.role in WIDE_ROLES


def visible(topic: str, key: str, actor: Actor) -> bool:
    """Whether `actor` may see the entity; a topic that stands in no table is shown to nobody."""
    if topic in PERSONAL:
        return key == actor.agent_id
    if topic in WIDE_ONLY:
        return actor.wide
    return topic in SHARED


def narrowed(entity: AnyView) -> AnyView:
    """What an agent sees of it: of a colleague name, extension, queues, groups and state, nothing of the customer."""
    if isinstance(entity, AgentView):
        return msgspec.structs.replace(
            entity,
            interaction_id="",
            customer="",
            queue="",
            phase="",
            supervised_by="",
            supervised_mode=None,
            handled_today=0,
            absent_from=(),
            skills={},
            parties=(),
        )
    return entity
