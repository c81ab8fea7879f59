"""What can be known about MariaDB without one: the words that it would be sent."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from depicts_model.store import schema
from depicts_model.store.upsert import statement


def words(clause: sa.Executable | CreateTable) -> str:
    assert isinstance(clause, sa.ClauseElement)
    return " ".join(str(clause.compile(dialect=mysql.dialect())).split())


@pytest.mark.parametrize("name", sorted(schema.metadata.tables))
def test_every_table_can_be_made_with_binary_utf8(name: str) -> None:
    text = words(CreateTable(schema.metadata.tables[name]))
    assert "CHARSET=utf8mb4" in text and "COLLATE utf8mb4_bin" in text
    assert "DATETIME(6)" in text or "DATETIME" not in text


def test_an_old_row_is_kept_by_setting_its_key_to_itself() -> None:
    text = words(statement("mariadb", schema.request, ("mid",), ()))
    assert text.endswith("ON DUPLICATE KEY UPDATE mid = VALUES(mid)")


def test_an_old_row_is_changed_where_asked() -> None:
    text = words(statement("mariadb", schema.checkpoint, ("source",), ("value", "at")))
    assert "ON DUPLICATE KEY UPDATE value = VALUES(value), at = VALUES(at)" in text
