"""With which confidence items were offered, as the suggestions that are stored tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.types import Mid

Place = tuple[str, str, str]
_FILE: Final = schema.file.c
_SUGGESTION: Final = schema.suggestion.c


def offered(connection: sa.Connection, mids: Sequence[Mid], version: str) -> dict[Place, float]:
    """The confidence of each item that this model suggested for these files.

    By file, SHA-1 and item; of a file's versions the newest comes last.
    """
    query = sa.select(_FILE.mid, _FILE.sha1, _SUGGESTION.qid, _SUGGESTION.confidence)
    query = query.select_from(schema.file.join(schema.outcome).join(schema.suggestion))
    query = query.where(schema.outcome.c.model_version == version).order_by(_FILE.revision)
    found: dict[Place, float] = {}
    for part in chunks(mids):
        for row in connection.execute(query.where(_FILE.mid.in_(part))):
            found[row.mid, row.sha1, row.qid] = row.confidence
    return found
