"""Whose edit a claim tells of: inside a transaction that the caller holds, its files locked.

A verdict names the revision of the edit that was saved in its dialog; everybody can read that
number on the wiki. So it counts only where the edit came after the verdict's token was made and
before the verdict did, and for one token: the first. That token's acceptances of what the edit
added are confirmed, and its other judgements too: a person stood behind them. Then, and where a
revision does not fit, the number is cleared; a "no" keeps it until two of them were compared.

Who watches the wiki closely, and is quicker than the gadget, can still take an edit for their
own: this can cost its author the verdict, and win the thief one "no" with one other's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.chunks import chunks
from depicts_model.types import Mid, Verdict

CLOCKS: Final = timedelta(minutes=5)
"""By so much the wiki's clock and ours may differ."""
JUDGED: Final = (Verdict.REJECTED, Verdict.TOO_GENERAL, Verdict.TOO_SPECIFIC)
"""What a verdict says that is neither an acceptance nor nothing."""
_CLAIM: Final = schema.claim.c
_DECISION: Final = schema.decision.c


def match(connection: sa.Connection, mids: Sequence[Mid]) -> None:
    """Compare what was said of these files with the claims found on them."""
    edits: dict[tuple[str, int], list[Any]] = {}
    for part in chunks(mids):
        for row in connection.execute(sa.select(schema.claim).where(_CLAIM.mid.in_(part))):
            edits.setdefault((row.mid, row.revision), []).append(row)
    for claims in edits.values():
        if said := _said(connection, claims[0].mid, claims[0].revision):
            _match(connection, claims, said)


def _said(connection: sa.Connection, mid: str, revision: int) -> Sequence[Any]:
    """The verdicts that name this edit, the first first."""
    query = sa.select(schema.decision).where(_DECISION.revision == revision, _DECISION.mid == mid)
    return connection.execute(query.order_by(_DECISION.at, _DECISION.id)).all()


def _match(connection: sa.Connection, claims: Sequence[Any], said: Sequence[Any]) -> None:
    taken = any(claim.matched for claim in claims)
    # of an edit that was taken only the "no"s of who took it are left
    own = {row.key for row in said if row.confirmed} if taken else _first(said, claims[0].at)
    theirs, added = [row for row in said if row.key in own], {claim.qid for claim in claims}
    good = [row for row in theirs if row.verdict == Verdict.ACCEPTED and row.qid in added]
    judged = [row for row in theirs if row.verdict in JUDGED]
    _set(connection, schema.decision, (*good, *judged), confirmed=True)
    _set(connection, schema.decision, [row for row in said if row not in judged], revision=None)
    if own:
        _set(connection, schema.claim, claims, matched=True)


def _first(said: Sequence[Any], at: datetime) -> set[str]:
    """The key of the first verdict that can be of an edit made then; none where none can."""
    return {next((row.key for row in said if _fits(row, at)), "")} - {""}


def _fits(row: Any, at: datetime) -> bool:
    issued: datetime | None = row.issued
    return issued is not None and issued - CLOCKS <= at <= row.at + CLOCKS


def _set(connection: sa.Connection, table: sa.Table, rows: Iterable[Any], **values: object) -> None:
    for part in chunks([row.id for row in rows]):
        connection.execute(sa.update(table).where(table.c.id.in_(part)).values(values))
