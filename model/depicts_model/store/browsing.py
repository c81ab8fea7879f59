"""Looking through files by their outcomes, inside a transaction that the caller holds.

A file stands once, with the outcome that ``Store.latest`` tells of it. Places are outcome ids:
a page keeps its place while newer outcomes come in, which a count of rows to skip would not.
What is wanted is looked for in ``told`` alone, whose indexes hold all of it, or, of one item,
among that item's suggestions; files and texts are read for the page's rows only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.files import COLUMNS, JOINED, with_suggestions
from depicts_model.store.outcomes import StoredOutcome
from depicts_model.types import Qid

_OUTCOME: Final = schema.outcome.c
_SUGGESTION: Final = schema.suggestion.c
_TOLD: Final = schema.told.c


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
        ids = _ids(connection, wanted, size, after=after)
        if len(ids) == size:
            return _page(connection, wanted, ids[::-1])
        before = None
    return _page(connection, wanted, _ids(connection, wanted, size, before=before))


def counts(connection: sa.Connection, wanted: OutcomeFilter) -> dict[str, int]:
    """How many files have an outcome of each kind; a kind without any is left out."""
    query = sa.select(_TOLD.kind, sa.func.count()).select_from(_source(wanted))
    query = query.where(*_conditions(wanted)).group_by(_TOLD.kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def _ids(
    connection: sa.Connection,
    wanted: OutcomeFilter,
    size: int,
    before: int | None = None,
    after: int | None = None,
) -> list[int]:
    """Outcome ids before ``before``, newest first; or after ``after``, oldest first."""
    place = _place(wanted)
    query = sa.select(place).select_from(_source(wanted)).where(*_conditions(wanted)).limit(size)
    if after is not None:
        query = query.where(place > after).order_by(place)
    else:
        query = query.order_by(place.desc())
    if before is not None:
        query = query.where(place < before)
    return list(connection.execute(query).scalars())


def _page(connection: sa.Connection, wanted: OutcomeFilter, ids: list[int]) -> OutcomePage:
    """The page of these outcomes; ``ids``: newest first."""
    if not ids:
        return OutcomePage((), None, None)
    newer = _ids(connection, wanted, 1, after=ids[0])
    older = _ids(connection, wanted, 1, before=ids[-1])
    query = sa.select(*COLUMNS).select_from(JOINED).where(_OUTCOME.id.in_(ids))
    found = with_suggestions(connection, query.order_by(_OUTCOME.id.desc()))
    return OutcomePage(tuple(found), ids[0] if newer else None, ids[-1] if older else None)


def _source(wanted: OutcomeFilter) -> sa.FromClause:
    """Where places are looked for: an item's suggestions name few of all outcomes."""
    if wanted.item is None:
        return schema.told
    return schema.suggestion.join(schema.told, _SUGGESTION.outcome_id == _TOLD.outcome_id)


def _place(wanted: OutcomeFilter) -> sa.ColumnElement[int]:
    return _TOLD.outcome_id if wanted.item is None else _SUGGESTION.outcome_id


def _conditions(wanted: OutcomeFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_TOLD.outcome_id.is_not(None)]
    if wanted.kind is not None:
        found.append(_TOLD.kind == wanted.kind)
    if wanted.item is not None:
        found += [_SUGGESTION.qid == wanted.item, _SUGGESTION.confidence >= wanted.confidence]
    elif wanted.confidence > 0:
        found.append(_TOLD.confidence >= wanted.confidence)
    return found
