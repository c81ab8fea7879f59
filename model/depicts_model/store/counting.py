"""The public statistics: whole tables are read, so a job computes them and keeps a note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.statistics import BINS, MOST_ITEMS, Statistics, Tally, together
from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.store.fates import tallies_by
from depicts_model.store.outcomes import KINDS
from depicts_model.store.transactions import Transactions
from depicts_model.types import Qid, RefusalState, Verdict

Query = sa.Select[Any]
_DECISION: Final = schema.decision.c
_OF_OUTCOME: Final = schema.outcome.c.at
_TABLES: Final[dict[str, tuple[sa.Table, sa.Column[datetime]]]] = {
    "files": (schema.told, _OF_OUTCOME),
    "suggestions": (schema.suggestion, _OF_OUTCOME),
    "decisions": (schema.decision, schema.decision.c.at),
    "claims": (schema.claim, schema.claim.c.at),
    "requests": (schema.request, schema.request.c.at),
    "runs": (schema.run, schema.run.c.started),
}
"""With when a row is of."""
_SHARED: Final = (RefusalState.SHARED.value, RefusalState.WAITING.value)
_COUNT: Final = sa.func.count().label("number")
_SAID: Final = (_DECISION.verdict, _DECISION.confirmed)


class Counting(Transactions):
    """What all decisions and claims together say."""

    def statistics(self, since: datetime | None = None) -> Statistics:
        """Everything counted anew, or what happened since then; slow, on millions of rows."""
        return self._read(_statistics, datetime.now(UTC), since)

    def tallies(self, qids: Sequence[Qid]) -> dict[Qid, Tally]:
        """What people said of these items; an item without a verdict has an empty tally."""
        return self._read(_tallies, qids, None)

    def all_tallies(self, since: datetime | None = None) -> dict[Qid, Tally]:
        """What became of each item that people decided about or saved; slow, as ``statistics``."""
        return self._read(_all_tallies, since)


def _statistics(connection: sa.Connection, at: datetime, since: datetime | None) -> Statistics:
    rows = _by_confidence(connection, since)
    saved = tallies_by(connection, _bin(schema.claim.c.confidence), since)
    made = [
        together([_tally(row for row in rows if row.bin == n), saved.get(n, Tally())])
        for n in (*range(BINS), None)
    ]
    totals, items = _totals(connection, since), _items(connection, since)
    return Statistics(at, totals, _verdicts(rows), tuple(made[:BINS]), made[BINS], items)


def _bin(confidence: sa.Column[float]) -> sa.ColumnElement[Any]:
    # compared, not divided: databases round differently
    limits = [(confidence < (n + 1) / BINS, n) for n in range(BINS - 1)]
    return sa.case((confidence.is_(None), None), *limits, else_=BINS - 1)


def _by_confidence(connection: sa.Connection, since: datetime | None) -> Sequence[Any]:
    bin_ = _bin(_DECISION.confidence).label("bin")
    query = _since(sa.select(*_SAID, bin_, _COUNT), _DECISION.at, since)
    return connection.execute(query.group_by(*_SAID, bin_)).all()


def _since(query: Query, column: sa.Column[datetime], since: datetime | None) -> Query:
    return query if since is None else query.where(column >= since)


def _verdicts(rows: Sequence[Any]) -> dict[str, int]:
    found = {verdict.value: 0 for verdict in Verdict}
    for row in rows:
        found[row.verdict] += row.number
    return found


def _tally(rows: Iterable[Any]) -> Tally:
    """The sum of rows with a verdict, whether it is confirmed, and their number."""
    found = dict.fromkeys(Tally.__dataclass_fields__, 0)
    for row in rows:
        if row.verdict == Verdict.NOT_SHOWN.value:
            continue
        found["shown"] += row.number
        found[row.verdict.replace("-", "_")] += row.number
        if row.confirmed:
            right = row.verdict == Verdict.ACCEPTED.value
            found["confirmed" if right else "refuted"] += row.number
    return Tally(**found)


def _items(connection: sa.Connection, since: datetime | None) -> tuple[tuple[Qid, Tally], ...]:
    shown = _DECISION.verdict != Verdict.NOT_SHOWN.value
    query = _since(sa.select(_DECISION.qid), _DECISION.at, since).where(shown)
    query = query.group_by(_DECISION.qid).order_by(_COUNT.desc(), _DECISION.qid).limit(MOST_ITEMS)
    qids = [Qid(qid) for qid in connection.execute(query).scalars()]
    said, saved = _tallies(connection, qids, since), _saved(connection, since)
    return tuple((qid, together([said[qid], saved.get(qid, Tally())])) for qid in qids)


def _saved(connection: sa.Connection, since: datetime | None) -> dict[Qid, Tally]:
    found = tallies_by(connection, schema.claim.c.qid, since)
    return {Qid(qid): tally for qid, tally in found.items()}


def _tallies(
    connection: sa.Connection, qids: Sequence[Qid], since: datetime | None
) -> dict[Qid, Tally]:
    query = _since(sa.select(_DECISION.qid, *_SAID, _COUNT), _DECISION.at, since)
    query = query.group_by(_DECISION.qid, *_SAID)
    found: dict[Qid, list[Any]] = {qid: [] for qid in qids}
    for part in chunks(sorted(set(qids))):
        for row in connection.execute(query.where(_DECISION.qid.in_(part))):
            found[Qid(row.qid)].append(row)
    return {qid: _tally(rows) for qid, rows in found.items()}


def _all_tallies(connection: sa.Connection, since: datetime | None) -> dict[Qid, Tally]:
    query = _since(sa.select(_DECISION.qid).distinct(), _DECISION.at, since)
    said = _tallies(connection, [Qid(q) for q in connection.execute(query).scalars()], since)
    saved = _saved(connection, since)
    return {
        qid: together([said.get(qid, Tally()), saved.get(qid, Tally())])
        for qid in {**said, **saved}
    }


def _totals(connection: sa.Connection, since: datetime | None) -> dict[str, int]:
    kinds = _grouped(connection, schema.told.c.kind, _OF_OUTCOME, since)
    states = _grouped(connection, schema.refusal.c.state, schema.refusal.c.at, since)
    counts = sa.select(sa.func.count())
    found: dict[str, int] = {
        name: connection.execute(_of(counts, table, at, since)).scalar_one()
        for name, (table, at) in _TABLES.items()
    }
    found |= {kind: kinds.get(kind, 0) for kind in KINDS}
    return found | {state: states.get(state, 0) for state in _SHARED}


def _grouped(
    connection: sa.Connection,
    column: sa.Column[Any],
    at: sa.Column[datetime],
    since: datetime | None,
) -> dict[str, int]:
    query = _of(sa.select(column, _COUNT), column.table, at, since)
    rows: Sequence[Any] = connection.execute(query.group_by(column)).all()
    return {row[0]: row[1] for row in rows}


def _of(
    query: Query, table: sa.FromClause, at: sa.Column[datetime], since: datetime | None
) -> Query:
    """The rows of a table since then, joined to what tells when they are of."""
    joined = since is not None and at.table is not table
    found = query.select_from(table.join(at.table) if joined else table)
    return _since(found, at, since)


def rows_of(connection: sa.Connection, table: sa.Table) -> int:
    """How many rows a table has."""
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
