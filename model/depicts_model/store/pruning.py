"""Deleting what nobody needs any more, a few rows at a time.

Never: what is told of a file, confirmed decisions, claims, refusals.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema, told
from depicts_model.store.queue import ON_DEMAND
from depicts_model.store.transactions import Transactions
from depicts_model.types import Verdict

BATCH: Final = 500
"""Rows that one transaction deletes at the most; an outcome's suggestions go with it."""
MOST_REST: Final = 1.0
"""Seconds between two transactions at the most."""

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class _Useless:
    """Rows of ``table`` that are useless once ``time`` is long ago, where ``condition`` holds."""

    table: sa.Table
    time: sa.Column[datetime]
    condition: sa.ColumnElement[bool]
    without: sa.Column[str] | sa.Column[int] | None = None
    """A column that refers to ``table``'s id: rows to which one of it refers stay."""

    @property
    def of_a_row(self) -> sa.ColumnElement[bool]:
        """What holds of a row that may go, asked of the row alone."""
        if self.without is None:
            return self.condition
        other = sa.select(sa.literal(1)).select_from(self.without.table)
        refers = other.where(self.without == self.table.c.id).correlate(self.table)
        return self.condition & ~refers.exists()

    def search(self, *columns: sa.Column[Any]) -> sa.Select[Any]:
        """The same as a query for rows: by a join, as MariaDB makes a list of what refers."""
        query = sa.select(*columns).where(self.condition)
        if self.without is None:
            return query
        joined = self.table.outerjoin(self.without.table, self.without == self.table.c.id)
        return query.select_from(joined).where(self.without.is_(None))


class Pruning(Transactions):
    """Retention: what is older than a time and tells nothing any more."""

    def prune(self, before: datetime, at_most: int) -> dict[str, int]:
        """Delete what is older than ``before`` and useless; how many rows of each went.

        ``outcomes`` that are not told any more (with their suggestions), ``decisions``
        that no edit confirms, ``runs`` that ended, of which no outcome is left and that are not
        their kind's newest, ``requests`` of people, who wait no more, ``latencies``. ``at_most``:
        rows of all of them together; call again while so many went. Each transaction is small,
        and as much time as it took is left to others after it.
        """
        gone: dict[str, int] = {}
        for useless in _USELESS:
            name, left = f"{useless.table.name}s", at_most - sum(gone.values())
            gone[name] = gone.get(name, 0) + self._prune(useless, before, left)
        left = at_most - sum(gone.values())
        return {**gone, "latencies": self._prune_latencies(before, left)}

    def _prune(self, useless: _Useless, before: datetime, at_most: int) -> int:
        gone, last = 0, None
        while gone < at_most:
            started, limit = time.monotonic(), min(BATCH, at_most - gone)
            found = self._read(_find, useless, before, last, limit)
            if not found:
                break
            # what must stay after all is passed once, not each time
            last = found[-1]
            gone += self._write(_delete, useless, [id_ for _, id_ in found])
            _rest(started)
        return gone

    def _prune_latencies(self, before: datetime, at_most: int) -> int:
        gone = 0
        while gone < at_most:
            started, limit = time.monotonic(), min(BATCH, at_most - gone)
            batch = self._write(_delete_latencies, before, limit)
            if not batch:
                break
            gone += batch
            _rest(started)
        return gone


def _rest(started: float) -> None:
    time.sleep(min(time.monotonic() - started, MOST_REST))


def _useless() -> tuple[_Useless, ...]:
    """What may go, in an order in which nothing that goes is still referred to."""
    outcome, run, request = schema.outcome.c, schema.run.c, schema.request.c
    decision, later = schema.decision.c, schema.run.alias("later")
    newer = sa.select(later.c.id).where(later.c.kind == run.kind, later.c.id > run.id).exists()
    return (
        _Useless(schema.outcome, outcome.at, sa.true(), schema.told.c.outcome_id),
        *(_Useless(schema.decision, decision.at, _unconfirmed(verdict)) for verdict in Verdict),
        _Useless(schema.run, run.finished, newer, outcome.run_id),
        _Useless(schema.request, request.at, request.priority == ON_DEMAND),
    )


def _unconfirmed(verdict: Verdict) -> sa.ColumnElement[bool]:
    """Each verdict by itself, and the answer compared: as the index has them."""
    said = schema.decision.c
    alone = (said.verdict == verdict.value) & (said.confirmed == sa.false())
    return alone & said.revision.is_(None)


_USELESS: Final = _useless()


def _find(
    connection: sa.Connection, useless: _Useless, before: datetime, last: Place | None, limit: int
) -> Sequence[Place]:
    """Time and id of the next useless rows behind ``last``, the oldest first; nothing is locked."""
    at, id_ = useless.time, useless.table.c.id
    query = useless.search(at, id_).where(at < before)
    if last is not None:
        query = query.where(at >= last[0], (at > last[0]) | (id_ > last[1]))
    rows = connection.execute(query.order_by(at, id_).limit(limit))
    return [(row[0], row[1]) for row in rows]


def _delete(connection: sa.Connection, useless: _Useless, ids: Sequence[int]) -> int:
    """Delete those rows that are useless still; they were found without a lock."""
    if useless.table is schema.outcome:
        _lock(connection, ids)
    rows = useless.table.c.id.in_(ids)
    gone = connection.execute(sa.delete(useless.table).where(rows, useless.of_a_row))
    return gone.rowcount


def _lock(connection: sa.Connection, outcome_ids: Sequence[int]) -> None:
    """Nobody begins to tell one of these outcomes while it is deleted."""
    joined = schema.outcome.join(schema.file)
    mids = sa.select(schema.file.c.mid).distinct().select_from(joined)
    mids = mids.where(schema.outcome.c.id.in_(outcome_ids)).order_by(schema.file.c.mid)
    told.lock(connection, connection.execute(mids).scalars().all())


def _delete_latencies(connection: sa.Connection, before: datetime, limit: int) -> int:
    key = schema.latency.primary_key.columns
    query = sa.select(*key).where(schema.latency.c.hour < before).order_by(*key).limit(limit)
    rows = [tuple(row) for row in connection.execute(query)]
    if rows:
        connection.execute(sa.delete(schema.latency).where(sa.tuple_(*key).in_(rows)))
    return len(rows)
