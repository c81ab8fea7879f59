"""The shared "no": by content and item, after two independent people said it (promise 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import Mid, Qid, Question, Refusal, RefusalState, Verdict

_DECISION: Final = schema.decision.c
_REFUSAL: Final = schema.refusal.c
_SAID: Final = (_DECISION.verdict == Verdict.REJECTED.value) & _DECISION.revision.is_not(None)

_SHARED: Final = sa.select(_REFUSAL.qid).where(
    _REFUSAL.sha1 == sa.bindparam("sha1"), _REFUSAL.state == RefusalState.SHARED.value
)


class Refusals(Transactions):
    """Which items of which contents nobody is to be shown any more, and which wait."""

    def refusals_in_question(
        self, limit: int, after: tuple[str, Qid] | None = None
    ) -> list[Question]:
        """Each "no" said in at least two revisions that is not settled yet, by sha1 and item.

        ``after``: go on behind this one; a "no" that stays in question is asked about once a pass.
        """
        return self._read(_in_question, limit, after)

    def settle(self, sha1: str, qid: Qid, state: RefusalState, at: datetime) -> None:
        """Decide a "no", in place of what was decided before."""
        row = {"sha1": sha1, "qid": qid, "state": RefusalState(state).value, "at": at}
        self._write(upsert, schema.refusal, [row], ("sha1", "qid"), "state", "at")

    def refused(self, sha1: str) -> frozenset[Qid]:
        """The items that are not shown for this content, to anybody."""
        return self._read(shared, sha1)

    def waiting(self, limit: int) -> list[Refusal]:
        """What the operator is to decide, the longest waiting first."""
        return self._read(_in_state, RefusalState.WAITING, limit)

    def refused_of(self, sha1s: Collection[str]) -> dict[str, frozenset[Qid]]:
        """What ``refused`` says of each of these contents, at once."""
        return self._read(_shared_of, sha1s)


def _in_question(
    connection: sa.Connection, limit: int, after: tuple[str, Qid] | None
) -> list[Question]:
    place = (_DECISION.sha1, _DECISION.qid)
    settled = sa.select(_REFUSAL.qid).where(_REFUSAL.sha1 == place[0], _REFUSAL.qid == place[1])
    query = sa.select(*place).where(_SAID, ~settled.correlate(schema.decision).exists())
    if after is not None:
        # said twice: not every database takes its way through an index by pairs alone
        beyond = (place[0] > after[0]) | (place[1] > after[1])
        query = query.where(place[0] >= after[0], beyond)
    query = query.group_by(*place).having(sa.func.count(_DECISION.revision.distinct()) > 1)
    rows = connection.execute(query.order_by(*place).limit(limit)).all()
    return [Question(r.sha1, Qid(r.qid), _revisions(connection, r.sha1, r.qid)) for r in rows]


def _revisions(connection: sa.Connection, sha1: str, qid: str) -> tuple[tuple[Mid, int], ...]:
    query = sa.select(_DECISION.mid, _DECISION.revision).distinct()
    query = query.where(_SAID, _DECISION.sha1 == sha1, _DECISION.qid == qid)
    rows = connection.execute(query.order_by(_DECISION.revision, _DECISION.mid))
    return tuple((Mid(row.mid), row.revision) for row in rows)


def shared(connection: sa.Connection, sha1: str) -> frozenset[Qid]:
    """The items that are not shown for this content, to anybody."""
    return frozenset(map(Qid, connection.execute(_SHARED, {"sha1": sha1}).scalars()))


def _in_state(connection: sa.Connection, state: RefusalState, limit: int) -> list[Refusal]:
    query = sa.select(schema.refusal).where(_REFUSAL.state == state.value)
    query = query.order_by(_REFUSAL.at, _REFUSAL.sha1, _REFUSAL.qid).limit(limit)
    rows = connection.execute(query)
    return [Refusal(r.sha1, Qid(r.qid), RefusalState(r.state), r.at) for r in rows]


def _shared_of(connection: sa.Connection, sha1s: Collection[str]) -> dict[str, frozenset[Qid]]:
    found = dict.fromkeys(sha1s, frozenset[Qid]())
    query = sa.select(_REFUSAL.sha1, _REFUSAL.qid)
    query = query.where(_REFUSAL.state == RefusalState.SHARED.value)
    for part in chunks(sorted(found)):
        for row in connection.execute(query.where(_REFUSAL.sha1.in_(part))):
            found[row.sha1] |= {Qid(row.qid)}
    return found
