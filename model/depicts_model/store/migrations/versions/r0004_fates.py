"""What became of claims: when they were looked at again, and how sure their suggestion was.

Each step passes over what is there already: in MariaDB a revision may be cut off in the middle.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None

_AGES: Final = ("after_7", "after_30")


def _columns() -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns("claim")}


def upgrade() -> None:
    """Add the columns, empty: claims of before have no confidence, and the due ones are due."""
    there = _columns()
    kinds = {"confidence": sa.Double(), **{name: sa.String(16) for name in _AGES}}
    for name, kind in kinds.items():
        if name not in there:
            op.add_column("claim", sa.Column(name, kind, nullable=True))
    for name in _AGES:
        op.create_index(f"ix_claim_{name}", "claim", [name, "at"], if_not_exists=True)


def downgrade() -> None:
    """Back to 0003: the claims stay."""
    for name in _AGES:
        op.drop_index(f"ix_claim_{name}", "claim", if_exists=True)
    there = _columns()
    with op.batch_alter_table("claim") as changed:
        for name in ("confidence", *_AGES):
            if name in there:
                changed.drop_column(name)
