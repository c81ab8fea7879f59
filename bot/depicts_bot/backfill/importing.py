"""From shards into the store, for the service to tell: as if the bot had looked, at its own pace.

What the store knows better stays: a newer revision, a page that is gone, what this model has found
already. So shards may be imported again, and after a kill it goes on: behind the first shards that
are stored as they are now.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import click
import pyarrow as pa
import pyarrow.parquet as pq

from depicts_bot import recording
from depicts_bot.backfill import shards
from depicts_bot.backfill.asking import Asking, AsListed, Check, Results, pieces
from depicts_bot.backfill.listed import BAD_ROW, fault_of
from depicts_bot.backfill.planning import Plan
from depicts_bot.budget import Budgeted, SpentError
from depicts_bot.closing import closed
from depicts_bot.opting_out import RECORD as OPT_OUTS
from depicts_bot.opting_out import read_opt_outs
from depicts_bot.progress import display
from depicts_bot.report import DONE, LISTED, Tally
from depicts_bot.runner import Options, check_model, teller
from depicts_bot.site import connect
from depicts_bot.switching import RUN_SECONDS, StoppedError, Watch
from depicts_bot.turns import connected
from depicts_bot.wiki import chunks, limit
from depicts_model.cache import EmbeddingCache
from depicts_model.errors import ArtefactError, ConfigurationError
from depicts_model.linker.cached import Forgetful, Memory, bytes_of
from depicts_model.linker.columns import outcome_of
from depicts_model.settings import Settings
from depicts_model.store import JOB_SECONDS, Store
from depicts_model.types import Failed, FileRef, Mid, Skipped

Json = dict[str, Any]

RUN: Final = "import"
READ: Final = 1_000
"""Rows in hand at once, of a shard."""
ROWS: Final = 200
"""Files a transaction: who decides meanwhile waits for no longer than that takes."""
SHARE: Final = 0.5
"""Of the time in which the database works for us; the rest of it is the service's alone."""
VECTOR: Final = "vector"
_NAMESPACE: Final = "File:"
_TO_GO_ON: Final = "the same command goes on from here"
_IN_VAIN: Final = "nothing was stored: raise requests_per_run"


def import_shards(settings: Settings, out: Path, trusting: bool = False) -> None:
    """Store what finished shards say; raises DepictsError naming what cannot be read or stored.

    ``trusting``: take the list's word for it that its files are ours to look at.
    """
    plan = Plan.read(out)
    check_model(plan.demo, settings, Options())
    finished = _finished(plan, out)
    with Store.open(settings.database_url, JOB_SECONDS) as store, _memory(settings) as memory:
        tally = Tally()
        try:
            check, told = (AsListed(ROWS), {}) if trusting else _asking(settings, plan, store)
            begun = {"files": plan.files, "rows": plan.rows, **told}
            run = store.start_run(RUN, plan.model, begun)
            _Import(store, memory, run, plan, check, tally).all(finished)
        except StoppedError as error:
            click.echo(recording.stopped(settings, error.switch))
        except SpentError as error:
            stored = {*tally.counts()} - {LISTED, DONE}
            click.echo(f"ended: {error}; {_TO_GO_ON if stored else _IN_VAIN}")


def _asking(settings: Settings, plan: Plan, store: Store) -> tuple[Check, Json]:
    """Who asks the wiki, and what the record keeps of it; raises StoppedError, too."""
    wiki = connected(lambda: connect(settings), store)
    watch = Watch(wiki, settings.switch_page, RUN_SECONDS, teller(store))
    watch.check()
    opt_outs = read_opt_outs(wiki, settings.opt_out_page)
    budgeted = Budgeted(wiki, settings.requests_per_run)
    width, most = settings.thumbnail_width, min(settings.batch_size, limit(wiki))
    check = Asking(budgeted, watch, store, plan.model, width, most, opt_outs)
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
    tally: Tally

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
        good = [row for row in rows if _fault(row) is None]
        files = [_file(row, path) for row in good]
        results = [*zip(files, (outcome_of(row, version) for row in good), strict=True)]
        vectors = _Vectors(batch, {(row["mid"], row["sha1"]): n for n, row in enumerate(rows)})
        for piece in pieces(results, self.check.most):
            self._piece(piece, vectors)
        for fault in filter(None, map(_fault, rows)):
            self.tally.add(Failed(fault))

    def _piece(self, results: Results, vectors: _Vectors) -> None:
        """Store what the check lets through; each transaction is counted as it is made."""
        sight = self.check(results)
        for some in chunks(sight.now, ROWS):
            with _rest():
                self.store.save_batch(self.run, self.plan.model, some)
            self._count(some, vectors)
        for some in chunks(sight.listed, ROWS):
            with _rest():
                kept = self.store.import_batch(self.run, self.plan.model, some)
            self._count(kept, vectors)
            self.tally.add_done(len(some) - len(kept))
        self.tally.add_done(len(results) - len(sight.now) - len(sight.listed))

    def _count(self, kept: Results, vectors: _Vectors) -> None:
        for _, outcome in kept:
            self.tally.add(outcome)
        # nothing is kept of pictures that are not ours to look at
        seen = [file for file, outcome in kept if not isinstance(outcome, Skipped)]
        self.memory.put(vectors.of((file.mid, file.sha1) for file in seen))


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Those of a batch."""

    batch: pa.RecordBatch
    numbers: Mapping[tuple[str, str], int]
    """Of its rows, by id and SHA-1."""

    def of(self, files: Iterable[tuple[str, str]]) -> dict[bytes, bytes]:
        """The vectors of those files that have one, by key of the embedding cache."""
        keys, vectors = self.batch.column("key"), self.batch.column(VECTOR)
        numbers = [self.numbers[file] for file in files]
        there = [number for number in numbers if vectors[number].is_valid]
        return {keys[number].as_py(): bytes_of(vectors[number].values) for number in there}


def _fault(row: Json) -> str | None:
    """Why a row names no file, or was not looked at for what else the list said of it."""
    error = row["error"] or ""
    return fault_of(row) or (error if error.startswith(BAD_ROW) else None)


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
