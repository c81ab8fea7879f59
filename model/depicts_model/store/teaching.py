"""What people decided that a model may learn from: confirmed by an edit, or said by two people."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import refusals, schema
from depicts_model.store.transactions import Transactions
from depicts_model.store.verdicts import decision_of
from depicts_model.types import Decision, FileRef, Mid, Refusal

_DECISION: Final = schema.decision.c
_FILE: Final = schema.file.c
_NAMED: Final = [column.label(f"file_{column.name}") for column in schema.file.columns]


class Teaching(Transactions):
    """All of it at once; slow, on millions of rows."""

    def confirmed_decisions(self) -> list[tuple[Decision, FileRef | None]]:
        """Decisions that an edit confirmed, with their file if it is known.

        By file, content and item; a verdict without an edit is not among them.
        """
        return self._read(_confirmed)

    def all_refusals(self) -> list[Refusal]:
        """What became of every "no" that was settled, by content and item."""
        return self._read(_refusals)


def _confirmed(connection: sa.Connection) -> list[tuple[Decision, FileRef | None]]:
    same = (_FILE.mid == _DECISION.mid) & (_FILE.sha1 == _DECISION.sha1)
    query = sa.select(schema.decision, *_NAMED)
    query = query.select_from(schema.decision.outerjoin(schema.file, same))
    query = query.where(_DECISION.confirmed == sa.true())
    query = query.order_by(_DECISION.mid, _DECISION.sha1, _DECISION.qid, _DECISION.key)
    return [(decision_of(row), _file(row)) for row in connection.execute(query)]


def _file(row: Any) -> FileRef | None:
    if row.file_id is None:
        return None
    named = row.file_title, row.file_sha1, row.file_revision, row.file_uploaded
    return FileRef(Mid(row.file_mid), *named, row.file_thumb_url)


def _refusals(connection: sa.Connection) -> list[Refusal]:
    query = sa.select(schema.refusal).order_by(schema.refusal.c.sha1, schema.refusal.c.qid)
    return [refusals.refusal_of(row) for row in connection.execute(query)]
