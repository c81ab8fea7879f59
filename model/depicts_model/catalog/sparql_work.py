"""The work file of a catalog from a SPARQL service: beside the items, what is still to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from depicts_model.catalog.dump_work import Work

_QUEUE: Final = """
CREATE TABLE IF NOT EXISTS queue (step INTEGER, id INTEGER, progress INTEGER,
  PRIMARY KEY (step, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS queue_progress ON queue (step, progress, id);
"""
_WAITING: Final = 0
_ASKED_FOR: Final = 1
_DONE: Final = 2


class QueueWork(Work):
    """A work file with a queue of items for each step; nothing is kept until ``commit``."""

    schema: ClassVar[str] = Work.schema + _QUEUE
    tables: ClassVar[tuple[str, ...]] = (*Work.tables, "queue")

    def enqueue(self, step: int, ids: Iterable[int]) -> None:
        """To be asked for in this step; what was ever queued for it is not queued again."""
        rows = ((step, n, _WAITING) for n in ids)
        self._many("INSERT OR IGNORE INTO queue VALUES (?, ?, ?)", rows)

    def take(self, step: int, most: int) -> list[int]:
        """What is being asked for, where a page of it was committed; else up to ``most`` more."""
        begun = self._numbers(step, _ASKED_FOR, -1)
        if begun:
            return begun
        taken = self._numbers(step, _WAITING, most)
        self._mark(step, taken, _ASKED_FOR)
        return taken

    def put_back(self, step: int, ids: Iterable[int]) -> None:
        """Asked for later, from the first page."""
        self._mark(step, ids, _WAITING)

    def done(self, step: int, ids: Iterable[int]) -> None:
        """All pages about these are read."""
        self._mark(step, ids, _DONE)

    def members(self, step: int) -> frozenset[int]:
        """All that was ever queued for this step."""
        return self._ids(
            "SELECT id FROM queue WHERE step = (SELECT value FROM json_each(?))", [step]
        )

    def counts(self, step: int) -> tuple[int, int]:
        """How many are done, and how many were ever queued for this step."""
        query = "SELECT count(*) FILTER (WHERE progress = ?), count(*) FROM queue WHERE step = ?"
        found: tuple[int, int] = self._connection.execute(query, (_DONE, step)).fetchone()
        return found

    def _numbers(self, step: int, progress: int, most: int) -> list[int]:
        query = "SELECT id FROM queue WHERE step = ? AND progress = ? ORDER BY id LIMIT ?"
        return [n for (n,) in self._connection.execute(query, (step, progress, most))]

    def _mark(self, step: int, ids: Iterable[int], progress: int) -> None:
        rows = ((progress, step, n) for n in ids)
        self._many("UPDATE queue SET progress = ? WHERE step = ? AND id = ?", rows)
