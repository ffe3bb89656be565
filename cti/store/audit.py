"""Who used a right over whom: written by the writer from `CommandAudited`, read by admins and supervisors.

`seal` chains entries in the transaction that stores them; `AuditRepository.verify` walks the chain.
"""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, insert, select, text

from cti.store import tables as t
from cti.store.audit_chain import Anchor, Broken, Entry, Link, Verdict, link, verify
from cti.store.database import Database

_PAGE = 1000
_LOCK = 0x1A1D_A0D1
"""Key of PostgreSQL's advisory lock: one transaction at a time appends to the chain."""


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    actor: str
    role: str
    command: str
    subject: str
    allowed: bool
    detail: str
    interaction_id: str


class AuditRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def list(
        self, *, actor: str | None = None, since: float | None = None, before: float | None = None, limit: int = 100
    ) -> list[AuditRow]:
        """The latest first; `before` is the time of the last row of the page before."""
        a = t.audit.c
        query = select(*(a[name] for name in AuditRow.__struct_fields__)).order_by(a.at.desc(), a.fact_id.desc())
        if actor is not None:
            query = query.where(a.actor == actor)
        if since is not None:
            query = query.where(a.at >= since)
        if before is not None:
            query = query.where(a.at < before)
        rows = await self._db.read(lambda c: c.execute(query.limit(limit)).mappings().all())
        return [AuditRow(**row) for row in rows]

    async def add(self, *, at: float, actor: str, command: str, subject: str, detail: str = "") -> None:
        """Of what was done at the console, beside the daemon: everything else comes to the writer as a fact."""
        fields = {"at": at, "actor": actor, "role": "", "command": command, "subject": subject, "allowed": True}
        row = fields | {"fact_id": uuid.uuid4().hex, "detail": detail, "interaction_id": ""}

        def work(c: Connection) -> None:
            c.execute(insert(t.audit).values(**row))
            seal(c, [row])

        await self._db.write(work)

    async def head(self) -> Anchor | None:
        """The last link, None when nothing was audited yet."""
        last = await self._db.read(_last)
        return Anchor(seq=last.seq, hash=last.hash) if last else None

    async def holds(self, anchor: Anchor) -> bool:
        """Whether the chain has that very link. Only `verify` looks at the others."""
        chain = t.audit_chain.c
        found = await self._db.read(lambda c: c.scalar(select(chain.hash).where(chain.seq == anchor.seq)))
        return bool(found == anchor.hash)

    async def verify(self, anchor: Anchor | None = None) -> Verdict:
        """Of the whole log, as of one moment."""
        return await self._db.read(lambda c: _verified(c, anchor))


def seal(c: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append to the chain what was just written into `audit`, in that order; those that are in it already stay."""
    if not rows:
        return
    if c.dialect.name == "postgresql":
        c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    chain = t.audit_chain.c
    known = set(c.scalars(select(chain.fact_id).where(chain.fact_id.in_([row["fact_id"] for row in rows]))))
    last = _last(c)
    links: list[Link] = []
    for row in rows:
        if row["fact_id"] not in known:
            last = link(last, Entry(**row))
            links.append(last)
            known.add(last.fact_id)
    if links:
        c.execute(insert(t.audit_chain), [msgspec.structs.asdict(one) for one in links])


def _last(c: Connection) -> Link | None:
    chain = t.audit_chain
    row = c.execute(select(chain).order_by(chain.c.seq.desc()).limit(1)).mappings().one_or_none()
    return Link(**row) if row else None


def _verified(c: Connection, anchor: Anchor | None) -> Verdict:
    verdict = verify(_walk(c), anchor)
    if verdict.broken is None and (stranger := _stranger(c)):
        broken = Broken(seq=0, fact_id=stranger, what="it was put in beside the chain, or its link was removed")
        return msgspec.structs.replace(verdict, broken=broken)
    return verdict


def _stranger(c: Connection) -> str | None:
    a = t.audit.c
    linked = exists().where(t.audit_chain.c.fact_id == a.fact_id)
    found: str | None = c.scalar(select(a.fact_id).where(~linked).order_by(a.at, a.fact_id).limit(1))
    return found


def _walk(c: Connection) -> Iterator[tuple[Link, Entry | None]]:
    a, chain = t.audit.c, t.audit_chain.c
    told = [a[name].label(f"told_{name}") for name in Entry.__struct_fields__]
    query = select(t.audit_chain, *told).outerjoin_from(t.audit_chain, t.audit, a.fact_id == chain.fact_id)
    after: int | None = None
    while True:
        page = query if after is None else query.where(chain.seq > after)
        rows = c.execute(page.order_by(chain.seq).limit(_PAGE)).mappings().all()
        for row in rows:
            yield Link(**{name: row[name] for name in Link.__struct_fields__}), _entry(row)
        if len(rows) < _PAGE:
            return
        after = rows[-1]["seq"]


def _entry(row: Any) -> Entry | None:
    if row["told_fact_id"] is None:
        return None
    return Entry(**{name: row[f"told_{name}"] for name in Entry.__struct_fields__})
