"""The store's one face: each method is one transaction (but ``prune``: it is many small ones).

Files and their outcomes are here; each other subject has a module of its own, with its methods.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa

from depicts_model.store import browsing, files, queue, refusals, runs, schema
from depicts_model.store.aging import Aging
from depicts_model.store.browsing import OutcomeFilter, OutcomePage
from depicts_model.store.claims import Claims
from depicts_model.store.counting import Counting, rows_of
from depicts_model.store.engine import is_missing, open_engine, open_to_read
from depicts_model.store.fates import Fates
from depicts_model.store.importing import Importing
from depicts_model.store.keeping import Latencies, Pauses
from depicts_model.store.notes import Notes
from depicts_model.store.outcomes import KINDS, StoredOutcome
from depicts_model.store.pruning import Pruning
from depicts_model.store.queue import Queue
from depicts_model.store.refusals import Refusals
from depicts_model.store.runs import Runs
from depicts_model.store.teaching import Teaching
from depicts_model.store.verdicts import Verdicts
from depicts_model.types import FileRef, Mid, Outcome, Qid

_COUNTED: Final = {
    "files": schema.file,
    "suggestions": schema.suggestion,
    "decisions": schema.decision,
    "requests": schema.request,
    "runs": schema.run,
}


class Store(
    Aging,
    Runs,
    Queue,
    Verdicts,
    Claims,
    Fates,
    Refusals,
    Teaching,
    Pauses,
    Notes,
    Latencies,
    Counting,
    Importing,
    Pruning,
):
    """What happened, in a database. Safe for many threads; every error is a StoreError."""

    @classmethod
    def open(cls, url: str, answer_seconds: int | None = None, *, keep: bool = False) -> Self:
        """Open the database at this SQLAlchemy address and bring its schema up to date.

        ``answer_seconds``: for who is waited for (``ANSWER_SECONDS``): a server that is silent for
        so long counts as lost. None for work that takes as long as it takes.
        ``keep``: for who asks all the time: one connection stays open between two questions.
        """
        return cls(open_engine(url, answer_seconds, keep=keep))

    @classmethod
    def open_to_read(cls, url: str) -> Self:
        """Open the database without changing anything; an older schema is a StoreError."""
        return cls(open_to_read(url))

    @staticmethod
    def is_missing(url: str) -> bool:
        """Whether ``open`` would have to make a new database there."""
        return is_missing(url)

    def close(self) -> None:
        """Give the connections back; the store may not be used afterwards."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ping(self) -> str:
        """The schema's revision; raises where the database does not answer."""
        return self._read(_revision)

    def done(self, model_version: str, files_: Sequence[tuple[Mid, str]]) -> set[tuple[Mid, str]]:
        """Those (mid, sha1) with a final outcome; a Failed to be retried is not final."""
        return self._read(files.final_pairs, model_version, files_)

    def due(self, model_version: str, now: datetime, limit: int) -> list[StoredOutcome]:
        """Failures to be looked at again whose wait is over, the longest waiting first."""
        return self._read(files.due_failures, model_version, now, limit)

    def save_batch(
        self,
        run_id: int,
        model_version: str,
        results: Sequence[tuple[FileRef, Outcome]],
        checkpoint: tuple[str, str] | None = None,
    ) -> int:
        """Keep these outcomes and the checkpoint (source, value): all, or nothing.

        Idempotent on (mid, sha1, model_version): a final outcome stays as it is, a failure to
        be retried is replaced, and that a page was missed. Returns how many outcomes are new.
        Requests for these files end.
        """

        def save(connection: sa.Connection) -> int:
            at = datetime.now(UTC)
            new = files.add_outcomes(connection, run_id, model_version, results, at)
            queue.dequeue(connection, {file.mid for file, _ in results})
            if checkpoint:
                runs.set_checkpoint(connection, *checkpoint, at)
            return new

        return self._write(save)

    def latest(self, mid: Mid) -> StoredOutcome | None:
        """The newest outcome of a file's newest version, whichever model found it."""
        return self._read(files.told_outcome, mid)

    def told(self, mid: Mid) -> tuple[StoredOutcome, frozenset[Qid]] | None:
        """What ``latest`` and ``refused`` say of a file, in one transaction."""
        return self._read(_told, mid)

    def refused_files(self, sha1s: Collection[str]) -> dict[str, FileRef]:
        """Of each content that somebody said no to, a file that has it, if one is known."""
        return self._read(files.refused_files, sha1s)

    def browse(
        self,
        wanted: OutcomeFilter,
        size: int,
        before: int | None = None,
        after: int | None = None,
    ) -> OutcomePage:
        """Files with the outcome that ``latest`` tells, each once, those last stored first.

        ``before`` and ``after`` are places that an earlier page named, one of them at the most.
        """
        return self._read(browsing.page, wanted, size, before, after)

    def count_files(self, wanted: OutcomeFilter) -> dict[str, int]:
        """How many files ``browse`` would go through, by the kind of their outcome."""
        return dict.fromkeys(KINDS, 0) | self._read(browsing.counts, wanted)

    def counts(self) -> dict[str, int]:
        """Rows by subject, and outcomes by kind."""
        return self._read(_counts)


def _told(connection: sa.Connection, mid: Mid) -> tuple[StoredOutcome, frozenset[Qid]] | None:
    found = files.told_outcome(connection, mid)
    return None if found is None else (found, refusals.shared(connection, found.file.sha1))


def _counts(connection: sa.Connection) -> dict[str, int]:
    found = dict.fromkeys(KINDS, 0) | files.outcome_counts(connection)
    return found | {name: rows_of(connection, table) for name, table in _COUNTED.items()}


def _revision(connection: sa.Connection) -> str:
    return str(connection.execute(sa.select(schema.version.c.version_num)).scalar_one())
