"""The forms that agents have not finished (topic `drafts`), from facts."""

from collections.abc import Iterable
from typing import Final

import msgspec

from cti.desk.surface import Surface
from cti.desk.views import DraftsView, DraftView
from cti.events import WrapUpSaved

VALUES: Final = (
    "disposition",
    "note",
    "fields",
    "complaint",
    "follow_up_at",
    "follow_up_kind",
    "follow_up_owner",
    "follow_up_text",
)
"""What is filled in, under the same names in the fact, in `CallView` and in `DraftView`."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a form is about."""

    customer_id: int = 0
    customer_name: str = ""
    number: str = ""


class FormDesk:
    """`drafts`: agent -> interaction -> the form."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.drafts: dict[str, dict[str, DraftView]] = {}

    def draft(self, agent_id: str, interaction_id: str) -> DraftView | None:
        return self.drafts.get(agent_id, {}).get(interaction_id)

    def restore(self, kept: Iterable[tuple[str, DraftView]]) -> None:
        """What was left unfinished before the start, each with its agent."""
        for agent_id, draft in kept:
            self.drafts.setdefault(agent_id, {})[draft.interaction_id] = draft
        for agent_id in self.drafts:
            self._show(agent_id)

    def saved(self, fact: WrapUpSaved, subject: Subject) -> None:
        """`subject` is what is known of the interaction now, which for one that is long over is nothing."""
        own = self.drafts.setdefault(fact.agent_id, {})
        if fact.final:
            own.pop(fact.interaction_id, None)
        else:
            before = own.get(fact.interaction_id)
            about = subject if before is None or subject.number else before
            own[fact.interaction_id] = DraftView(
                interaction_id=fact.interaction_id,
                at=fact.at,
                queue=fact.queue,
                customer_id=about.customer_id,
                customer_name=about.customer_name,
                number=about.number,
                **{name: getattr(fact, name) for name in VALUES},
            )
        self._show(fact.agent_id)

    def person(self, agent_id: str) -> None:
        """Somebody who is (back) among the people."""
        if agent_id in self.drafts:
            self._show(agent_id)

    def remove(self, agent_id: str) -> None:
        """Should they come back, their forms are there."""
        self._surface.drop("drafts", agent_id)

    def _show(self, agent_id: str) -> None:
        items = sorted(self.drafts[agent_id].values(), key=lambda draft: -draft.at)
        if items:
            self._surface.put("drafts", agent_id, DraftsView(items=tuple(items)))
        else:
            del self.drafts[agent_id]
            self._surface.drop("drafts", agent_id)
