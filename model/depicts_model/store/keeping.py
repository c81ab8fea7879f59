"""Paused classes, and how long answers took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import add_up, upsert
from depicts_model.types import Latency, Pause, Qid

_PAUSE: Final = schema.pause.c
_LATENCY: Final = schema.latency.c


class Pauses(Transactions):
    """Classes of items that are not shown for a while (promise 8)."""

    def pauses(self) -> dict[Qid, Pause]:
        """Every paused class."""
        return self._read(_pauses)

    def set_pause(self, pause: Pause) -> None:
        """Pause a class, in place of what was said of it before."""
        names = ("reason", "saved", "reverted", "at")
        self._write(upsert, schema.pause, [asdict(pause)], ("qid",), *names)

    def end_pause(self, qid: Qid) -> bool:
        """Show the class again; False where it was not paused."""
        return self._write(_end_pause, qid)


class Latencies(Transactions):
    """Histograms of the service's answers, by hour and route."""

    def count_latencies(self, rows: Sequence[Latency]) -> None:
        """Add these counts to those that are there."""
        self._write(_count, rows)

    def latencies(self, since: datetime) -> list[Latency]:
        """The histograms of the hours that begin at ``since`` or later, in their order."""
        return self._read(_since, since)


def _pauses(connection: sa.Connection) -> dict[Qid, Pause]:
    rows = connection.execute(sa.select(schema.pause).order_by(_PAUSE.qid))
    return {Qid(r.qid): Pause(Qid(r.qid), r.reason, r.saved, r.reverted, r.at) for r in rows}


def _end_pause(connection: sa.Connection, qid: Qid) -> bool:
    return connection.execute(sa.delete(schema.pause).where(_PAUSE.qid == qid)).rowcount == 1


def _count(connection: sa.Connection, rows: Sequence[Latency]) -> None:
    sums: Counter[tuple[datetime, str, int]] = Counter()
    for row in rows:
        sums[row.hour, row.route, row.bucket] += row.count
    # in one order: two processes that add to the same rows must not wait for each other
    made = [asdict(Latency(*place, sums[place])) for place in sorted(sums)]
    add_up(connection, schema.latency, made, ("hour", "route", "bucket"), "count")


def _since(connection: sa.Connection, since: datetime) -> list[Latency]:
    query = sa.select(schema.latency).where(_LATENCY.hour >= since)
    query = query.order_by(_LATENCY.hour, _LATENCY.route, _LATENCY.bucket)
    return [Latency(**row) for row in connection.execute(query).mappings()]
