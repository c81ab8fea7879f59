"""One file, one row: what several sources, or one of them twice, say of a file is put together.

Two rows are of one file where they name it alike and no two different sha1s: another version shows
other things. A row without a sha1 (a dump has none) is of the newest version that others know. What
the rows show is united, but what two people refused is taken off, whichever source says it.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from depicts_model.dataset.rows import Row, Things, mark
from depicts_model.types import Qid

Numbered = tuple[int, Row]
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def repeated(marks: array[int]) -> frozenset[int]:
    """Those that occur more than once."""
    values, counts = np.unique(np.array(marks, dtype=np.uint64), return_counts=True)
    return frozenset(values[counts > 1].tolist())


def instead(rows: Iterable[Row], wanted: Collection[int]) -> dict[int, Row | None]:
    """By its number from 0, what takes a row's place; None: nothing does. Absent: it stays.

    ``wanted``: the `mark`s of the files that may have several rows, of which alone the rows are in
    memory. Pictures are nobody's concern here: the place is that of the row with the picture.
    """
    found: dict[str, list[Numbered]] = {}
    for number, row in enumerate(rows):
        if mark(row.file) in wanted:
            found.setdefault(row.file, []).append((number, row))
    made: dict[int, Row | None] = {}
    for version in (version for of_file in found.values() for version in _versions(of_file)):
        if len(version) > 1:
            made.update((number, None) for number, _ in version)
            place = next((number for number, row in version if row.hash is not None), version[0][0])
            made[place] = joined(sorted(version, key=lambda one: one[0] != place))
    return made


def joined(rows: Sequence[Numbered]) -> Row:
    """What all of them say; where only one value can be, it is the first's that has one."""
    ordered = [row for _, row in rows]
    refused = tuple(sorted({qid for row in ordered for qid in row.refused}))
    return replace(
        ordered[0],
        things=_united(ordered, refused),
        refused=refused,
        sha1=next((row.sha1 for row in ordered if row.sha1), ""),
        uploader=next((row.uploader for row in ordered if row.uploader), ""),
        time=next((row.time for row in ordered if row.time), None),
        texts={tag: text for row in reversed(ordered) for tag, text in row.texts.items()},
        location=next((row.location for row in ordered if row.location), ""),
    )


def _versions(rows: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """The rows of a file by its versions, each in the rows' order."""
    known = sorted({row.sha1 for _, row in rows if row.sha1}, key=lambda sha1: _newest(rows, sha1))
    last = known[-1] if known else ""
    for sha1 in known or [""]:
        yield [one for one in rows if one[1].sha1 == sha1 or (sha1 == last and not one[1].sha1)]


def _newest(rows: Sequence[Numbered], sha1: str) -> tuple[datetime, str]:
    """Of a version: its time, as far as it is known; of two of one time always the same is last."""
    return max((row.time or _NEVER for _, row in rows if row.sha1 == sha1), default=_NEVER), sha1


def _united(rows: Sequence[Row], refused: Collection[Qid]) -> Things:
    """Without refused items; alternatives of which another row names fewer are settled by it."""
    found: dict[frozenset[Qid], tuple[Qid, ...]] = {}
    for thing in (thing for row in rows for thing in row.things):
        if left := tuple(qid for qid in thing if qid not in refused):
            found.setdefault(frozenset(left), left)
    return tuple(left for names, left in found.items() if not any(one < names for one in found))
