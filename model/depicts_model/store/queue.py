"""The queue of files that are asked for: those that somebody waits for, then the rest."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

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
_ORDER: Final = (_REQUEST.priority, _REQUEST.id)


class Queue(Transactions):
    """Files asked for and not looked at since; the lower its priority's number, the sooner."""

    def request(self, mid: Mid, priority: int = ON_DEMAND) -> int:
        """Ask that a file be looked at, once however often; returns its place, from 1.

        A file that waits already may move ahead by a new request, never back.
        """
        return self._write(_enqueue, mid, priority, datetime.now(UTC))

    def place(self, mid: Mid) -> int | None:
        """The place of a file in the queue, from 1; None where nobody asked for it."""
        return self._read(_place, mid)

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


def _enqueue(connection: sa.Connection, mid: Mid, priority: int, at: datetime) -> int:
    # looked for first: a row that is there already would use up an id each time
    waiting = _place(connection, mid)
    if waiting is None:
        row = {"mid": mid, "at": at, "priority": priority}
        upsert(connection, schema.request, [row], ("mid",))
    sooner = (_REQUEST.mid == mid) & (_REQUEST.priority > priority)
    changed = connection.execute(sa.update(schema.request).where(sooner).values(priority=priority))
    if waiting is None or changed.rowcount:
        waiting = _place(connection, mid)
    return waiting or 0


def _place(connection: sa.Connection, mid: Mid) -> int | None:
    own = sa.select(*_ORDER).where(_REQUEST.mid == mid)
    found = connection.execute(own).one_or_none()
    if found is None:
        return None
    same = (_REQUEST.priority == found.priority) & (_REQUEST.id <= found.id)
    ahead = sa.select(sa.func.count()).where((_REQUEST.priority < found.priority) | same)
    return connection.execute(ahead).scalar_one()


def _length(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(schema.request)).scalar_one()


def _take(
    connection: sa.Connection, limit: int, at: datetime, again_after: timedelta
) -> list[tuple[Mid, int]]:
    taken_before = (_REQUEST.not_before <= at) | (_REQUEST.not_before > at + 2 * again_after)
    due = _REQUEST.not_before.is_(None) | taken_before
    query = sa.select(_REQUEST.id, _REQUEST.mid, _REQUEST.attempts).where(due)
    # what another worker is taking at this moment is passed over
    query = query.order_by(*_ORDER).limit(limit).with_for_update(skip_locked=True)
    rows = connection.execute(query).all()
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
