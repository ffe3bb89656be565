"""What a screen-pop asks goes by indexes: it must not become slower with the years."""

from typing import Any

import pytest
from sqlalchemy import Connection, event

from cti.store.customer_card import card, find
from cti.store.store import Store
from tests.unit.store.stories import NUMBER, T0, handled, interaction, tell


def plans(c: Connection, customer_id: int) -> list[str]:
    """SQLite's plan for each statement of a pop."""
    asked: list[tuple[str, Any]] = []

    def hear(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(c, "before_cursor_execute", hear)
    find(c, NUMBER)
    card(c, customer_id)
    event.remove(c, "before_cursor_execute", hear)
    return [
        str(row[3])
        for statement, parameters in asked
        for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # PostgreSQL plans by the size of the tables
async def test_a_pop_scans_no_table_also_for_a_shared_number(store: Store) -> None:
    ids = [await store.customers.create(name=name, number=NUMBER, by="1001", at=T0) for name in ("A", "B")]
    await tell(store, *handled(interaction(1), T0, customer_id=ids[0]))
    steps = await store.database.read(lambda c: plans(c, ids[0]))
    tables = ("customer_numbers", "customers", "interactions", "orders", "customer_notes", "segments", "transfers")
    for table in tables:
        assert any(step.startswith(f"SEARCH {table} ") for step in steps), (table, steps)
        assert not any(step.startswith(f"SCAN {table}") for step in steps), steps
