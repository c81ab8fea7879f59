"""What became of the claims: each is looked at twice, at two ages, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.statistics import Tally, together
from depicts_model.store import schema
from depicts_model.store.claims import claim_of
from depicts_model.store.transactions import Transactions
from depicts_model.types import Age, Claim, Fate

_CLAIM: Final = schema.claim.c
_COUNT: Final = sa.func.count().label("number")
_AFTER: Final = {Age.WEEK: _CLAIM.after_7, Age.MONTH: _CLAIM.after_30}


class Fates(Transactions):
    """Whether what was saved is still there."""

    def claims_due(self, age: Age, after: datetime, until: datetime, limit: int) -> list[Claim]:
        """Claims saved between these times that were not looked at at this age, oldest first."""
        return self._read(_due, _AFTER[age], after, until, limit)

    def add_fates(self, age: Age, fates: Mapping[Claim, Fate]) -> int:
        """Keep what became of claims by this age; what is kept already stays. How many are new."""
        return self._write(_add, _AFTER[age], fates)


def _due(
    connection: sa.Connection,
    column: sa.Column[str],
    after: datetime,
    until: datetime,
    limit: int,
) -> list[Claim]:
    query = sa.select(schema.claim).where(column.is_(None), _CLAIM.at > after, _CLAIM.at <= until)
    rows = connection.execute(query.order_by(_CLAIM.at, _CLAIM.id).limit(limit))
    return [claim_of(row) for row in rows]


def _add(connection: sa.Connection, column: sa.Column[str], fates: Mapping[Claim, Fate]) -> int:
    kept, key = 0, (_CLAIM.mid, _CLAIM.qid, _CLAIM.revision)
    # in one order: two harvests that meet must not wait for each other
    for claim in sorted(fates, key=lambda one: (one.mid, one.qid, one.revision)):
        same = sa.tuple_(*key) == sa.tuple_(claim.mid, claim.qid, claim.revision)
        update = sa.update(schema.claim).where(same, column.is_(None))
        kept += connection.execute(update.values({column: fates[claim].value})).rowcount
    return kept


def tallies_by(
    connection: sa.Connection, key: sa.ColumnElement[Any], since: datetime | None
) -> dict[Any, Tally]:
    """What became of claims that were saved since then, by what ``key`` says of each."""
    query = sa.select(key.label("key"), *_AFTER.values(), _COUNT)
    if since is not None:
        query = query.where(_CLAIM.at >= since)
    found: dict[Any, list[Tally]] = {}
    for row in connection.execute(query.group_by(key, *_AFTER.values())):
        found.setdefault(row.key, []).append(_tally(row))
    return {key: together(tallies) for key, tallies in found.items()}


def _tally(row: Any) -> Tally:
    """Of claims that all had the same fates."""
    fates = {name: getattr(row, name) for name in ("after_7", "after_30")}
    told = {fate for fate in fates.values() if fate not in (None, Fate.DELETED.value)}
    counts = {"saved": row.number}
    for name, fate in fates.items():
        if fate in told:
            counts[f"{fate}_{name.removeprefix('after_')}"] = row.number
    counts["judged"] = row.number if told else 0
    counts["reverted"] = row.number if Fate.REVERTED.value in told else 0
    return Tally(**counts)
