"""The statements of `cti/store/statements.py`, run with many rows each, by the driver's own executemany.

SQLAlchemy names, checks and converts the parameters of every row anew, which takes longer than the database does. Here
a statement is compiled once for the columns of its rows; what is left to do for a row is to put its values in order.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import JSON, Connection, Dialect

from cti.store.projections import Row
from cti.store.statements import statements

_encode = msgspec.json.Encoder().encode
_Ordered = Callable[[Row], tuple[Any, ...]]


class Prepared:
    def __init__(self, dialect: str) -> None:
        """`dialect`: "sqlite" or "postgresql"."""
        self._statements = statements(dialect)
        self._compiled: dict[tuple[str, ...], tuple[str, _Ordered]] = {}

    def run(self, connection: Connection, grouped: Mapping[str, Sequence[Row]]) -> None:
        """Name of a statement -> its rows, which all have the same columns; in the order of the statements."""
        for name, statement in self._statements.items():
            if rows := grouped.get(name):
                key = (name, *rows[0])
                if (found := self._compiled.get(key)) is None:
                    found = self._compiled[key] = _compiled(statement, connection.dialect, list(rows[0]))
                sql, ordered = found
                connection.exec_driver_sql(sql, [ordered(row) for row in rows])


def _compiled(statement: Any, dialect: Dialect, columns: list[str]) -> tuple[str, _Ordered]:
    """The text for the driver, and what makes a row's parameters. KeyError there: a row has not all the columns."""
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    names = compiled.positiontup
    constants = {name: compiled.params[name] for name in names if name not in columns}
    # All else goes to both drivers as it is.
    json = {name for name in names if isinstance(compiled.binds[name].type, JSON)}
    values: _Ordered = itemgetter(*names)
    if not constants and not json:
        return compiled.string, values

    def ordered(row: Row) -> tuple[Any, ...]:
        return values({**constants, **row, **{name: _encode(row[name]).decode() for name in json}})

    return compiled.string, ordered
