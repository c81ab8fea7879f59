"""Claims that edits of ours added, as the harvest finds them in the files' histories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import matching, schema, told
from depicts_model.store.chunks import chunks
from depicts_model.store.offering import offered
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
    _offer(connection, rows)
    upsert(connection, schema.claim, rows, _KEY)
    matching.match(connection, mids)
    return len(rows)


def _offer(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add to each with which confidence its item was offered: the suggestion may be pruned."""
    by_version: defaultdict[str, set[Mid]] = defaultdict(set)
    for row in rows:
        by_version[row["model_version"]].add(row["mid"])
    found = {
        (version, mid, qid): confidence
        for version, mids in by_version.items()
        for (mid, _, qid), confidence in offered(connection, sorted(mids), version).items()
    }
    for row in rows:
        row["confidence"] = found.get((row["model_version"], row["mid"], row["qid"]))


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
    return [claim_of(row) for row in rows]


def claim_of(row: Any) -> Claim:
    """The claim that a row of the table tells."""
    said = row.statement, row.revision, row.at, row.model_version
    return Claim(Mid(row.mid), Qid(row.qid), *said)
