"""Which outcome is told of a file: kept with the outcomes, so that nobody has to look for it.

Of a file's newest version the newest outcome. An older version may be decided about after a newer
one. A page that is gone has no revision any more (0), and nothing older may be told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.store.upsert import upsert
from depicts_model.types import Mid

_FILE: Final = schema.file.c
_OUTCOME: Final = schema.outcome.c
_SUGGESTION: Final = schema.suggestion.c
_NEWEST_FIRST: Final = (
    (_FILE.revision == 0).desc(),
    _FILE.revision.desc(),
    _OUTCOME.at.desc(),
    _OUTCOME.id.desc(),
)
# asked for each portion of a crawl: to write them anew takes as long as the answers do
_OUTCOMES: Final = (
    sa.select(_FILE.mid, _FILE.uploaded, _OUTCOME.kind, _OUTCOME.model_version)
    .add_columns(_OUTCOME.id.label("outcome_id"))
    .select_from(schema.outcome.join(schema.file))
    .where(_FILE.mid.in_(sa.bindparam("mids", expanding=True)))
    .order_by(_FILE.mid, *_NEWEST_FIRST)
)
_SUREST: Final = (
    sa.select(_SUGGESTION.outcome_id, sa.func.max(_SUGGESTION.confidence))
    .where(_SUGGESTION.outcome_id.in_(sa.bindparam("ids", expanding=True)))
    .group_by(_SUGGESTION.outcome_id)
)
_TELLS: Final = ("outcome_id", "kind", "confidence", "model_version", "uploaded", "looked")


def forget(connection: sa.Connection, mids: Sequence[Mid]) -> None:
    """Nothing is told of these files until ``tell``; nobody else writes to them meanwhile."""
    empty = dict.fromkeys(_TELLS)
    upsert(connection, schema.told, [{"mid": mid, **empty} for mid in mids], ("mid",), *_TELLS)


def lock(connection: sa.Connection, mids: Sequence[str]) -> None:
    """Nobody else who locks or writes goes on with these files meanwhile; ``mids``: sorted.

    Who comes second sees what the first one stored. A file of which nothing is told has no row
    to lock, and neither suggestions to decide about nor outcomes to delete.
    """
    query = sa.select(schema.told.c.mid).order_by(schema.told.c.mid).with_for_update()
    for part in chunks(mids):
        connection.execute(query.where(schema.told.c.mid.in_(part))).all()


def tell(connection: sa.Connection, mids: Sequence[Mid], at: datetime) -> None:
    """Find out what is told of these files, and keep it; ``at``: when they were looked at."""
    for part in chunks(mids):
        newest = _newest(connection, part)
        best = _confidences(connection, [row["outcome_id"] for row in newest])
        rows = [{**row, "confidence": best.get(row["outcome_id"]), "looked": at} for row in newest]
        upsert(connection, schema.told, rows, ("mid",), *_TELLS)


def _newest(connection: sa.Connection, mids: Sequence[Mid]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in connection.execute(_OUTCOMES, {"mids": mids}).mappings():
        found.setdefault(row["mid"], dict(row))
    return list(found.values())


def _confidences(connection: sa.Connection, outcome_ids: Sequence[int]) -> dict[int, float]:
    """Of each outcome the confidence of its surest suggestion."""
    return {row[0]: row[1] for row in connection.execute(_SUREST, {"ids": outcome_ids})}
