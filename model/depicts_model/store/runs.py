"""Runs of the bot and of jobs, and how far each source was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.errors import StoreError
from depicts_model.store import schema
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import RunRecord

BOT_RUN: Final = "bot"
"""Kind of a run that looks at new uploads."""
_RUN: Final = schema.run.c
_CHECKPOINT: Final = schema.checkpoint.c


class Runs(Transactions):
    """What ran when, with what, and what it counted."""

    def start_run(self, kind: str, version: str, inputs: Mapping[str, object]) -> int:
        """Record that a run of this kind begins; ``inputs`` must be fit for JSON."""
        row = {"kind": kind, "version": version, "inputs": dict(inputs)}
        return self._write(_start, {**row, "started": datetime.now(UTC)})

    def finish_run(self, run_id: int, counts: Mapping[str, int]) -> None:
        """Record that a run ended, and what it counted."""
        self._write(_finish, run_id, datetime.now(UTC), dict(counts))

    def last_inputs(self, kind: str) -> Mapping[str, Any]:
        """Inputs of the newest run of this kind, ended or not; empty where there was none."""
        return self._read(_last_inputs, kind)

    def last_runs(self, limit: int, kind: str | None = None) -> list[RunRecord]:
        """The newest runs, of one kind where asked, the newest first."""
        return self._read(_last_runs, limit, kind)

    def checkpoint(self, source: str) -> str | None:
        """How far this source was read; None where it never was."""
        return self._read(_how_far, source)


def _start(connection: sa.Connection, row: dict[str, object]) -> int:
    key = connection.execute(sa.insert(schema.run).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def _finish(
    connection: sa.Connection, run_id: int, at: datetime, counts: Mapping[str, int]
) -> None:
    change = sa.update(schema.run).where(_RUN.id == run_id)
    if connection.execute(change.values(finished=at, counts=counts)).rowcount != 1:
        raise StoreError(f"no run {run_id}")


def _last_inputs(connection: sa.Connection, kind: str) -> Mapping[str, Any]:
    query = sa.select(_RUN.inputs).where(_RUN.kind == kind).order_by(_RUN.id.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none() or {}


def _last_runs(connection: sa.Connection, limit: int, kind: str | None) -> list[RunRecord]:
    query = sa.select(schema.run).order_by(_RUN.id.desc()).limit(limit)
    rows = connection.execute(query if kind is None else query.where(_RUN.kind == kind))
    return [
        RunRecord(row.id, row.kind, row.version, row.started, row.finished, row.counts or {})
        for row in rows
    ]


def set_checkpoint(connection: sa.Connection, source: str, value: str, at: datetime) -> None:
    """Keep how far this source was read."""
    row = {"source": source, "value": value, "at": at}
    upsert(connection, schema.checkpoint, [row], ("source",), "value", "at")


def _how_far(connection: sa.Connection, source: str) -> str | None:
    query = sa.select(_CHECKPOINT.value).where(_CHECKPOINT.source == source)
    return connection.execute(query).scalar_one_or_none()
