"""The one place where the two databases speak differently about a row that is already there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite

Rows = Sequence[dict[str, Any]]


def upsert(
    connection: sa.Connection, table: sa.Table, rows: Rows, key: Sequence[str], *update: str
) -> None:
    """Insert ``rows``; where ``key`` exists, set the ``update`` columns, or keep the old row."""
    if rows:
        connection.execute(statement(connection.dialect.name, table, tuple(key), update), rows)


def add_up(
    connection: sa.Connection, table: sa.Table, rows: Rows, key: Sequence[str], column: str
) -> None:
    """Insert ``rows``; where ``key`` exists, add ``column`` to what is there."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        lite = sqlite.insert(table)
        more = {column: table.c[column] + lite.excluded[column]}
        connection.execute(lite.on_conflict_do_update(index_elements=list(key), set_=more), rows)
    else:
        maria = mysql.insert(table)
        more = {column: table.c[column] + maria.inserted[column]}
        connection.execute(maria.on_duplicate_key_update(more), rows)


@cache
def statement(
    dialect: str, table: sa.Table, key: tuple[str, ...], update: tuple[str, ...]
) -> sa.Executable:
    """The upsert in the words of this dialect: ``sqlite``, else MariaDB's.

    Remembered, for there are few, and to write one anew takes as long as it does.
    """
    return (_sqlite if dialect == "sqlite" else _mariadb)(table, key, update)


def _sqlite(table: sa.Table, key: Sequence[str], update: Sequence[str]) -> sa.Executable:
    insert = sqlite.insert(table)
    if not update:
        return insert.on_conflict_do_nothing(index_elements=list(key))
    changes = {name: insert.excluded[name] for name in update}
    return insert.on_conflict_do_update(index_elements=list(key), set_=changes)


def _mariadb(table: sa.Table, key: Sequence[str], update: Sequence[str]) -> sa.Executable:
    # setting a key column to itself is MariaDB's way of keeping the old row
    insert = mysql.insert(table)
    return insert.on_duplicate_key_update({n: insert.inserted[n] for n in update or key[:1]})
