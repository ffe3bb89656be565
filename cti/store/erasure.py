"""Everything that is known of one customer, given out or erased.

What stays after an erasure: that there was an interaction, when, in which queue, with which agent, how long and how it
ended, under a customer's id that nobody bears any more. It cannot be undone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, update

from cti.customers.numbers import country_code
from cti.errors import Conflict
from cti.events import CommandAudited
from cti.store import customer_traces, legal_holds
from cti.store import tables as t
from cti.store.audit import seal
from cti.store.audit_chain import ERASING, emptied_note
from cti.store.customer_traces import STAFF, Customer, Key, at, chunks, key_of, own_rows, written
from cti.store.database import Database
from cti.store.personal import Traces
from cti.store.projections import rows

_ABOUT_AGENTS: Final = frozenset({"scores"})
_MORE: Final = {"scores": ("comment", "reply")}
NOT_REWRITTEN: Final = (
    *sorted(STAFF),
    "recordings",
    "customers",
    "customer_numbers",
    "customer_merges",
    "legal_holds",
)
"""Emptied, deleted or marked in ways of their own."""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """`rows`: how many were changed, the ledger's among them; `emptied`: entries of the audit log.

    `lingers`: the journal's files still name the customer, until their writer can do without them.
    """

    interactions: int
    recordings: int
    rows: int
    emptied: int
    lingers: bool = False


class _Told(NamedTuple):
    audited: CommandAudited
    fact_id: str


class ErasureRepository:
    def __init__(self, database: Database, *, region: str) -> None:
        self._db = database
        self._country = country_code(region)

    async def find(self, customer_id: int) -> Customer:
        """`NotFound`, and `Conflict` for one who is part of another."""
        return await self._db.read(lambda c: customer_traces.find(c, customer_id))

    async def check(self, customer: Customer) -> None:
        """`Conflict` while something goes on with the customer, or is held."""
        await self._db.read(lambda c: _check(c, customer))

    async def export(self, customer: Customer) -> dict[str, list[dict[str, Any]]]:
        """Table -> rows, without how the distributor reasoned and how agents were scored: that is about them."""
        return await self._db.read(lambda c: _export(c, customer))

    async def erase(self, customer: Customer, audited: CommandAudited, fact_id: str) -> Erased:
        """In one transaction with its audit entry, whose `detail` begins with that of `audited`. `Conflict` as `check`.

        The files are not touched: they go before, so that none is left that nobody knows of.
        """
        traces = self.traces(customer)
        mentioned = await self._db.read(lambda c: customer_traces.mentions(c, traces))

        def work(c: Connection) -> Erased:
            _check(c, customer)
            return _erase(c, customer, traces, mentioned, _Told(audited, fact_id))

        done = await self._db.write(work)
        await self._db.forget()
        return done

    async def record(self, audited: CommandAudited, fact_id: str) -> None:
        """In the ledger and the audit log, at once."""
        await self._db.write(lambda c: record(c, audited, fact_id))

    def traces(self, customer: Customer) -> Traces:
        return Traces(customer.numbers, customer.names, country=self._country)


def _check(c: Connection, customer: Customer) -> None:
    i, k = t.interactions.c, t.callbacks.c
    who = f"customer {customer.customer_id}"
    if hold := legal_holds.on_customer(c, customer):
        raise Conflict(f"{who} is held: {hold}", "held")
    for chunk in chunks(customer.interactions):
        if c.scalar(select(i.id).where(i.id.in_(chunk), i.ended_at.is_(None)).limit(1)):
            raise Conflict(f"{who} has a call or a callback that is not over yet", "open")
        if c.scalar(select(k.interaction_id).where(k.interaction_id.in_(chunk), k.ended_at.is_(None)).limit(1)):
            raise Conflict(f"{who} is to be called back: cancel that first", "open")


def _export(c: Connection, customer: Customer) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for table in t.metadata.sorted_tables:
        if table.name in STAFF | _ABOUT_AGENTS:
            continue
        told = [{name: value for name, value in row.items() if name != "why"} for row in own_rows(c, table, customer)]
        if told:
            found[table.name] = told
    return found


def _erase(
    c: Connection,
    customer: Customer,
    traces: Traces,
    mentioned: Mapping[str, Sequence[Key]],
    told: _Told,
) -> Erased:
    emptied = empty_audit(c, customer, traces)
    changed = 0
    for table in t.metadata.sorted_tables:
        if table.name not in NOT_REWRITTEN:
            changed += rewrite_own(c, table, customer, traces)
            changed += _rewrite_others(c, table, mentioned.get(table.name, ()), traces)
    forget_recordings(c, [interaction for interaction, _ in customer.files], "erased")
    for chunk in chunks(customer.interactions):
        c.execute(update(t.interactions).where(t.interactions.c.id.in_(chunk)).values(anonymised_at=told.audited.at))
    m = t.customer_merges.c
    c.execute(delete(t.customer_merges).where(or_(m.kept_id.in_(customer.ids), m.other_id.in_(customer.ids))))
    c.execute(delete(t.customers).where(t.customers.c.id.in_(customer.ids)))  # and what hangs on them
    counted = f"{len(customer.interactions)} interactions, {len(customer.files)} recordings"
    detail = "; ".join(filter(None, (told.audited.detail, counted, emptied_note(emptied))))
    record(c, msgspec.structs.replace(told.audited, detail=detail), told.fact_id)
    return Erased(
        interactions=len(customer.interactions), recordings=len(customer.files), rows=changed, emptied=len(emptied)
    )


def rewrite_own(c: Connection, table: Table, customer: Customer, traces: Traces) -> int:
    """How many rows of the customer's had something to lose."""
    changed = 0
    for row in list(own_rows(c, table, customer)):
        if table is t.facts:
            after = {"body": traces.fact(row["body"], own=True)}
        else:
            texts = {column.name: row[column.name] for column in table.columns if written(column)}
            after = traces.own(texts, more=_MORE.get(table.name, ()))
        changed += _put(c, table, row, after)
    return changed


def _rewrite_others(c: Connection, table: Table, keys: Sequence[Key], traces: Traces) -> int:
    changed = 0
    for key in keys:
        row = c.execute(select(table).where(at(table, key))).mappings().one_or_none()
        if row is None:
            continue
        if table is t.facts:
            after = {"body": traces.fact(row["body"], own=False)}
        else:
            after = {column.name: traces.value(row[column.name]) for column in table.columns if written(column)}
        changed += _put(c, table, row, after)
    return changed


def _put(c: Connection, table: Table, row: Any, after: dict[str, Any]) -> bool:
    different = {name: value for name, value in after.items() if value != row[name]}
    if different:
        c.execute(update(table).where(at(table, key_of(table, row))).values(different))
    return bool(different)


def forget_recordings(c: Connection, interactions: Sequence[str], why: str, *, if_there: bool = False) -> None:
    """`if_there`: those that failed stay as they are."""
    r = t.recordings.c
    gone = {"path": "", "sha256": "", "size": None, "problem": why}
    for chunk in chunks(interactions):
        theirs = r.interaction_id.in_(chunk) & (r.path != "") if if_there else r.interaction_id.in_(chunk)
        c.execute(update(t.recordings).where(theirs).values(gone))


def empty_audit(c: Connection, customer: Customer, traces: Traces) -> list[int]:
    """What the log says of the customer; who did what and when stays. The places in the chain that were emptied."""
    a, chain = t.audit.c, t.audit_chain.c
    theirs: list[ColumnElement[bool]] = [
        a.subject.in_([str(one) for one in customer.ids]) & a.command.startswith("customer.")
    ]
    theirs += [text.contains(one, autoescape=True) for one in traces.needles for text in (a.subject, a.detail)]
    theirs += [a.interaction_id.in_(chunk) for chunk in chunks(customer.interactions)]
    emptied: dict[int, str] = {}
    for where in theirs:
        query = select(chain.seq, a.fact_id).join_from(t.audit, t.audit_chain, chain.fact_id == a.fact_id)
        kept = a.command.in_(ERASING) | ((a.subject == "") & (a.detail == ""))
        emptied |= {row.seq: row.fact_id for row in c.execute(query.where(where, ~kept))}
    for chunk in chunks(list(emptied.values())):
        c.execute(update(t.audit).where(a.fact_id.in_(chunk)).values(subject="", detail=""))
        c.execute(update(t.audit_chain).where(chain.fact_id.in_(chunk)).values(salt=None))
        _empty_facts(c, chunk, traces)
    return sorted(emptied)


def _empty_facts(c: Connection, fact_ids: Sequence[str], traces: Traces) -> None:
    for row in c.execute(select(t.facts).where(t.facts.c.id.in_(fact_ids))).mappings().all():
        _put(c, t.facts, row, {"body": traces.fact(row["body"], own=True)})


def record(c: Connection, audited: CommandAudited, fact_id: str) -> None:
    """In the ledger and in the audit log, with this transaction."""
    told = dict(rows(fact_id, audited, msgspec.json.encode(audited)))
    c.execute(insert(t.facts), told["fact"])
    c.execute(insert(t.audit), told["audit"])
    seal(c, [told["audit"]])
