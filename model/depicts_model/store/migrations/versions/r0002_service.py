"""The service: leases, notes, claims, refusals, pauses, latencies; what is told of a file."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

_TABLES: Final = ("latency", "pause", "refusal", "claim", "note", "lease", "told")


def _time(name: str, nullable: bool = False) -> sa.Column[Any]:
    kind = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    return sa.Column(name, kind, nullable=nullable)


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _table(name: str, key: str, *parts: sa.schema.SchemaItem) -> None:
    primary = sa.PrimaryKeyConstraint(*key.split(), name=f"pk_{name}")
    op.create_table(name, *parts, primary, mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin")


def upgrade() -> None:
    """Add what the service keeps, and tell of every file what was told of it before."""
    _request()
    _decision()
    _small_tables()
    _claim_and_refusal()
    _suggestion_index("qid", "outcome_id", "confidence")
    _told()


def downgrade() -> None:
    """Back to 0001: files, outcomes, decisions and requests stay."""
    for name in _TABLES:
        op.drop_table(name)
    _suggestion_index("qid")
    for name in ("refused", "aged", "qid"):
        op.drop_index(f"ix_decision_{name}", "decision")
    _drop("decision", "confidence", "confirmed")
    op.drop_index("ix_request_priority", "request")
    _drop("request", "priority", "attempts", "not_before")


def _request() -> None:
    with op.batch_alter_table("request") as table:
        for name in ("priority", "attempts"):
            none = sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")
            table.add_column(none)
        table.add_column(_time("not_before", nullable=True))
    op.create_index("ix_request_priority", "request", ["priority", "id"])


def _decision() -> None:
    no = sa.false()
    with op.batch_alter_table("decision") as table:
        table.add_column(sa.Column("confidence", sa.Double(), nullable=True))
        table.add_column(sa.Column("confirmed", sa.Boolean(), nullable=False, server_default=no))
    op.create_index("ix_decision_qid", "decision", ["qid"])
    op.create_index("ix_decision_refused", "decision", ["verdict", "sha1", "qid"])
    op.create_index("ix_decision_aged", "decision", ["verdict", "at"])


def _drop(table: str, *columns: str) -> None:
    with op.batch_alter_table(table) as changed:
        for column in columns:
            changed.drop_column(column)


def _suggestion_index(*columns: str) -> None:
    op.drop_index("ix_suggestion_qid", "suggestion")
    op.create_index("ix_suggestion_qid", "suggestion", list(columns))


def _small_tables() -> None:
    _table("lease", "name", _text("name", 64), _text("holder", 64), _time("until"))
    _table("note", "name", _text("name", 64), _number("value", sa.JSON()), _time("at"))
    counts = (_number("saved", sa.Integer()), _number("reverted", sa.Integer()))
    _table("pause", "qid", _text("qid", 13), _text("reason", 255), *counts, _time("at"))
    bucket = sa.Column("bucket", sa.SmallInteger(), nullable=False, autoincrement=False)
    parts = (_time("hour"), _text("route", 64), bucket, _number("count", sa.Integer()))
    _table("latency", "hour route bucket", *parts)


def _claim_and_refusal() -> None:
    _table(
        "claim",
        "id",
        _number("id", sa.Integer()),
        _text("mid", 13),
        _text("qid", 13),
        _text("statement", 64),
        _number("revision", sa.BigInteger()),
        _time("at"),
        _text("model_version", 64),
        sa.UniqueConstraint("mid", "qid", "revision", name="uq_claim_mid"),
    )
    parts = (_text("sha1", 40), _text("qid", 13), _text("state", 16), _time("at"))
    _table("refusal", "sha1 qid", *parts)
    op.create_index("ix_refusal_state", "refusal", ["state", "at"])


def _told() -> None:
    _table(
        "told",
        "mid",
        _text("mid", 13),
        sa.Column("outcome_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["outcome_id"], ["outcome.id"], name="fk_told_outcome_id"),
        sa.UniqueConstraint("outcome_id", name="uq_told_outcome_id"),
    )
    told = sa.table("told", *map(sa.column, ("mid", "outcome_id", "kind", "confidence")))
    op.execute(told.insert().from_select(["mid", "outcome_id", "kind", "confidence"], _newest()))
    op.create_index("ix_told_kind", "told", ["kind", "outcome_id", "confidence"])


def _newest() -> sa.Select[Any]:
    """Of each file the outcome that revision 0001 told: the newest version's newest."""
    file = sa.table("file", *map(sa.column, ("id", "mid", "revision")))
    outcome = sa.table("outcome", *map(sa.column, ("id", "file_id", "kind", "at")))
    suggestion = sa.table("suggestion", *map(sa.column, ("outcome_id", "confidence")))
    order: tuple[sa.ColumnElement[Any], ...] = (
        (file.c.revision == 0).desc(),
        file.c.revision.desc(),
    )
    order += (outcome.c.at.desc(), outcome.c.id.desc())
    place = sa.func.row_number().over(partition_by=file.c.mid, order_by=order).label("place")
    joined = outcome.join(file, outcome.c.file_id == file.c.id)
    rows = sa.select(file.c.mid, outcome.c.id, outcome.c.kind, place).select_from(joined).subquery()
    best = sa.select(sa.func.max(suggestion.c.confidence))
    best = best.where(suggestion.c.outcome_id == rows.c.id)
    columns = (rows.c.mid, rows.c.id, rows.c.kind, best.scalar_subquery())
    return sa.select(*columns).where(rows.c.place == 1)
