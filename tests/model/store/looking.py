"""What is stored, looked at as no part of the product does: all of it at once."""

from __future__ import annotations

import sqlalchemy as sa

from depicts_model.store import ON_DEMAND, Store, StoredOutcome, schema
from depicts_model.store.files import COLUMNS, JOINED, with_suggestions

_OUTCOME = schema.outcome.c
_REQUEST = schema.request.c


def all_outcomes(store: Store) -> list[StoredOutcome]:
    """Every outcome of every version of a file by every model, the newest first."""
    order = (_OUTCOME.at.desc(), _OUTCOME.id.desc())
    query = sa.select(*COLUMNS).select_from(JOINED).order_by(*order)
    return store._read(lambda connection: with_suggestions(connection, query))


def queue_of(store: Store) -> list[str]:
    """Every file that waits, in the order of their places."""
    newest_first = sa.case((_REQUEST.priority == ON_DEMAND, -_REQUEST.id), else_=_REQUEST.id)
    query = sa.select(_REQUEST.mid).order_by(_REQUEST.priority, newest_first)
    return store._read(lambda connection: list(connection.execute(query).scalars()))
