"""Verdicts that can be told to be true: when their token was made, what was said under it.

Each step passes over what is there already: in MariaDB a revision may be cut off in the middle.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None

_REASON: Final = 255
_DECISION: Final = sa.table(
    "decision", *map(sa.column, ("mid", "qid", "verdict", "revision", "confirmed"))
)
_CLAIM: Final = sa.table("claim", *map(sa.column, ("mid", "qid", "revision", "matched")))
_PAUSE: Final = sa.table("pause", sa.column("reason", sa.String))


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


def _index(name: str, table: str, *columns: str) -> None:
    """The index with these columns, in the place of one with others."""
    found = sa.inspect(op.get_bind()).get_indexes(table)
    if [one["column_names"] for one in found if one["name"] == name] != [list(columns)]:
        op.drop_index(name, table, if_exists=True)
        op.create_index(name, table, list(columns))


def _reason(kind: sa.types.TypeEngine[Any]) -> None:
    with op.batch_alter_table("pause") as changed:
        changed.alter_column("reason", type_=kind, existing_nullable=False)


def upgrade() -> None:
    """Add the columns; what another edit's claim confirmed is not confirmed."""
    time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    used = sa.Column("used", sa.String(80), nullable=False, server_default="")
    _add("decision", sa.Column("issued", time, nullable=True), used)
    matched: sa.Column[bool] = sa.Column(
        "matched", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    _add("claim", matched)
    _index("ix_decision_revision", "decision", "revision", "mid")
    refused = ("verdict", "confirmed", "sha1", "qid", "revision")
    _index("ix_decision_refused", "decision", *refused)
    _index("ix_decision_aged", "decision", "verdict", "confirmed", "at")
    _index("ix_outcome_due", "outcome", "kind", "model_version", "at")
    _reason(sa.Text())
    _believe_claims()


def _believe_claims() -> None:
    edit = (_CLAIM.c.mid == _DECISION.c.mid) & (_CLAIM.c.revision == _DECISION.c.revision)
    claimed = sa.select(sa.literal(1)).where(edit, _CLAIM.c.qid == _DECISION.c.qid)
    other = _DECISION.c.revision.is_not(None) & ~claimed.correlate(_DECISION).exists()
    op.execute(sa.update(_DECISION).where(_DECISION.c.confirmed, other).values(confirmed=False))
    # without a revision: it was cleared by this schema, which was taken back meanwhile
    cleared = _DECISION.c.revision.is_(None) & (_CLAIM.c.mid == _DECISION.c.mid)
    theirs = (cleared | edit) & (_CLAIM.c.qid == _DECISION.c.qid)
    told = sa.select(sa.literal(1)).where(theirs, _DECISION.c.confirmed)
    found = sa.update(_CLAIM).where(told.correlate(_CLAIM).exists())
    op.execute(found.values(matched=True))


def downgrade() -> None:
    """Back to 0002: a "no" is not confirmed there, and a reason has 255 characters."""
    op.execute(sa.update(_PAUSE).values(reason=sa.func.substr(_PAUSE.c.reason, 1, _REASON)))
    _reason(sa.String(_REASON))
    op.execute(
        sa.update(_DECISION).where(_DECISION.c.verdict != "accepted").values(confirmed=False)
    )
    op.drop_index("ix_outcome_due", "outcome", if_exists=True)
    op.drop_index("ix_decision_revision", "decision", if_exists=True)
    _index("ix_decision_refused", "decision", "verdict", "sha1", "qid")
    _index("ix_decision_aged", "decision", "verdict", "at")
    _drop("claim", "matched")
    _drop("decision", "issued", "used")
