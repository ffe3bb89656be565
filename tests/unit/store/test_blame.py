"""Whose fault is it? A fact is given up only if it is certain to fail again."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cti.store.database import blames_the_data


class PostgresError(Exception):
    def __init__(self, sqlstate: str | None, cause: Exception | None = None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate
        self.__cause__ = cause


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("", {}, sqlite3.OperationalError("database is locked")),
        OperationalError("", {}, sqlite3.OperationalError("no such table: facts")),
        DBAPIError("", {}, PostgresError("57P03")),  # the database system is starting up
        DBAPIError("", {}, PostgresError("57P01")),  # terminating connection due to administrator command
        DBAPIError("", {}, PostgresError("53100")),  # disk full
        InterfaceError("", {}, PostgresError(None)),  # connection is closed
        PoolTimeout(),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
)
def test_it_is_the_database(error: Exception) -> None:
    assert not blames_the_data(error)


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("", {}, sqlite3.IntegrityError("NOT NULL constraint failed")),
        DBAPIError("", {}, PostgresError("22021")),  # NUL in a text
        DBAPIError("", {}, PostgresError("22003")),  # number out of range
        InterfaceError("", {}, PostgresError(None, ValueError("invalid input for query argument $1"))),
        StatementError("", "", {}, TypeError("not a string")),
        OverflowError("Python int too large to convert to SQLite INTEGER"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ],
)
def test_it_is_the_row(error: Exception) -> None:
    assert blames_the_data(error)
