"""The shared "no": by content and item, after two independent people said it (promise 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import Mid, Qid, Question, Refusal, RefusalState, Verdict

_DECISION: Final = schema.decision.c
_REFUSAL: Final = schema.refusal.c
_NO: Final = (_DECISION.verdict == Verdict.REJECTED.value) & (_DECISION.confirmed == sa.true())
_SAID: Final = _NO & _DECISION.revision.is_not(None)

_SHARED: Final = sa.select(_REFUSAL.qid).where(
    _REFUSAL.sha1 == sa.bindparam("sha1"), _REFUSAL.state == RefusalState.SHARED.value
)


class Refusals(Transactions):
    """Which items of which contents nobody is to be shown any more, and which wait."""

    def refusals_in_question(self, limit: int) -> list[Question]:
        """Each "no" said with at least two edits that is not settled yet, by sha1 and item."""
        return self._read(_in_question, limit)

    def settle(self, sha1: str, qid: Qid, state: RefusalState, at: datetime) -> None:
        """Decide a "no", in place of what was decided before; its revisions are cleared."""
        self._write(_settle, Refusal(sha1, qid, RefusalState(state), at))

    def clear(self, question: Question) -> None:
        """Forget these revisions of a "no": they say nothing about it."""
        self._write(_clear, question)

    def clear_older(self, before: datetime) -> int:
        """Forget the revisions of verdicts that are older; returns of how many."""
        return self._write(_clear_older, before)

    def refusal(self, sha1: str, qid: Qid) -> Refusal | None:
        """What became of this "no"; None where it is not settled."""
        return self._read(_refusal, sha1, qid)

    def refused(self, sha1: str) -> frozenset[Qid]:
        """The items that are not shown for this content, to anybody."""
        return self._read(shared, sha1)

    def waiting(self, limit: int) -> list[Refusal]:
        """What the operator is to decide, the longest waiting first."""
        return self._read(_in_state, RefusalState.WAITING, limit)

    def shared(self, limit: int) -> list[Refusal]:
        """What nobody is shown, the longest shared first."""
        return self._read(_in_state, RefusalState.SHARED, limit)

    def shared_since(self, since: datetime) -> dict[Qid, int]:
        """Of how many contents each item was refused since then, for everybody."""
        return self._read(_shared_since, since)

    def refused_of(self, sha1s: Collection[str]) -> dict[str, frozenset[Qid]]:
        """What ``refused`` says of each of these contents, at once."""
        return self._read(_shared_of, sha1s)


def _in_question(connection: sa.Connection, limit: int) -> list[Question]:
    place = (_DECISION.sha1, _DECISION.qid)
    settled = sa.select(_REFUSAL.qid).where(_REFUSAL.sha1 == place[0], _REFUSAL.qid == place[1])
    query = sa.select(*place).where(_SAID, ~settled.correlate(schema.decision).exists())
    query = query.group_by(*place).having(sa.func.count(_DECISION.revision.distinct()) > 1)
    rows = connection.execute(query.order_by(*place).limit(limit)).all()
    return [Question(r.sha1, Qid(r.qid), _revisions(connection, r.sha1, r.qid)) for r in rows]


def _revisions(connection: sa.Connection, sha1: str, qid: str) -> tuple[tuple[Mid, int], ...]:
    query = sa.select(_DECISION.mid, _DECISION.revision).distinct()
    query = query.where(_SAID, _DECISION.sha1 == sha1, _DECISION.qid == qid)
    rows = connection.execute(query.order_by(_DECISION.revision, _DECISION.mid))
    return tuple((Mid(row.mid), row.revision) for row in rows)


def _settle(connection: sa.Connection, settled: Refusal) -> None:
    row = {"sha1": settled.sha1, "qid": settled.qid, "state": settled.state.value, "at": settled.at}
    upsert(connection, schema.refusal, [row], ("sha1", "qid"), "state", "at")
    said = sa.update(schema.decision).where(_SAID, _DECISION.sha1 == settled.sha1)
    connection.execute(said.where(_DECISION.qid == settled.qid).values(revision=None))


def _clear(connection: sa.Connection, question: Question) -> None:
    place = (_DECISION.sha1 == question.sha1) & (_DECISION.qid == question.qid)
    for mid, number in question.revisions:
        said = sa.update(schema.decision).where(_SAID, place, _DECISION.mid == mid)
        connection.execute(said.where(_DECISION.revision == number).values(revision=None))


def _clear_older(connection: sa.Connection, before: datetime) -> int:
    # every revision's number is more than nothing; said so, the index is used
    old = (_DECISION.revision > 0) & (_DECISION.at < before)
    return connection.execute(sa.update(schema.decision).where(old).values(revision=None)).rowcount


def shared(connection: sa.Connection, sha1: str) -> frozenset[Qid]:
    """The items that are not shown for this content, to anybody."""
    return frozenset(map(Qid, connection.execute(_SHARED, {"sha1": sha1}).scalars()))


def _in_state(connection: sa.Connection, state: RefusalState, limit: int) -> list[Refusal]:
    query = sa.select(schema.refusal).where(_REFUSAL.state == state.value)
    query = query.order_by(_REFUSAL.at, _REFUSAL.sha1, _REFUSAL.qid).limit(limit)
    return [refusal_of(row) for row in connection.execute(query)]


def _refusal(connection: sa.Connection, sha1: str, qid: Qid) -> Refusal | None:
    query = sa.select(schema.refusal).where(_REFUSAL.sha1 == sha1, _REFUSAL.qid == qid)
    row = connection.execute(query).first()
    return None if row is None else refusal_of(row)


def refusal_of(row: Any) -> Refusal:
    """The refusal that a row of the table tells."""
    return Refusal(row.sha1, Qid(row.qid), RefusalState(row.state), row.at)


def _shared_since(connection: sa.Connection, since: datetime) -> dict[Qid, int]:
    query = sa.select(_REFUSAL.qid, sa.func.count()).group_by(_REFUSAL.qid)
    query = query.where(_REFUSAL.state == RefusalState.SHARED.value, _REFUSAL.at >= since)
    return {Qid(row[0]): row[1] for row in connection.execute(query)}


def _shared_of(connection: sa.Connection, sha1s: Collection[str]) -> dict[str, frozenset[Qid]]:
    found = dict.fromkeys(sha1s, frozenset[Qid]())
    query = sa.select(_REFUSAL.sha1, _REFUSAL.qid)
    query = query.where(_REFUSAL.state == RefusalState.SHARED.value)
    for part in chunks(sorted(found)):
        for row in connection.execute(query.where(_REFUSAL.sha1.in_(part))):
            found[row.sha1] |= {Qid(row.qid)}
    return found
