"""Texts between people here, for a restarted daemon: as the facts that told of them."""

from sqlalchemy import select

from cti.events import TextRead, TextSent
from cti.store import tables as t
from cti.store.database import Database


class TextRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def since(self, at: float) -> list[TextSent | TextRead]:
        """What was written since then, in order, and then who has read it."""
        x, r = t.texts.c, t.text_reads.c
        written = select(t.texts).where(x.at >= at).order_by(x.at, x.id)
        read = select(t.text_reads).join(t.texts, x.id == r.text_id).where(x.at >= at).order_by(r.at)
        sent = await self._db.read(lambda c: c.execute(written).mappings().all())
        reads = await self._db.read(lambda c: c.execute(read).mappings().all())
        return [
            *(
                TextSent(
                    at=row["at"],
                    text_id=row["id"],
                    sender=row["sender"],
                    to=row["to"],
                    target=row["target"],
                    recipients=tuple(row["recipients"]),
                    text=row["text"],
                    reply_to=row["reply_to"],
                )
                for row in sent
            ),
            *(TextRead(at=row["at"], text_id=row["text_id"], agent_id=row["agent_id"]) for row in reads),
        ]
