"""Looking through files by their outcomes, inside a transaction that the caller holds.

A file stands once, with the outcome that ``Store.latest`` tells of it. Places are outcome ids:
a page keeps its place while newer outcomes come in, which a count of rows to skip would not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.files import COLUMNS, JOINED, newest_version, suggestions_of
from depicts_model.store.outcomes import StoredOutcome, stored_outcome
from depicts_model.types import Qid

_OUTCOME: Final = schema.outcome.c
_SUGGESTION: Final = schema.suggestion.c


@dataclass(frozen=True, slots=True)
class OutcomeFilter:
    """Which files are wanted: those with an outcome of this kind, this item, this confidence."""

    kind: str | None = None
    """One of ``outcomes.KINDS``; None: any."""
    item: Qid | None = None
    """Only files to which this item is suggested."""
    confidence: float = 0.0
    """Only files with a suggestion (of ``item``, if given) of at least this confidence."""


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """Outcomes, newest first, with the places from which its neighbours are found."""

    outcomes: tuple[StoredOutcome, ...]
    newer: int | None
    """``after`` of the page of newer ones; None where there are none."""
    older: int | None
    """``before`` of the page of older ones; None where there are none."""


def page(
    connection: sa.Connection,
    wanted: OutcomeFilter,
    size: int,
    before: int | None = None,
    after: int | None = None,
) -> OutcomePage:
    """At most ``size`` outcomes: the newest, those before an outcome's id, or those after it.

    Where fewer than ``size`` come after it, the page is the newest one, and thus full.
    """
    if after is not None:
        rows = _rows(connection, wanted, size, after=after)
        if len(rows) == size:
            return _page(connection, wanted, rows[::-1])
        before = None
    return _page(connection, wanted, _rows(connection, wanted, size, before=before))


def counts(connection: sa.Connection, wanted: OutcomeFilter) -> dict[str, int]:
    """How many files have an outcome of each kind; a kind without any is left out."""
    query = sa.select(_OUTCOME.kind, sa.func.count()).select_from(JOINED)
    query = query.where(*_conditions(wanted)).group_by(_OUTCOME.kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def _rows(
    connection: sa.Connection,
    wanted: OutcomeFilter,
    size: int,
    before: int | None = None,
    after: int | None = None,
) -> list[dict[str, Any]]:
    """Rows before ``before``, newest first; or after ``after``, oldest first."""
    query = sa.select(*COLUMNS).select_from(JOINED).where(*_conditions(wanted)).limit(size)
    if after is not None:
        query = query.where(_OUTCOME.id > after).order_by(_OUTCOME.id)
    else:
        query = query.order_by(_OUTCOME.id.desc())
    if before is not None:
        query = query.where(_OUTCOME.id < before)
    return [dict(row) for row in connection.execute(query).mappings()]


def _page(
    connection: sa.Connection, wanted: OutcomeFilter, rows: list[dict[str, Any]]
) -> OutcomePage:
    if not rows:
        return OutcomePage((), None, None)
    first, last = rows[0]["id"], rows[-1]["id"]
    newer = _rows(connection, wanted, 1, after=first)
    older = _rows(connection, wanted, 1, before=last)
    suggestions = suggestions_of(connection, [row["id"] for row in rows])
    found = tuple(stored_outcome(row, suggestions[row["id"]]) for row in rows)
    return OutcomePage(found, first if newer else None, last if older else None)


def _conditions(wanted: OutcomeFilter) -> list[sa.ColumnElement[bool]]:
    found = [_OUTCOME.id == _told()]
    if wanted.kind is not None:
        found.append(_OUTCOME.kind == wanted.kind)
    if wanted.item is not None or wanted.confidence > 0:
        found.append(_suggests(wanted))
    return found


def _told() -> sa.ScalarSelect[int]:
    """The id of the outcome that is told of a row's file: the order of ``newest_outcomes``."""
    file, outcome = schema.file.alias("any_file"), schema.outcome.alias("any_outcome")
    newest = [*newest_version(file), outcome.c.at.desc(), outcome.c.id.desc()]
    query = sa.select(outcome.c.id).select_from(outcome.join(file))
    query = query.where(file.c.mid == schema.file.c.mid).order_by(*newest).limit(1)
    return query.correlate(schema.file).scalar_subquery()


def _suggests(wanted: OutcomeFilter) -> sa.Exists:
    asked = sa.select(_SUGGESTION.id).where(_SUGGESTION.outcome_id == _OUTCOME.id)
    asked = asked.where(_SUGGESTION.confidence >= wanted.confidence)
    if wanted.item is not None:
        asked = asked.where(_SUGGESTION.qid == wanted.item)
    return asked.correlate(schema.outcome).exists()
