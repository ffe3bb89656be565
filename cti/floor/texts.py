"""Texts from supervisors to those who work here, and what these answer. The desk has who must still read what."""

from typing import Any

from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.errors import Conflict, NotFound
from cti.events import TextRead, TextSent, TextTo
from cti.floor.ids import interaction_id
from cti.floor.live_changes import Audit
from cti.floor.means import Means

Result = dict[str, str | int | float | bool | None]


class Texts:
    def __init__(self, means: Means, audit: Audit) -> None:
        self._means = means
        self._audit = audit

    async def send(self, command: ask.SendText, actor: Actor) -> Result:
        """Raises NotFound for a stranger or an unknown queue, and Conflict when nobody is there to read it."""
        text = _stripped(command.text)
        recipients = self._recipients(command.to, command.target, actor)
        if not recipients:
            raise Conflict("nobody is signed in there who could read it")
        target = "" if command.to == "everybody" else command.target
        text_id = self._publish(actor, text, recipients, to=command.to, target=target)
        self._audit(actor, "text.send", target or command.to, text, "")
        return {"text_id": text_id, "recipients": len(recipients)}

    async def read(self, command: ask.ReadText, actor: Actor) -> None:
        """Read twice is read once."""
        if self._means.desk.texts.unread(actor.agent_id, command.text_id) is not None:
            at = self._means.clock()
            self._means.bus.publish(TextRead(at=at, text_id=command.text_id, agent_id=actor.agent_id))

    async def reply(self, command: ask.ReplyToText, actor: Actor) -> Result:
        """Raises NotFound when it is confirmed already."""
        text = _stripped(command.text)
        answered = self._means.desk.texts.unread(actor.agent_id, command.text_id)
        if answered is None:
            raise NotFound("unread text", command.text_id)
        text_id = self._publish(
            actor, text, (answered.sender,), to="agent", target=answered.sender, reply_to=command.text_id
        )
        self._means.bus.publish(TextRead(at=self._means.clock(), text_id=command.text_id, agent_id=actor.agent_id))
        self._audit(actor, "text.reply", answered.sender, text, "")
        return {"text_id": text_id}

    def _recipients(self, to: TextTo, target: str, actor: Actor) -> tuple[str, ...]:
        """One agent may read it at the next log-in; of many only those who are there."""
        if to == "agent":
            return (self._means.roster.member(target).profile.agent_id,)
        if to == "queue" and all(rules.name != target for rules in self._means.engine.queues()):
            raise NotFound("queue", target)
        return tuple(
            agent.agent_id
            for agent in self._means.engine.agents()
            if agent.agent_id != actor.agent_id
            and (to == "everybody" or target in self._means.roster.profile(agent.agent_id).queues)
        )

    def _publish(self, actor: Actor, text: str, recipients: tuple[str, ...], **fields: Any) -> str:
        now = self._means.clock()
        text_id = interaction_id(now)
        self._means.bus.publish(
            TextSent(at=now, text_id=text_id, sender=actor.agent_id, text=text, recipients=recipients, **fields)
        )
        return text_id


def _stripped(text: str) -> str:
    if not (stripped := text.strip()):
        raise Conflict("a text needs words")
    return stripped
