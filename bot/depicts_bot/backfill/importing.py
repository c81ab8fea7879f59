"""From shards into the store, for the service to tell: as if the bot had looked, at its own pace.

What the store knows better stays: a newer revision, a page that is gone, what this model has found
already. So shards may be imported again, and after a kill it goes on: behind the first shards that
are stored as they are now.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import compress
from pathlib import Path
from typing import Any, Final

import click
import pyarrow as pa
import pyarrow.parquet as pq

from depicts_bot import recording
from depicts_bot.backfill import shards
from depicts_bot.backfill.asking import Asking, Check, Results, as_listed
from depicts_bot.backfill.listed import fault_of
from depicts_bot.backfill.planning import Plan
from depicts_bot.budget import Budgeted, SpentError
from depicts_bot.closing import closed
from depicts_bot.opting_out import RECORD as OPT_OUTS
from depicts_bot.opting_out import read_opt_outs
from depicts_bot.progress import display
from depicts_bot.report import Tally
from depicts_bot.runner import Options, check_model, teller
from depicts_bot.site import connect
from depicts_bot.switching import RUN_SECONDS, StoppedError, Watch
from depicts_bot.turns import connected
from depicts_bot.wiki import chunks
from depicts_model.cache import EmbeddingCache
from depicts_model.errors import ArtefactError, ConfigurationError
from depicts_model.linker.cached import Forgetful, Memory, bytes_of
from depicts_model.linker.columns import outcome_of
from depicts_model.settings import Settings
from depicts_model.store import JOB_SECONDS, Store
from depicts_model.types import FileRef, Mid, Skipped

Json = dict[str, Any]

RUN: Final = "import"
READ: Final = 1_000
"""Rows in hand at once, of a shard: their files are asked about together."""
ROWS: Final = 200
"""Files a transaction: who decides meanwhile waits for no longer than that takes."""
SHARE: Final = 0.5
"""Of the time in which the database works for us; the rest of it is the service's alone."""
VECTOR: Final = "vector"
_NAMESPACE: Final = "File:"
_TO_GO_ON: Final = "the same command goes on from here"


def import_shards(settings: Settings, out: Path, trusting: bool = False) -> None:
    """Store what finished shards say; raises DepictsError naming what cannot be read or stored.

    ``trusting``: take the list's word for it that its files are ours to look at.
    """
    plan = Plan.read(out)
    check_model(plan.demo, settings, Options())
    finished = _finished(plan, out)
    with Store.open(settings.database_url, JOB_SECONDS) as store, _memory(settings) as memory:
        try:
            check, told = (as_listed, {}) if trusting else _asking(settings, plan, store)
            begun = {"files": plan.files, "rows": plan.rows, **told}
            run = store.start_run(RUN, plan.model, begun)
            _Import(store, memory, run, plan, check).all(finished)
        except StoppedError as error:
            click.echo(recording.stopped(settings, error.switch))
        except SpentError as error:
            click.echo(f"ended: {error}; {_TO_GO_ON}")


def _asking(settings: Settings, plan: Plan, store: Store) -> tuple[Check, Json]:
    """Who asks the wiki, and what the record keeps of it; raises StoppedError, too."""
    wiki = connected(lambda: connect(settings), store)
    watch = Watch(wiki, settings.switch_page, RUN_SECONDS, teller(store))
    watch.check()
    opt_outs = read_opt_outs(wiki, settings.opt_out_page)
    budgeted = Budgeted(wiki, settings.requests_per_run)
    check = Asking(budgeted, watch, store, plan.model, settings.thumbnail_width, opt_outs)
    return check, {"wiki": settings.wiki_api, OPT_OUTS: opt_outs.record()}


@dataclass(frozen=True, slots=True)
class _Finished:
    """A shard that can be stored."""

    path: Path
    rows: int
    sha256: str

    def verify(self) -> None:
        """Raises ArtefactError where it is another one than its manifest tells of."""
        if shards.digest(self.path) != self.sha256:
            raise ArtefactError(
                f"{self.path}: is not what its manifest says; delete it, and the backfill makes"
                " it anew"
            )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Its rows, some at a time."""
        with pq.ParquetFile(self.path) as file:
            yield from file.iter_batches(READ)


def _finished(plan: Plan, out: Path) -> list[_Finished]:
    """What others are there is said."""
    found, missing = [], 0
    for shard in plan.shards:
        manifest = shards.read_manifest(out, shard.name)
        if manifest is None:
            missing += 1
        else:
            path = out / f"{shard.name}{shards.ROWS}"
            found.append(_Finished(path, manifest["rows"], manifest["sha256"]))
    if missing:
        told = f"{missing} of {missing + len(found)} shards are not finished, and left out"
        click.echo(f"{out}: {told}", err=True)
    return found


@dataclass(frozen=True, slots=True)
class _Import:
    """One import, and where it stands."""

    store: Store
    memory: Memory
    run: int
    plan: Plan
    check: Check
    tally: Tally = field(default_factory=Tally)

    def all(self, finished: Sequence[_Finished]) -> None:
        """Store all shards, and tell what became of their files."""
        shown = display(f"run {self.run}")
        try:
            with closed(self.store, self.run, self.tally.counts):
                for _ in self._stored(finished):
                    shown.show(self.tally, self.tally.listed / self.plan.rows)
        finally:
            shown.close()
            click.echo(f"run {self.run}, model {self.plan.model}: {self.tally.line()}")

    def _stored(self, finished: Sequence[_Finished]) -> Iterator[None]:
        """Yields after each batch that is stored."""
        source = f"{RUN}:{hashlib.sha256(repr(asdict(self.plan)).encode()).hexdigest()}"
        marks = [*_marks(finished)]
        mark = self.store.checkpoint(source)
        first = 1 + marks.index(mark) if mark in marks else 0
        self.tally.add_done(sum(shard.rows for shard in finished[:first]))
        for shard, reached in zip(finished[first:], marks[first:], strict=True):
            shard.verify()
            for batch in shard.batches():
                self._batch(batch, shard.path)
                yield
            self.store.save_batch(self.run, self.plan.model, (), (source, reached))

    def _batch(self, batch: pa.RecordBatch, path: Path) -> None:
        version = self.plan.model
        rows = batch.drop_columns([VECTOR]).to_pylist()
        good = [fault_of(row) is None for row in rows]
        results: Results = [
            (_file(row, path), outcome_of(row, version)) for row in compress(rows, good)
        ]
        for row, is_good in zip(rows, good, strict=True):
            if not is_good:
                self.tally.add(outcome_of(row, version))
        kept = self._kept(results)
        self._remember(batch, {(file.mid, file.sha1) for file, _ in kept})

    def _kept(self, results: Results) -> Results:
        """Store what the check lets through, and count; those that are looked at from now on."""
        sight = self.check(results)
        for some in chunks(sight.now, ROWS):
            with _rest():
                self.store.save_batch(self.run, self.plan.model, some)
        kept = [*sight.now]
        for some in chunks(sight.listed, ROWS):
            with _rest():
                kept += self.store.import_batch(self.run, self.plan.model, some)
        for _, outcome in kept:
            self.tally.add(outcome)
        self.tally.add_done(len(results) - len(kept))
        return [(file, outcome) for file, outcome in kept if not isinstance(outcome, Skipped)]

    def _remember(self, batch: pa.RecordBatch, kept: Container[tuple[str, str]]) -> None:
        columns = (batch.column(name) for name in ("mid", "sha1", "key", VECTOR))
        self.memory.put(
            {
                key.as_py(): bytes_of(vector.values)
                for mid, sha1, key, vector in zip(*columns, strict=True)
                if vector.is_valid and (mid.as_py(), sha1.as_py()) in kept
            }
        )


def _marks(finished: Iterable[_Finished]) -> Iterator[str]:
    """Of each shard, what tells it and those before it from others in their place."""
    so_far = hashlib.sha256()
    for shard in finished:
        so_far.update(f"{shard.path.name} {shard.sha256}\n".encode())
        yield so_far.hexdigest()


@contextmanager
def _rest() -> Iterator[None]:
    """Then the database rests."""
    began = time.monotonic()
    yield
    time.sleep((time.monotonic() - began) * (1 - SHARE) / SHARE)


def _file(row: Json, path: Path) -> FileRef:
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
