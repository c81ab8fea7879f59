"""The first schema: runs, files, outcomes, suggestions, decisions, requests, checkpoints."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None


def _time(name: str, nullable: bool = False) -> sa.Column[Any]:
    kind = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    return sa.Column(name, kind, nullable=nullable)


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _column(name: str, kind: Any, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    id_ = sa.Column("id", sa.Integer, nullable=False)
    _table_without_id(name, id_, *parts, sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))


def _table_without_id(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{columns[0]}")


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.Constraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    """Make the tables, those referred to first."""
    _run_and_file()
    _outcome()
    _suggestion()
    _decision()
    _table("request", _text("mid", 13), _time("at"), _unique("request", "mid"))
    _checkpoint()


def downgrade() -> None:
    """Drop the tables, those that refer first."""
    names = ("checkpoint", "request", "decision", "suggestion", "outcome", "file", "run")
    for name in names:
        op.drop_table(name)


def _run_and_file() -> None:
    _table(
        "run",
        _text("kind", 32),
        _text("version", 64),
        _column("inputs", sa.JSON()),
        _time("started"),
        _time("finished", nullable=True),
        _column("counts", sa.JSON(), nullable=True),
    )
    _table(
        "file",
        _text("mid", 13),
        _text("sha1", 40),
        _text("title", 512),
        _column("revision", sa.BigInteger()),
        _time("uploaded"),
        _column("thumb_url", sa.Text()),
        _unique("file", "mid", "sha1"),
    )


def _outcome() -> None:
    _table(
        "outcome",
        _column("file_id", sa.Integer()),
        _column("run_id", sa.Integer()),
        _text("model_version", 64),
        _text("kind", 16),
        _text("reason", 32, nullable=True),
        _column("error", sa.Text(), nullable=True),
        _column("retry_after", sa.Double(), nullable=True),
        _time("at"),
        _refers("outcome", "file_id", "file"),
        _refers("outcome", "run_id", "run"),
        _unique("outcome", "file_id", "model_version"),
    )
    _index("outcome", "run_id")
    _index("outcome", "at")


def _suggestion() -> None:
    _table(
        "suggestion",
        _column("outcome_id", sa.Integer()),
        _column("rank", sa.SmallInteger()),
        _text("qid", 13),
        _column("confidence", sa.Double()),
        _column("reasons", sa.JSON()),
        _column("more_general", sa.JSON()),
        _column("more_specific", sa.JSON()),
        _refers("suggestion", "outcome_id", "outcome", ondelete="CASCADE"),
        _unique("suggestion", "outcome_id", "rank"),
    )
    _index("suggestion", "qid")


def _decision() -> None:
    _table(
        "decision",
        _text("mid", 13),
        _text("sha1", 40),
        _text("qid", 13),
        _text("verdict", 16),
        _text("key", 64),
        _time("at"),
        _column("revision", sa.BigInteger(), nullable=True),
        _text("model_version", 64),
        _unique("decision", "mid", "sha1", "qid", "key"),
    )
    _index("decision", "key")


def _checkpoint() -> None:
    _table_without_id(
        "checkpoint",
        _text("source", 128),
        _text("value", 255),
        _time("at"),
        sa.PrimaryKeyConstraint("source", name="pk_checkpoint"),
    )
