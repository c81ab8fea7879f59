"""From shards into the store, for the service to tell: as if the bot had looked, at its own pace.

What the store knows better stays: a newer revision, a page that is gone, what this model has found
already. So shards may be imported again, and after a kill it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
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
from depicts_model.types import FileRef, Mid

Row = dict[str, Any]

RUN: Final = "import"
ROWS: Final = 200
"""Files a transaction: who decides meanwhile waits for no longer than that takes."""
SHARE: Final = 0.5
"""Of the time in which the database works for us; the rest of it is the service's alone."""
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
            began = time.monotonic()
            self._rows(batch.to_pylist(), path)
            time.sleep((time.monotonic() - began) * (1 - SHARE) / SHARE)
            self.shown.show(self.tally, self.tally.listed / self.plan.rows)

    def _rows(self, rows: Sequence[Row], path: Path) -> None:
        version = self.plan.model
        good = [row for row in rows if fault_of(row) is None]
        results = [(_file(row, path), outcome_of(row, version)) for row in good]
        kept = self.store.import_batch(self.run, version, results)
        self.memory.put(
            {row["key"]: bytes_of(row["vector"]) for row in rows if row["vector"] is not None}
        )
        for _, outcome in kept:
            self.tally.add(outcome)
        self.tally.add_done(len(results) - len(kept))
        for row in rows:
            if fault_of(row) is not None:
                self.tally.add(outcome_of(row, version))


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
