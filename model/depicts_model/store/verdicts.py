"""Decisions of people and the queue of files they asked for, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.upsert import upsert
from depicts_model.types import Decision, Mid, Qid, Verdict

_DECISION: Final = schema.decision.c
_REQUEST: Final = schema.request.c
_KEY: Final = ("mid", "sha1", "qid", "verdict", "key")


def add_decisions(
    connection: sa.Connection, key: str, decisions: Sequence[Decision], version: str
) -> int:
    """Store decisions under an idempotency key; returns how many were not there yet."""
    before = _with_key(connection, key)
    rows = [_row(decision, key, version) for decision in decisions]
    upsert(connection, schema.decision, rows, _KEY)
    return _with_key(connection, key) - before


def _with_key(connection: sa.Connection, key: str) -> int:
    query = sa.select(sa.func.count()).where(_DECISION.key == key)
    return connection.execute(query).scalar_one()


def _row(decision: Decision, key: str, version: str) -> dict[str, Any]:
    return {
        "mid": decision.mid,
        "sha1": decision.sha1,
        "qid": decision.qid,
        "verdict": decision.verdict.value,
        "key": key,
        "at": decision.at,
        "revision": decision.revision,
        "model_version": version,
    }


def decisions_on(connection: sa.Connection, mid: Mid) -> list[Decision]:
    """What people decided about a file, oldest first."""
    query = sa.select(schema.decision).where(_DECISION.mid == mid)
    rows = connection.execute(query.order_by(_DECISION.at, _DECISION.id))
    return [_decision(row) for row in rows]


def _decision(row: Any) -> Decision:
    verdict = Verdict(row.verdict)
    return Decision(Mid(row.mid), row.sha1, Qid(row.qid), verdict, row.at, row.revision)


def enqueue(connection: sa.Connection, mid: Mid, at: datetime) -> int:
    """Ask for a file, once however often it is asked for; returns its place, from 1."""
    upsert(connection, schema.request, [{"mid": mid, "at": at}], ("mid",))
    own = sa.select(_REQUEST.id).where(_REQUEST.mid == mid).scalar_subquery()
    query = sa.select(sa.func.count()).where(_REQUEST.id <= own)
    return connection.execute(query).scalar_one()


def queued(connection: sa.Connection, limit: int) -> list[Mid]:
    """The files asked for, those that wait longest first."""
    query = sa.select(_REQUEST.mid).order_by(_REQUEST.id).limit(limit)
    return [Mid(mid) for mid in connection.execute(query).scalars()]


def dequeue(connection: sa.Connection, mids: Collection[Mid]) -> None:
    """These files were looked at: nobody waits for them any more."""
    for mid in mids:
        connection.execute(sa.delete(schema.request).where(_REQUEST.mid == mid))
