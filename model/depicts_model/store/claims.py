"""Claims that edits of ours added, as the harvest finds them in the files' histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import sqlalchemy as sa

from depicts_model.store import matching, schema, told
from depicts_model.store.chunks import chunks
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import Claim, Mid, Qid

_CLAIM: Final = schema.claim.c
_KEY: Final = ("mid", "qid", "revision")


class Claims(Transactions):
    """What was saved, and thereby which verdicts are true."""

    def add_claims(self, found: Sequence[Claim]) -> int:
        """Keep claims, each once by file, item and revision; returns how many are new.

        A verdict that names a claim's edit becomes confirmed, one to come as well: ``matching``.
        """
        return self._write(_add_claims, found)

    def claims(self, mid: Mid) -> list[Claim]:
        """The claims found on a file, in the order of their revisions."""
        return self._read(_claims_on, mid)


def _add_claims(connection: sa.Connection, found: Sequence[Claim]) -> int:
    mids = sorted({claim.mid for claim in found})
    told.lock(connection, mids)
    known = _revisions_on(connection, mids)
    new = {(claim.mid, claim.qid, claim.revision): asdict(claim) for claim in reversed(found)}
    rows = [new[place] for place in sorted(new) if place not in known]
    upsert(connection, schema.claim, rows, _KEY)
    matching.match(connection, mids)
    return len(rows)


def _revisions_on(connection: sa.Connection, mids: Sequence[Mid]) -> set[tuple[str, str, int]]:
    query = sa.select(*(_CLAIM[name] for name in _KEY))
    found: set[tuple[str, str, int]] = set()
    for part in chunks(mids):
        rows = connection.execute(query.where(_CLAIM.mid.in_(part)))
        found |= {(row.mid, row.qid, row.revision) for row in rows}
    return found


def _claims_on(connection: sa.Connection, mid: Mid) -> list[Claim]:
    query = sa.select(schema.claim).where(_CLAIM.mid == mid)
    rows = connection.execute(query.order_by(_CLAIM.revision, _CLAIM.id))
    return [
        Claim(Mid(r.mid), Qid(r.qid), r.statement, r.revision, r.at, r.model_version) for r in rows
    ]
