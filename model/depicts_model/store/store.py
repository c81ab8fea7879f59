"""The store's one face: each method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

import sqlalchemy as sa

from depicts_model.errors import StoreError
from depicts_model.store import browsing, files, schema, verdicts
from depicts_model.store.browsing import OutcomeFilter, OutcomePage
from depicts_model.store.engine import is_missing, open_engine, open_to_read, reading, writing
from depicts_model.store.outcomes import KINDS, StoredOutcome
from depicts_model.store.upsert import upsert
from depicts_model.types import Decision, FileRef, Mid, Outcome

BOT_RUN: Final = "bot"
"""Kind of a run that looks at new uploads."""
_COUNTED: Final = {
    "files": schema.file,
    "suggestions": schema.suggestion,
    "decisions": schema.decision,
    "requests": schema.request,
    "runs": schema.run,
}


class Store:
    """What happened, in a database. Safe for many threads; every error is a StoreError."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at this SQLAlchemy address and bring its schema up to date."""
        return cls(open_engine(url))

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
        version = sa.table("alembic_version", sa.column("version_num", sa.String))
        with reading(self._engine) as connection:
            return str(connection.execute(sa.select(version.c.version_num)).scalar_one())

    def start_run(self, kind: str, version: str, inputs: Mapping[str, object]) -> int:
        """Record that a run of this kind begins; ``inputs`` must be fit for JSON."""
        row = {"kind": kind, "version": version, "inputs": dict(inputs), "started": _now()}
        with writing(self._engine) as connection:
            key = connection.execute(sa.insert(schema.run).values(row)).inserted_primary_key
            return int(key[0]) if key else 0

    def finish_run(self, run_id: int, counts: Mapping[str, int]) -> None:
        """Record that a run ended, and what it counted."""
        change = sa.update(schema.run).where(schema.run.c.id == run_id)
        with writing(self._engine) as connection:
            done = connection.execute(change.values(finished=_now(), counts=dict(counts)))
            if done.rowcount != 1:
                raise StoreError(f"no run {run_id}")

    def last_inputs(self, kind: str) -> Mapping[str, Any]:
        """Inputs of the newest run of this kind, ended or not; empty where there was none."""
        columns = schema.run.c
        query = sa.select(columns.inputs).where(columns.kind == kind).order_by(columns.id.desc())
        with reading(self._engine) as connection:
            return connection.execute(query.limit(1)).scalar_one_or_none() or {}

    def done(self, model_version: str, files_: Sequence[tuple[Mid, str]]) -> set[tuple[Mid, str]]:
        """Those (mid, sha1) with a final outcome; a Failed to be retried is not final."""
        with reading(self._engine) as connection:
            return files.final_pairs(connection, model_version, files_)

    def due(self, model_version: str, limit: int) -> list[FileRef]:
        """Files that failed and are to be looked at again, the longest waiting first."""
        with reading(self._engine) as connection:
            return files.due_files(connection, model_version, limit)

    def save_batch(
        self,
        run_id: int,
        model_version: str,
        results: Sequence[tuple[FileRef, Outcome]],
        checkpoint: tuple[str, str] | None = None,
    ) -> int:
        """Keep these outcomes and the checkpoint (source, value): all, or nothing.

        Idempotent on (mid, sha1, model_version): a final outcome stays as it is, a failure to
        be retried is replaced. Returns how many outcomes are new. Requests for these files end.
        """
        with writing(self._engine) as connection:
            new = files.add_outcomes(connection, run_id, model_version, results, _now())
            verdicts.dequeue(connection, {file.mid for file, _ in results})
            if checkpoint:
                self._set_checkpoint(connection, *checkpoint)
            return new

    def _set_checkpoint(self, connection: sa.Connection, source: str, value: str) -> None:
        row = {"source": source, "value": value, "at": _now()}
        upsert(connection, schema.checkpoint, [row], ("source",), "value", "at")

    def checkpoint(self, source: str) -> str | None:
        """How far this source was read; None where it never was."""
        columns = schema.checkpoint.c
        query = sa.select(columns.value).where(columns.source == source)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def latest(self, mid: Mid) -> StoredOutcome | None:
        """The newest outcome of a file's newest version, whichever model found it."""
        with reading(self._engine) as connection:
            found = files.newest_outcomes(connection, limit=1, mid=mid)
        return found[0] if found else None

    def recent(
        self, limit: int, offset: int = 0, outcome: str | None = None
    ) -> list[StoredOutcome]:
        """Outcomes, newest first; ``outcome`` is one of suggested, nothing, skipped, failed."""
        if outcome is not None and outcome not in KINDS:
            raise StoreError(f"unknown kind of outcome: {outcome!r}; known: {', '.join(KINDS)}")
        with reading(self._engine) as connection:
            return files.newest_outcomes(connection, limit, offset, kind=outcome)

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
        with reading(self._engine) as connection:
            return browsing.page(connection, wanted, size, before, after)

    def count_files(self, wanted: OutcomeFilter) -> dict[str, int]:
        """How many files ``browse`` would go through, by the kind of their outcome."""
        with reading(self._engine) as connection:
            return dict.fromkeys(KINDS, 0) | browsing.counts(connection, wanted)

    def add_decisions(self, key: str, decisions: Sequence[Decision], model_version: str) -> int:
        """Keep people's decisions; returns how many are new or changed.

        Under one key an item of a file has one verdict, the last. A replay adds nothing; a
        revision that follows later is added to its verdict.
        """
        with writing(self._engine) as connection:
            return verdicts.add_decisions(connection, key, decisions, model_version)

    def decisions(self, mid: Mid) -> list[Decision]:
        """What people decided about a file, oldest first."""
        with reading(self._engine) as connection:
            return verdicts.decisions_on(connection, mid)

    def request(self, mid: Mid) -> int:
        """Ask that a file be looked at; returns its place in the queue, from 1."""
        with writing(self._engine) as connection:
            return verdicts.enqueue(connection, mid, _now())

    def place(self, mid: Mid) -> int | None:
        """The place of a file in the queue, from 1; None where nobody asked for it."""
        with reading(self._engine) as connection:
            return verdicts.place(connection, mid)

    def pending_requests(self, limit: int) -> list[Mid]:
        """Files asked for and not looked at since, the longest waiting first."""
        with reading(self._engine) as connection:
            return verdicts.queued(connection, limit)

    def queue_length(self) -> int:
        """How many files wait."""
        with reading(self._engine) as connection:
            return _rows(connection, schema.request)

    def counts(self) -> dict[str, int]:
        """Rows by subject, and outcomes by kind."""
        with reading(self._engine) as connection:
            found = dict.fromkeys(KINDS, 0) | files.outcome_counts(connection)
            for name, table in _COUNTED.items():
                found[name] = _rows(connection, table)
        return found


def _now() -> datetime:
    return datetime.now(UTC)


def _rows(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
