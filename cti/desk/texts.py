"""Texts between people here: what each has still to confirm (topic `inbox`) and who has read what (topic `texts`)."""

from collections.abc import Callable

import msgspec

from cti.desk.surface import Handlers, Surface
from cti.desk.views import InboxView, SentTextView, TextView
from cti.events import Fact, TextRead, TextSent


class TextDesk:
    """`name_of` gives the name of an agent id. A text of yesterday is forgotten once everybody has read it."""

    def __init__(self, surface: Surface, name_of: Callable[[str], str]) -> None:
        self._surface = surface
        self._name_of = name_of
        self._sent: dict[str, SentTextView] = {}
        self._inboxes: dict[str, dict[str, TextView]] = {}
        self._day_began = 0.0
        self.handlers: Handlers = {TextSent: self._on_sent, TextRead: self._on_read}

    def unread(self, agent_id: str, text_id: str) -> TextView | None:
        """That text, if this person has it and has not confirmed it."""
        return self._inboxes.get(agent_id, {}).get(text_id)

    def begin_day(self, midnight: float) -> None:
        """The texts of yesterday leave the board; whoever has not read one still has it in the inbox."""
        self._day_began = midnight
        for text_id, sent in list(self._sent.items()):
            if sent.text.at < midnight:
                self._surface.drop("texts", text_id)
                self._forget(text_id)

    def _forget(self, text_id: str) -> None:
        sent = self._sent[text_id]
        if sent.text.at < self._day_began and all(who in sent.read for who in sent.recipients):
            del self._sent[text_id]

    def _on_sent(self, fact: TextSent) -> None:
        text = TextView(
            text_id=fact.text_id,
            at=fact.at,
            sender=fact.sender,
            sender_name=self._name_of(fact.sender),
            to=fact.to,
            target=fact.target,
            text=fact.text,
            reply_to=fact.reply_to,
        )
        if fact.text_id in self._sent:
            return
        self._show(SentTextView(text=text, recipients=fact.recipients, read={}))
        for agent_id in fact.recipients:
            self._inboxes.setdefault(agent_id, {})[fact.text_id] = text
            self._show_inbox(agent_id)

    def _on_read(self, fact: TextRead) -> None:
        sent = self._sent.get(fact.text_id)
        if sent is None or fact.agent_id not in sent.recipients or fact.agent_id in sent.read:
            return
        self._inboxes[fact.agent_id].pop(fact.text_id, None)
        self._show_inbox(fact.agent_id)
        self._show(msgspec.structs.replace(sent, read={**sent.read, fact.agent_id: fact.at}))
        self._forget(fact.text_id)

    def _show(self, sent: SentTextView) -> None:
        self._sent[sent.text.text_id] = sent
        if sent.text.at >= self._day_began:
            self._surface.put("texts", sent.text.text_id, sent)

    def _show_inbox(self, agent_id: str) -> None:
        inbox = self._inboxes[agent_id]
        if inbox:
            ordered = sorted(inbox.values(), key=lambda text: text.at)
            self._surface.put("inbox", agent_id, InboxView(texts=tuple(ordered)))
        else:
            del self._inboxes[agent_id]
            self._surface.drop("inbox", agent_id)

    def on_fact(self, fact: Fact) -> None:
        handler = self.handlers.get(type(fact))
        if handler is not None:
            handler(fact)
