"""Files that are looked at again: which they are, and what a second look at them came to.

A file is due again by what is told of it. Told by another model than the one that serves: after a
promotion (or a rollback) everything is, a failure and a skipped file too. Told as suggested by that
very model: once nobody has looked at it for long, as people may have added depicts meanwhile.

The order is what people see first: files with suggestions before those without, the newest uploads
before the older. A quarter of the places goes to those that have waited longest, so that none waits
for ever, however often a model is promoted; they get what the others leave, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import files, queue, runs, schema
from depicts_model.store.chunks import chunks
from depicts_model.store.files import COLUMNS, JOINED, Pair, with_suggestions
from depicts_model.store.outcomes import KINDS, StoredOutcome, file_ref
from depicts_model.store.transactions import Transactions
from depicts_model.types import FileRef, Mid, Outcome

PATIENT: Final = 4
"""One place in so many is for who has waited longest."""
_AGES: Final = KINDS[0]
"""Suggestions alone go out of date under one model: people answer them on the wiki."""
_FILE: Final = schema.file.c
_OUTCOME: Final = schema.outcome.c
_TOLD: Final = schema.told.c

Group = tuple[str, str]
"""What is told, one of ``KINDS``, and by which model."""


class Aging(Transactions):
    """Second looks: a final outcome is not for ever."""

    def stale(
        self, model_version: str, looked_before: datetime, rested: datetime, limit: int
    ) -> list[FileRef]:
        """Files to be looked at again by this model, at most ``limit``, in the module's order.

        ``looked_before``: when suggestions of this very model were looked at last, or earlier.
        ``rested``: the same of what another model told; a look that failed is not repeated at once.
        """
        return self._read(_stale, model_version, looked_before, rested, limit)

    def told_of(self, mids: Sequence[Mid]) -> dict[Mid, StoredOutcome]:
        """What is told of each of these files; those that nobody looked at are left out."""
        return self._read(_told_of, mids)

    def outcomes_of(self, model_version: str, pairs: Sequence[Pair]) -> dict[Pair, StoredOutcome]:
        """What this model found of these contents (mid, sha1), told or not, as far as it did."""
        return self._read(_outcomes_of, model_version, pairs)

    def save_again(
        self,
        run_id: int,
        model_version: str,
        results: Sequence[tuple[FileRef, Outcome]],
        looked: Sequence[FileRef] = (),
        checkpoint: tuple[str, str] | None = None,
    ) -> int:
        """Keep what a second look came to, and the checkpoint: all, or nothing.

        ``results`` replace what this model found before of the same content, with its suggestions,
        final or not: a verdict or a claim that comes later finds no confidence any more.
        ``looked``: files of which that is still true; what this model found of the content that
        they have now is told, under the title that they have now. Returns how many outcomes are
        new, or of another kind or reason. Requests for all these files end.
        """

        def save(connection: sa.Connection) -> int:
            at = datetime.now(UTC)
            new = files.add_outcomes(connection, run_id, model_version, results, at, looked)
            queue.dequeue(connection, {file.mid for file in (*looked, *(f for f, _ in results))})
            if checkpoint:
                runs.set_checkpoint(connection, *checkpoint, at)
            return new

        return self._write(save)


def _stale(
    connection: sa.Connection, version: str, looked_before: datetime, rested: datetime, limit: int
) -> list[FileRef]:
    groups = list(_groups(connection))
    others = [(kind, by) for kind, by in groups if by != version]
    waiting = _longest(connection, others, rested, limit)
    if (_AGES, version) in groups:
        waiting += _longest(connection, [(_AGES, version)], looked_before, limit)
    patient = [outcome for _, outcome in sorted(waiting)][:limit]
    newest = [one for kind in KINDS for one in _newest(connection, others, kind, rested, limit)]
    first = patient[: -(-limit // PATIENT)]
    return _files(connection, list(dict.fromkeys((*first, *newest, *patient)))[:limit])


def _groups(connection: sa.Connection) -> Iterator[Group]:
    """Which kinds are told by which models: few, and each a step along the index."""
    for kind in KINDS:
        by = ""
        while by := connection.execute(_next_version(kind, by)).scalar_one() or "":
            yield kind, by


def _next_version(kind: str, after: str) -> sa.Select[Any]:
    query = sa.select(sa.func.min(_TOLD.model_version))
    return query.where(_TOLD.kind == kind, _TOLD.model_version > after)


def _longest(
    connection: sa.Connection, groups: Sequence[Group], before: datetime, limit: int
) -> list[tuple[datetime, int]]:
    """When they were looked at last, and outcome ids: of each group those that waited longest."""
    found: list[tuple[datetime, int]] = []
    for group in groups:
        rows = connection.execute(_longest_of(group, before).limit(limit))
        found += [(row.looked, row.outcome_id) for row in rows]
    return found


def _newest(
    connection: sa.Connection, groups: Sequence[Group], kind: str, before: datetime, limit: int
) -> list[int]:
    """Outcome ids of what is told as this kind, the newest uploads first."""
    found: list[tuple[datetime, int]] = []
    for group in groups:
        if group[0] == kind:
            rows = connection.execute(_newest_of(group, before).limit(limit))
            found += [(row.uploaded, row.outcome_id) for row in rows]
    return [outcome for _, outcome in sorted(found, reverse=True)]


def _longest_of(group: Group, before: datetime) -> sa.Select[Any]:
    query = sa.select(_TOLD.looked, _TOLD.outcome_id).where(_is_told(group), _TOLD.looked < before)
    return query.order_by(_TOLD.looked)


def _newest_of(group: Group, before: datetime) -> sa.Select[Any]:
    # nearly all are from before: a database that went along this column would sort them all
    looked = sa.func.coalesce(_TOLD.looked, before)
    query = sa.select(_TOLD.uploaded, _TOLD.outcome_id).where(_is_told(group), looked < before)
    return query.order_by(_TOLD.uploaded.desc())


def _is_told(group: Group) -> sa.ColumnElement[bool]:
    kind, version = group
    return (_TOLD.kind == kind) & (_TOLD.model_version == version)


def _files(connection: sa.Connection, outcome_ids: Sequence[int]) -> list[FileRef]:
    """The files of these outcomes, in their order."""
    query = sa.select(*COLUMNS).select_from(JOINED)
    found: dict[int, FileRef] = {}
    for part in chunks(outcome_ids):
        for row in connection.execute(query.where(_OUTCOME.id.in_(part))).mappings():
            found[row["id"]] = file_ref(dict(row))
    return [found[one] for one in outcome_ids if one in found]


def _told_of(connection: sa.Connection, mids: Sequence[Mid]) -> dict[Mid, StoredOutcome]:
    query = sa.select(*COLUMNS).select_from(JOINED.join(schema.told))
    found: dict[Mid, StoredOutcome] = {}
    for part in chunks(mids):
        told = with_suggestions(connection, query.where(_TOLD.mid.in_(part)))
        found |= {one.file.mid: one for one in told}
    return found


def _outcomes_of(
    connection: sa.Connection, version: str, pairs: Sequence[Pair]
) -> dict[Pair, StoredOutcome]:
    query = sa.select(*COLUMNS).select_from(JOINED).where(_OUTCOME.model_version == version)
    wanted = set(pairs)
    found: dict[Pair, StoredOutcome] = {}
    for part in chunks(sorted({mid for mid, _ in pairs})):
        for one in with_suggestions(connection, query.where(_FILE.mid.in_(part))):
            found[one.file.mid, one.file.sha1] = one
    return {pair: one for pair, one in found.items() if pair in wanted}
