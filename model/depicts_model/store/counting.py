"""The public statistics: whole tables are read, so a job computes them and keeps a note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.statistics import BINS, MOST_ITEMS, Statistics, Tally
from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.store.outcomes import KINDS
from depicts_model.store.transactions import Transactions
from depicts_model.types import Qid, RefusalState, Verdict

_DECISION: Final = schema.decision.c
_TABLES: Final = {
    "files": schema.told,
    "suggestions": schema.suggestion,
    "decisions": schema.decision,
    "claims": schema.claim,
    "requests": schema.request,
    "runs": schema.run,
}
_SHARED: Final = (RefusalState.SHARED.value, RefusalState.WAITING.value)
_COUNT: Final = sa.func.count().label("number")
_SAID: Final = (_DECISION.verdict, _DECISION.confirmed)


class Counting(Transactions):
    """What all decisions together say."""

    def statistics(self) -> Statistics:
        """Everything counted anew; slow, on millions of rows."""
        return self._read(_statistics, datetime.now(UTC))

    def tallies(self, qids: Sequence[Qid]) -> dict[Qid, Tally]:
        """What people said of these items; an item without a verdict has an empty tally."""
        return self._read(_tallies, qids)

    def all_tallies(self) -> dict[Qid, Tally]:
        """The same of every item that people decided about; slow, as ``statistics`` is."""
        return self._read(_all_tallies)


def _statistics(connection: sa.Connection, at: datetime) -> Statistics:
    rows = _by_confidence(connection)
    bins = tuple(_tally(row for row in rows if row.bin == n) for n in range(BINS))
    unknown = _tally(row for row in rows if row.bin is None)
    return Statistics(at, _totals(connection), _verdicts(rows), bins, unknown, _items(connection))


def _by_confidence(connection: sa.Connection) -> Sequence[Any]:
    # compared, not divided: databases round differently
    limits = [(_DECISION.confidence < (n + 1) / BINS, n) for n in range(BINS - 1)]
    bin_ = sa.case((_DECISION.confidence.is_(None), None), *limits, else_=BINS - 1).label("bin")
    query = sa.select(*_SAID, bin_, _COUNT)
    return connection.execute(query.group_by(*_SAID, bin_)).all()


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


def _items(connection: sa.Connection) -> tuple[tuple[Qid, Tally], ...]:
    shown = _DECISION.verdict != Verdict.NOT_SHOWN.value
    query = sa.select(_DECISION.qid).where(shown).group_by(_DECISION.qid)
    query = query.order_by(_COUNT.desc(), _DECISION.qid).limit(MOST_ITEMS)
    qids = [Qid(qid) for qid in connection.execute(query).scalars()]
    tallies = _tallies(connection, qids)
    return tuple((qid, tallies[qid]) for qid in qids)


def _tallies(connection: sa.Connection, qids: Sequence[Qid]) -> dict[Qid, Tally]:
    query = sa.select(_DECISION.qid, *_SAID, _COUNT).group_by(_DECISION.qid, *_SAID)
    found: dict[Qid, list[Any]] = {qid: [] for qid in qids}
    for part in chunks(sorted(set(qids))):
        for row in connection.execute(query.where(_DECISION.qid.in_(part))):
            found[Qid(row.qid)].append(row)
    return {qid: _tally(rows) for qid, rows in found.items()}


def _all_tallies(connection: sa.Connection) -> dict[Qid, Tally]:
    qids = connection.execute(sa.select(_DECISION.qid).distinct()).scalars()
    return _tallies(connection, [Qid(qid) for qid in qids])


def _totals(connection: sa.Connection) -> dict[str, int]:
    kinds = _grouped(connection, schema.told.c.kind)
    states = _grouped(connection, schema.refusal.c.state)
    found = {name: rows_of(connection, table) for name, table in _TABLES.items()}
    found |= {kind: kinds.get(kind, 0) for kind in KINDS}
    return found | {state: states.get(state, 0) for state in _SHARED}


def _grouped(connection: sa.Connection, column: sa.Column[Any]) -> dict[str, int]:
    rows = connection.execute(sa.select(column, _COUNT).group_by(column))
    return {row[0]: row[1] for row in rows}


def rows_of(connection: sa.Connection, table: sa.Table) -> int:
    """How many rows a table has."""
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
