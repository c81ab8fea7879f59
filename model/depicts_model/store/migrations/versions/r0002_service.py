"""The service: leases, notes, claims, refusals, pauses, latencies; what is told of a file.

Each step passes over what is there already: in MariaDB a revision may be cut off in the middle.
"""

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
    words: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
    op.create_table(name, *parts, primary, if_not_exists=True, **words)


def _index(table: str, *columns: str, name: str = "") -> None:
    name = f"ix_{table}_{name or columns[0]}"
    op.create_index(name, table, list(columns), if_not_exists=True)


def _drop_index(table: str, name: str) -> None:
    op.drop_index(f"ix_{table}_{name}", table, if_exists=True)


def _columns(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def _add(table: str, *columns: sa.Column[Any]) -> None:
    there = _columns(table)
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)


def _drop(table: str, *columns: str) -> None:
    there = _columns(table)
    with op.batch_alter_table(table) as changed:
        for column in columns:
            if column in there:
                changed.drop_column(column)


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
        op.drop_table(name, if_exists=True)
    _suggestion_index("qid")
    for name in ("refused", "aged", "qid"):
        _drop_index("decision", name)
    _drop("decision", "confidence", "confirmed")
    _drop_index("request", "priority")
    _drop("request", "priority", "attempts", "not_before")


def _request() -> None:
    counts = [
        sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")
        for name in ("priority", "attempts")
    ]
    _add("request", *counts, _time("not_before", nullable=True))
    _index("request", "priority", "id")


def _decision() -> None:
    no: sa.ColumnElement[bool] = sa.false()
    confirmed: sa.Column[bool] = sa.Column(
        "confirmed", sa.Boolean(), nullable=False, server_default=no
    )
    _add("decision", sa.Column("confidence", sa.Double(), nullable=True), confirmed)
    _index("decision", "qid")
    _index("decision", "verdict", "sha1", "qid", name="refused")
    _index("decision", "verdict", "at", name="aged")


def _suggestion_index(*columns: str) -> None:
    _drop_index("suggestion", "qid")
    _index("suggestion", *columns)


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
    _index("refusal", "state", "at")


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
    op.execute(told.delete())
    op.execute(told.insert().from_select(["mid", "outcome_id", "kind", "confidence"], _newest()))
    _index("told", "kind", "outcome_id", "confidence")


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
