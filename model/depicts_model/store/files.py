"""Files and their outcomes, inside a transaction that the caller holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import sqlalchemy as sa

from depicts_model.store import schema, told
from depicts_model.store.chunks import chunks
from depicts_model.store.outcomes import (
    FAILED,
    Row,
    StoredOutcome,
    file_ref,
    file_row,
    outcome_row,
    stored_outcome,
    suggestion_rows,
)
from depicts_model.store.upsert import upsert
from depicts_model.types import FileRef, Mid, Outcome, SkipReason, Verdict

Pair = tuple[Mid, str]
Results = Sequence[tuple[FileRef, Outcome]]
Coming = tuple[Mid, Outcome, Row]

_FILE: Final = schema.file.c
_OUTCOME: Final = schema.outcome.c
JOINED: Final = schema.outcome.join(schema.file)
COLUMNS: Final = (*(c for c in _FILE if c.name != "id"), *_OUTCOME)
"""What ``stored_outcome`` reads; ``id`` is the outcome's."""
_TELLING: Final = ("kind", "reason", "error", "retry_after")
"""What makes an outcome another one."""
_GONE: Final = SkipReason.DELETED.value
"""Never final: the page may come back, and when it was last missed tells when to look again."""
# asked for each portion of a crawl and each question of a page: to write such a statement anew
# takes as long as the database takes for it
_IDS: Final = sa.select(_FILE.id, _FILE.mid, _FILE.sha1).where(
    _FILE.mid.in_(sa.bindparam("mids", expanding=True))
)
_STORED: Final = sa.select(schema.outcome).where(
    _OUTCOME.model_version == sa.bindparam("version"),
    _OUTCOME.file_id.in_(sa.bindparam("ids", expanding=True)),
)
_NEW_OUTCOMES: Final = sa.insert(schema.outcome).returning(_OUTCOME.id, _OUTCOME.file_id)
_NEW_SUGGESTIONS: Final = sa.insert(schema.suggestion)
_TOLD: Final = (
    sa.select(*COLUMNS)
    .select_from(JOINED.join(schema.told))
    .where(schema.told.c.mid == sa.bindparam("mid"))
)
_SUGGESTIONS: Final = (
    sa.select(schema.suggestion)
    .where(schema.suggestion.c.outcome_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(schema.suggestion.c.outcome_id, schema.suggestion.c.rank)
)


def final_pairs(connection: sa.Connection, version: str, pairs: Sequence[Pair]) -> set[Pair]:
    """Those of ``pairs`` (mid, sha1) whose outcome by this version needs no second look."""
    wanted, found = set(pairs), set()
    final = (_OUTCOME.model_version == version) & _OUTCOME.retry_after.is_(None)
    there = _OUTCOME.reason.is_(None) | (_OUTCOME.reason != _GONE)
    query = sa.select(_FILE.mid, _FILE.sha1).select_from(JOINED).where(final, there)
    for mids in chunks(sorted({mid for mid, _ in pairs})):
        found |= {(r.mid, r.sha1) for r in connection.execute(query.where(_FILE.mid.in_(mids)))}
    return wanted & found


def add_outcomes(
    connection: sa.Connection,
    run_id: int,
    version: str,
    results: Results,
    at: datetime,
    looked: Sequence[FileRef] | None = None,
) -> int:
    """Store what is not stored yet, and what replaces a failure to be retried or a page missed.

    ``looked``: given where this is a second look, which replaces what is final, too; files that it
    left as they were. Returns how many outcomes are new; the same once more is not.
    """
    seen = [*(file for file, _ in results), *(looked or ())]
    mids = sorted({file.mid for file in seen})
    told.forget(connection, mids)
    file_ids = _add_files(connection, seen)
    old = _stored_rows(connection, version, list(file_ids.values()))
    stored = {**old}
    coming: dict[int, Coming] = {}
    new = 0
    for file, outcome in results:
        file_id = file_ids[file.mid, file.sha1]
        row = {"file_id": file_id, "model_version": version, "run_id": run_id, "at": at}
        row |= outcome_row(outcome)
        before = old.get(file_id)
        if before is None or looked is not None or not _is_final(before):
            coming[file_id] = (file.mid, outcome, row)
            old[file_id] = row
            new += not before or any(before[c] != row[c] for c in _TELLING)
    _delete(connection, [stored[file_id]["id"] for file_id in coming if file_id in stored])
    old |= _inserted(connection, version, coming)
    _renew(connection, [old[id_]["id"] for id_ in _ids(file_ids, looked or ()) if id_ in old], at)
    told.tell(connection, mids, at)
    return new


def _add_files(connection: sa.Connection, files: Sequence[FileRef]) -> dict[Pair, int]:
    """The row ids of these files by (mid, sha1), after bringing their rows up to date."""
    # in one order: two writers of the same files must not wait for each other
    rows = [file_row(file) for file in sorted(files, key=lambda file: (file.mid, file.sha1))]
    changing = ("title", "revision", "uploaded", "thumb_url")
    upsert(connection, schema.file, rows, ("mid", "sha1"), *changing)
    found: dict[Pair, int] = {}
    for mids in chunks(sorted({file.mid for file in files})):
        for row in connection.execute(_IDS, {"mids": mids}):
            found[Mid(row.mid), row.sha1] = row.id
    return found


def _stored_rows(
    connection: sa.Connection, version: str, file_ids: Sequence[int]
) -> dict[int, Row]:
    """Outcomes of these files by this version, by the file's row id."""
    found: dict[int, Row] = {}
    for ids in chunks(file_ids):
        for row in connection.execute(_STORED, {"version": version, "ids": ids}).mappings():
            found[row["file_id"]] = dict(row)
    return found


def _is_final(row: Row) -> bool:
    return row["retry_after"] is None and row["reason"] != _GONE


def _inserted(
    connection: sa.Connection, version: str, coming: Mapping[int, Coming]
) -> dict[int, Row]:
    """Write these outcomes with their suggestions; the rows with their ids, by the file's."""
    if not coming:
        return {}
    rows = [row for _, _, row in coming.values()]
    keys = {key.file_id: key.id for key in connection.execute(_NEW_OUTCOMES, rows)}
    suggestions = [
        suggestion
        for file_id, (mid, outcome, _) in coming.items()
        for suggestion in suggestion_rows(outcome, mid, version, keys[file_id])
    ]
    if suggestions:
        connection.execute(_NEW_SUGGESTIONS, suggestions)
    return {row["file_id"]: {**row, "id": keys[row["file_id"]]} for row in rows}


def _delete(connection: sa.Connection, outcome_ids: Sequence[int]) -> None:
    for ids in chunks(outcome_ids):
        connection.execute(sa.delete(schema.outcome).where(_OUTCOME.id.in_(ids)))


def _ids(file_ids: Mapping[Pair, int], files: Sequence[FileRef]) -> list[int]:
    return [file_ids[file.mid, file.sha1] for file in files]


def _renew(connection: sa.Connection, outcome_ids: Sequence[int], at: datetime) -> None:
    """Make these the newest outcomes of their files' contents: after a rollback they hold again."""
    later = schema.outcome.alias()
    same = (later.c.file_id == _OUTCOME.file_id) & (later.c.at >= _OUTCOME.at)
    query = sa.select(_OUTCOME.id).join(later, same & (later.c.id != _OUTCOME.id)).distinct()
    for some in chunks(outcome_ids):
        old = connection.execute(query.where(_OUTCOME.id.in_(some))).scalars().all()
        connection.execute(sa.update(schema.outcome).where(_OUTCOME.id.in_(old)).values(at=at))


def due_failures(
    connection: sa.Connection, version: str, now: datetime, limit: int
) -> list[StoredOutcome]:
    """Outcomes by this version that are failures to be retried ``now``, oldest first."""
    failed = (_OUTCOME.kind == FAILED) & (_OUTCOME.model_version == version)
    failed &= _OUTCOME.retry_after.is_not(None)
    query = sa.select(*COLUMNS).select_from(JOINED).where(failed)
    # those that must wait are passed over here: before a limit they would be in others' way
    rows = connection.execute(query.order_by(_OUTCOME.at, _OUTCOME.id)).mappings()
    due = (dict(row) for row in rows if _is_over(row["at"], row["retry_after"], now))
    return [stored_outcome(row, ()) for row in islice(due, limit)]


def _is_over(at: datetime, retry_after: float, now: datetime) -> bool:
    """Whether a wait of so many seconds is over.

    More than twice of it to come was stored by a clock that was ahead, and is over.
    """
    left = retry_after - (now - at).total_seconds()
    return not 0 < left <= 2 * retry_after


def refused_files(connection: sa.Connection, sha1s: Collection[str]) -> dict[str, FileRef]:
    """Of each content that somebody said no to, a file that has it; none where none is known."""
    said = schema.decision.c
    same = (said.mid == _FILE.mid) & (said.sha1 == _FILE.sha1)
    query = sa.select(schema.file).select_from(schema.decision.join(schema.file, same)).distinct()
    query = query.where(said.verdict == Verdict.REJECTED.value).order_by(_FILE.id)
    found: dict[str, FileRef] = {}
    for part in chunks(sorted(set(sha1s))):
        for row in connection.execute(query.where(said.sha1.in_(part))).mappings():
            found.setdefault(row["sha1"], file_ref(dict(row)))
    return found


def told_outcome(connection: sa.Connection, mid: Mid) -> StoredOutcome | None:
    """The outcome that is told of a file; None where nobody looked at it."""
    found = with_suggestions(connection, _TOLD, {"mid": mid})
    return found[0] if found else None


def with_suggestions(
    connection: sa.Connection,
    query: sa.Select[tuple[object, ...]],
    values: Mapping[str, str] | None = None,
) -> list[StoredOutcome]:
    """The outcomes that a query for ``COLUMNS`` finds with these values, in its order."""
    rows = [dict(row) for row in connection.execute(query, values).mappings()]
    suggestions = suggestions_of(connection, [row["id"] for row in rows])
    return [stored_outcome(row, suggestions[row["id"]]) for row in rows]


def suggestions_of(connection: sa.Connection, outcome_ids: Sequence[int]) -> dict[int, list[Row]]:
    """Rows of suggestions by the outcome's row id, in the order of rank."""
    found: dict[int, list[Row]] = defaultdict(list)
    for ids in chunks(outcome_ids):
        for row in connection.execute(_SUGGESTIONS, {"ids": ids}).mappings():
            found[row["outcome_id"]].append(dict(row))
    return found


def outcome_counts(connection: sa.Connection) -> dict[str, int]:
    """How many outcomes of each kind are stored."""
    query = sa.select(_OUTCOME.kind, sa.func.count()).group_by(_OUTCOME.kind)
    return {row[0]: row[1] for row in connection.execute(query)}
