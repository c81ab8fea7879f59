"""The queue of files that are asked for: those that somebody waits for, then the rest.

Of those that somebody waits for, the one asked for last comes first: who still waits asks again
and again, so that nobody is kept waiting by ten thousand files that were asked for once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import Mid

ON_DEMAND: Final = 0
"""Priority of a file that a person waits for."""
AGAIN: Final = 1
"""Priority of a file that is looked at once more."""
_REQUEST: Final = schema.request.c


_COLUMNS: Final = sa.select(_REQUEST.id, _REQUEST.mid, _REQUEST.attempts)
_FIRST: Final = (
    _COLUMNS.where(_REQUEST.priority == ON_DEMAND).order_by(_REQUEST.id.desc()),
    _COLUMNS.where(_REQUEST.priority == AGAIN).order_by(_REQUEST.id),
)
"""Two questions, each along an index: to sort for one would lock whatever waits."""
_LAST: Final = (
    sa.select(_REQUEST.mid).where(_REQUEST.priority == AGAIN).order_by(_REQUEST.id.desc()),
    sa.select(_REQUEST.mid).where(_REQUEST.priority == ON_DEMAND).order_by(_REQUEST.id),
)
"""The same from their end."""


class Queue(Transactions):
    """Files asked for and not looked at since; the lower its priority's number, the sooner."""

    def request(self, mid: Mid, priority: int = ON_DEMAND, most: int | None = None) -> int:
        """Ask that a file be looked at, once however often; returns its place, from 1.

        A file that waits already may move ahead by a new request, never back. Where more than
        ``most`` wait then, the last of them is forgotten.
        """
        return self._write(_enqueue, mid, priority, datetime.now(UTC), most)

    def place(self, mid: Mid, since: datetime | None = None) -> int | None:
        """The place of a file in the queue, from 1; None where nobody asked for it (``since``)."""
        return self._read(_place, mid, since)

    def queue_length(self) -> int:
        """How many files wait."""
        return self._read(_length)

    def take_requests(
        self, limit: int, at: datetime, again_after: timedelta
    ) -> list[tuple[Mid, int]]:
        """The files that are due, in their order, and how often each was taken, this time included.

        They stay in the queue, due again after ``again_after``: a worker that dies loses none.
        Two workers never get the same one. ``save_batch`` or ``drop_requests`` ends them. What is
        due only after twice ``again_after`` was taken by a clock that was wrong, and is due now.
        """
        return self._write(_take, limit, at, again_after)

    def drop_requests(self, mids: Collection[Mid]) -> None:
        """Nobody waits for these files any more."""
        self._write(dequeue, mids)


def _enqueue(
    connection: sa.Connection, mid: Mid, priority: int, at: datetime, most: int | None
) -> int:
    row = {"mid": mid, "at": at, "priority": priority, "attempts": 0, "not_before": None}
    kept = sa.select(_REQUEST.attempts, _REQUEST.not_before).where(_REQUEST.mid == mid)
    found = connection.execute(kept).mappings().one_or_none()
    if found is not None and priority == ON_DEMAND:
        # a new id is a new place; how often it was taken stays known
        row |= found
        dequeue(connection, [mid])
    if found is None or priority == ON_DEMAND:
        upsert(connection, schema.request, [row], ("mid",))
    if most is not None:
        _forget_last(connection, _length(connection) - most)
    return _place(connection, mid) or 0


def _forget_last(connection: sa.Connection, number: int) -> None:
    for last in _LAST:
        if number > 0:
            mids = connection.execute(last.limit(number)).scalars().all()
            dequeue(connection, mids)
            number -= len(mids)


def _place(connection: sa.Connection, mid: Mid, since: datetime | None = None) -> int | None:
    own = sa.select(_REQUEST.id, _REQUEST.priority).where(_REQUEST.mid == mid)
    if since is not None:
        own = own.where(_REQUEST.at >= since)
    found = connection.execute(own).one_or_none()
    if found is None:
        return None
    asked_for = _REQUEST.priority == ON_DEMAND
    before = asked_for | (_REQUEST.id <= found.id)
    if found.priority == ON_DEMAND:
        before = asked_for & (_REQUEST.id >= found.id)
    return connection.execute(sa.select(sa.func.count()).where(before)).scalar_one()


def _length(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(schema.request)).scalar_one()


def _take(
    connection: sa.Connection, limit: int, at: datetime, again_after: timedelta
) -> list[tuple[Mid, int]]:
    taken_before = (_REQUEST.not_before <= at) | (_REQUEST.not_before > at + 2 * again_after)
    due = _REQUEST.not_before.is_(None) | taken_before
    rows: list[sa.Row[Any, Any, Any]] = []
    for waiting in _FIRST:
        # what another worker is taking at this moment is passed over
        query = waiting.where(due).limit(limit - len(rows)).with_for_update(skip_locked=True)
        rows += connection.execute(query).all()
    taken = sa.update(schema.request).where(_REQUEST.id.in_([row.id for row in rows]))
    taken = taken.values(attempts=_REQUEST.attempts + 1, not_before=at + again_after)
    if rows:
        connection.execute(taken)
    return [(Mid(row.mid), row.attempts + 1) for row in rows]


def dequeue(connection: sa.Connection, mids: Collection[Mid]) -> None:
    """These files were looked at, or are given up."""
    # in one order: two that dequeue the same ones must not wait for each other
    for part in chunks(sorted(mids)):
        connection.execute(sa.delete(schema.request).where(_REQUEST.mid.in_(part)))
