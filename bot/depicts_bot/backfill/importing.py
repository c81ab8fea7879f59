"""From shards into the store, for the service to tell: as if the bot had looked, at its own pace.

What the store knows better stays: a newer revision, a page that is gone, what this model has found
already. So shards may be imported again, and after a kill it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any, Final

import click
import pyarrow as pa
import pyarrow.parquet as pq

from depicts_bot.backfill import shards
from depicts_bot.backfill.listed import fault_of
from depicts_bot.backfill.planning import Plan
from depicts_bot.closing import closed
from depicts_bot.progress import Display, display
from depicts_bot.report import Tally
from depicts_bot.runner import Options, check_model
from depicts_model.cache import EmbeddingCache
from depicts_model.errors import ArtefactError, ConfigurationError
from depicts_model.linker.cached import Forgetful, Memory, bytes_of
from depicts_model.linker.columns import outcome_of
from depicts_model.settings import Settings
from depicts_model.store import JOB_SECONDS, Store
from depicts_model.types import FileRef, Mid, Outcome

Row = dict[str, Any]
Results = Sequence[tuple[FileRef, Outcome]]

RUN: Final = "import"
ROWS: Final = 200
"""Files a transaction: who decides meanwhile waits for no longer than that takes."""
SHARE: Final = 0.5
"""Of the time in which the database works for us; the rest of it is the service's alone."""
VECTOR: Final = "vector"
_NAMESPACE: Final = "File:"


def import_shards(settings: Settings, out: Path) -> None:
    """Store what finished shards say; raises DepictsError naming what cannot be read or stored."""
    plan = Plan.read(out)
    check_model(plan.demo, settings, Options())
    finished, unfinished = _finished(plan, out)
    if unfinished:
        whole = unfinished + len(finished)
        told = f"{out}: {unfinished} of {whole} shards are not finished, and left out"
        click.echo(told, err=True)
    tally = Tally()
    with Store.open(settings.database_url, JOB_SECONDS) as store, _memory(settings) as memory:
        run = store.start_run(RUN, plan.model, {"files": plan.files, "rows": plan.rows})
        shown = display(f"run {run}")
        work = _Import(store, memory, run, plan, tally, shown)
        try:
            with closed(store, run, tally.counts):
                for path in finished:
                    work.shard(path)
        finally:
            shown.close()
            click.echo(f"run {run}, model {plan.model}: {tally.line()}")


@dataclass(frozen=True, slots=True)
class _Import:
    """One import, and where it stands."""

    store: Store
    memory: Memory
    run: int
    plan: Plan
    tally: Tally
    shown: Display

    def shard(self, path: Path) -> None:
        """Store a shard, a few rows at a time, and rest as long as that took."""
        _verify(path)
        for batch in _batches(path):
            self._batch(batch, path)
            self.shown.show(self.tally, self.tally.listed / self.plan.rows)

    def _batch(self, batch: pa.RecordBatch, path: Path) -> None:
        version = self.plan.model
        rows = batch.drop_columns([VECTOR]).to_pylist()
        outcomes = [outcome_of(row, version) for row in rows]
        good = [fault_of(row) is None for row in rows]
        files = [_file(row, path) for row in compress(rows, good)]
        kept = self._stored([*zip(files, compress(outcomes, good), strict=True)])
        for _, outcome in kept:
            self.tally.add(outcome)
        for outcome, is_good in zip(outcomes, good, strict=True):
            if not is_good:
                self.tally.add(outcome)
        self.tally.add_done(len(files) - len(kept))
        self._remember(batch, {(file.mid, file.sha1) for file, _ in kept})

    def _stored(self, results: Results) -> Results:
        """What was kept; then the database rests."""
        began = time.monotonic()
        kept = self.store.import_batch(self.run, self.plan.model, results)
        if kept:
            time.sleep((time.monotonic() - began) * (1 - SHARE) / SHARE)
        return kept

    def _remember(self, batch: pa.RecordBatch, kept: Container[tuple[str, str]]) -> None:
        columns = (batch.column(name) for name in ("mid", "sha1", "key", VECTOR))
        self.memory.put(
            {
                key.as_py(): bytes_of(vector.values)
                for mid, sha1, key, vector in zip(*columns, strict=True)
                if vector.is_valid and (mid.as_py(), sha1.as_py()) in kept
            }
        )


def _finished(plan: Plan, out: Path) -> tuple[list[Path], int]:
    """The files of finished shards, and how many others there are."""
    found = [(shard, shards.read_manifest(out, shard.name)) for shard in plan.shards]
    paths = [out / f"{shard.name}{shards.ROWS}" for shard, manifest in found if manifest]
    return paths, len(found) - len(paths)


def _verify(path: Path) -> None:
    manifest = shards.read_manifest(path.parent, path.stem)
    if manifest is None or shards.digest(path) != manifest["sha256"]:
        raise ArtefactError(
            f"{path}: is not what its manifest says; delete it, and the backfill makes it anew"
        )


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(ROWS)


def _file(row: Row, path: Path) -> FileRef:
    for name in ("title", "revision", "uploaded"):
        if not row[name]:
            told = f"the list told no {name!r} of {row['mid']}, without which nothing is stored"
            raise ConfigurationError(f"{path}: {told}")
    return FileRef(
        mid=Mid(row["mid"]),
        title=_title(row["title"]),
        sha1=row["sha1"],
        revision=row["revision"],
        uploaded=row["uploaded"],
        thumb_url=row["thumb_url"] or "",
    )


def _title(text: str) -> str:
    """As the wiki's API tells it; dumps leave out the namespace and have no spaces."""
    return _NAMESPACE + text.replace("_", " ").removeprefix(_NAMESPACE)


def _memory(settings: Settings) -> AbstractContextManager[Memory]:
    if not settings.embedding_cache:
        return nullcontext(Forgetful())
    return EmbeddingCache(Path(settings.embedding_cache), settings.embedding_cache_mb * 1_000_000)
