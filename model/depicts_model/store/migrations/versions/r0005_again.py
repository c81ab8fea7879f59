"""Files that are looked at again: by which model they are told, and when they were looked at last.

Each step passes over what is there already: in MariaDB a revision may be cut off in the middle.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision: Final = "0005"
down_revision: Final = "0004"
branch_labels: Final = None
depends_on: Final = None

_COLUMNS: Final = ("model_version", "uploaded", "looked")
_INDEXED: Final = ("looked", "uploaded")
_FILE: Final = sa.table("file", *map(sa.column, ("id", "uploaded")))
_OUTCOME: Final = sa.table("outcome", *map(sa.column, ("id", "file_id", "model_version", "at")))
_TOLD: Final = sa.table("told", *map(sa.column, ("outcome_id", *_COLUMNS)))


def _columns() -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns("told")}


def upgrade() -> None:
    """Add the columns and fill them: a file was looked at last when its outcome was stored."""
    time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    kinds: dict[str, sa.types.TypeEngine[Any]] = dict.fromkeys(_COLUMNS, time)
    kinds["model_version"] = sa.String(64)
    there = _columns()
    for name, kind in kinds.items():
        if name not in there:
            op.add_column("told", sa.Column(name, kind, nullable=True))
    _fill()
    for name in _INDEXED:
        columns = ["kind", "model_version", name]
        op.create_index(f"ix_told_{name}", "told", columns, if_not_exists=True)


def _fill() -> None:
    outcome, file = _OUTCOME.c, _FILE.c
    own = outcome.id == _TOLD.c.outcome_id
    uploaded = sa.select(file.uploaded).where(own, file.id == outcome.file_id)
    values = {
        "model_version": sa.select(outcome.model_version).where(own).scalar_subquery(),
        "looked": sa.select(outcome.at).where(own).scalar_subquery(),
        "uploaded": uploaded.correlate(_TOLD).scalar_subquery(),
    }
    op.execute(sa.update(_TOLD).where(_TOLD.c.looked.is_(None)).values(values))


def downgrade() -> None:
    """Back to 0004: what is told stays."""
    for name in _INDEXED:
        op.drop_index(f"ix_told_{name}", "told", if_exists=True)
    there = _columns()
    with op.batch_alter_table("told") as changed:
        for name in _COLUMNS:
            if name in there:
                changed.drop_column(name)
