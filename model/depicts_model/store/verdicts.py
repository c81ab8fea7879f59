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
_KEY: Final = ("mid", "sha1", "qid", "key")
_TOLD: Final = ("verdict", "at", "revision", "model_version")

Row = dict[str, Any]
Place = tuple[str, str, str]


def add_decisions(
    connection: sa.Connection, key: str, decisions: Sequence[Decision], version: str
) -> int:
    """Store decisions under an idempotency key; returns how many are new or say more.

    An item of a file has one verdict under a key: the last one replaces an earlier one.
    """
    known = _with_key(connection, key)
    told: dict[Place, Row] = {}
    for decision in decisions:
        row = _row(decision, key, version)
        place = row["mid"], row["sha1"], row["qid"]
        before = told.get(place) or known.get(place)
        if before is None or before["verdict"] != row["verdict"]:
            told[place] = row
        elif row["revision"] not in (None, before["revision"]):
            told[place] = {**before, "revision": row["revision"]}
    upsert(connection, schema.decision, list(told.values()), _KEY, *_TOLD)
    return len(told)


def _with_key(connection: sa.Connection, key: str) -> dict[Place, Row]:
    columns = [column for column in schema.decision.columns if column.name != "id"]
    rows = connection.execute(sa.select(*columns).where(_DECISION.key == key)).mappings()
    return {(row["mid"], row["sha1"], row["qid"]): dict(row) for row in rows}


def _row(decision: Decision, key: str, version: str) -> Row:
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
    return place(connection, mid) or 0


def place(connection: sa.Connection, mid: Mid) -> int | None:
    """The place of a file in the queue, from 1; None where it does not wait."""
    own = sa.select(_REQUEST.id).where(_REQUEST.mid == mid).scalar_subquery()
    query = sa.select(sa.func.count()).where(_REQUEST.id <= own)
    # a comparison with NULL counts nothing
    return connection.execute(query).scalar_one() or None


def queued(connection: sa.Connection, limit: int) -> list[Mid]:
    """The files asked for, those that wait longest first."""
    query = sa.select(_REQUEST.mid).order_by(_REQUEST.id).limit(limit)
    return [Mid(mid) for mid in connection.execute(query).scalars()]


def dequeue(connection: sa.Connection, mids: Collection[Mid]) -> None:
    """These files were looked at: nobody waits for them any more."""
    for mid in mids:
        connection.execute(sa.delete(schema.request).where(_REQUEST.mid == mid))
