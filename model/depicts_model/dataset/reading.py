"""Reads a data set, after it was verified: what the manifest says of its shards, and leaks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from depicts_model.dataset import leaks, manifest
from depicts_model.dataset.duplicates import Hashes
from depicts_model.dataset.inputs import sha256_of
from depicts_model.dataset.manifest import DatasetManifest
from depicts_model.dataset.rows import Row, mark
from depicts_model.dataset.shards import SHARD, SPLITS, batches_of, rows_of
from depicts_model.errors import ArtefactError


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set whose shards are those of its manifest."""

    folder: Path
    manifest: DatasetManifest

    def rows(self, split: str) -> Iterator[Row]:
        """The files of a split, in the data set's order; a few are in memory at a time."""
        for batch in self.batches(split):
            yield from rows_of(batch)

    def batches(self, split: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The same as tables; the columns are those of `shards.SHARD`, or some of them."""
        if split not in SPLITS:
            raise ValueError(f"no split {split!r}; there are {', '.join(SPLITS)}")
        for shard in self.manifest.shards:
            if shard.split == split:
                with pq.ParquetFile(self.folder / shard.name) as file:
                    yield from batches_of(file, columns)


def open_dataset(folder: Path) -> Dataset:
    """Open a data set for reading.

    Raises ArtefactError naming the folder where there is none, the manifest is not ours, or a
    shard is missing, damaged, or another than the manifest's.
    """
    found = Dataset(folder, manifest.read(folder))
    for shard in found.manifest.shards:
        path = folder / shard.name
        if Path(shard.name).name != shard.name or sha256_of(path) != shard.sha256:
            raise ArtefactError(f"{path}: is not the shard that the manifest names")
        if shard.split not in SPLITS or _count(path) != shard.rows:
            raise ArtefactError(f"{path}: not {shard.rows} files of {shard.split}")
    return found


def _count(path: Path) -> int:
    """Rows of a shard. Raises ArtefactError where it is none."""
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(SHARD):
                raise ArtefactError(f"{path}: has other columns than a shard")
            rows: int = file.metadata.num_rows
            return rows
    except pa.ArrowException as error:
        raise ArtefactError(f"{path}: not Parquet: {error}") from None


def check(dataset: Dataset) -> None:
    """Raise LeakError, or pass. A random split keeps only a file's own rows on one side."""
    if dataset.manifest.split == "random":
        leaks.check_values("files", values(dataset, "file"))
        return
    for column, what in leaks.COLUMNS.items():
        leaks.check_values(what, values(dataset, column))
    leaks.check_near({split: hashes(dataset, split) for split in SPLITS})
    if "time" in dataset.manifest.unit:
        leaks.check_time(spans(dataset))


def straddling(dataset: Dataset) -> dict[str, int]:
    """How many values of each kind are on two sides: what a random split lets through."""
    found = {}
    for column in ("uploader", "sha1"):
        common = leaks.shared(values(dataset, column)).values()
        found[leaks.COLUMNS[column]] = len(frozenset().union(*common))
    test = hashes(dataset, "test")
    found["near-duplicates of train in test"] = len(
        leaks.straddling(test, hashes(dataset, "train"))
    )
    return found


def values(dataset: Dataset, column: str) -> dict[str, frozenset[str]]:
    """By split, of what occurs in a column that which is on two sides; absent values count not.

    Eight bytes of memory a value, as long as next to nothing is: a dump has millions of files.
    """
    digests = {split: _digests(dataset, split, column) for split in SPLITS}
    twice = {
        n for one, other in combinations(digests.values(), 2) for n in np.intersect1d(one, other)
    }
    return {split: frozenset(_among(dataset, split, column, twice)) for split in SPLITS}


def _among(dataset: Dataset, split: str, column: str, digests: Collection[int]) -> Iterator[str]:
    if digests:
        found = _column(dataset, split, column)
        yield from (value for value in found if mark(value) in digests)


def _digests(dataset: Dataset, split: str, column: str) -> Hashes:
    found = (mark(value) for value in _column(dataset, split, column))
    return np.unique(np.fromiter(found, dtype=np.uint64))


def _column(dataset: Dataset, split: str, column: str) -> Iterator[str]:
    for batch in dataset.batches(split, [column]):
        yield from filter(None, batch.column(0).unique().to_pylist())


def hashes(dataset: Dataset, split: str) -> Hashes:
    """(m,) the perceptual hashes of a split's files, as far as there are any."""
    parts = [
        batch.column(0).drop_null().to_numpy(zero_copy_only=False)
        for batch in dataset.batches(split, ["hash"])
    ]
    return np.concatenate([np.empty(0, dtype=np.uint64), *parts]).astype(np.uint64)


def spans(dataset: Dataset) -> dict[str, tuple[datetime, datetime]]:
    """Split to the times of its oldest and its newest file; splits without any are absent."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for split in SPLITS:
        for batch in dataset.batches(split, ["time"]):
            least, most = (end.as_py() for end in pc.min_max(batch.column(0)).values())
            if least is not None:
                before = found.get(split, (least, most))
                found[split] = min(before[0], least), max(before[1], most)
    return found
