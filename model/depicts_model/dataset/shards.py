"""Rows as Parquet: one schema, shards of a bounded number of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from depicts_model.dataset.rows import Row
from depicts_model.types import Qid

BATCH: Final = 1_000
"""Rows that are in memory at a time, and of a row group: at most."""
WITH_PICTURES: Final = 64
"""The same where pictures are read."""
BYTES: Final = 64 << 20
"""Of pictures so many are in memory at a time for each file that is written, and in a row group:
1,000 pictures of a megabyte in each of three splits would fill a small container."""
TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")

_ITEMS: Final = pa.list_(pa.string())
ROW: Final = pa.schema(
    [
        ("file", pa.string()),
        ("source", pa.string()),
        ("things", pa.list_(_ITEMS)),
        ("refused", _ITEMS),
        ("sha1", pa.string()),
        ("uploader", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("texts", pa.map_(pa.string(), pa.string())),
        ("location", pa.string()),
        ("image", pa.binary()),
        ("hash", pa.uint64()),
    ]
)
"""A column for each field of `Row`."""
SHARD: Final = ROW.append(pa.field("unit", pa.string()))
"""And the unit that was never parted: files of one unit are on one side."""


def table_of(rows: Sequence[Row], units: Sequence[str] | None = None) -> pa.Table:
    """The rows as a table; with a unit for each, as in a shard."""
    columns = {name: [getattr(row, name) for row in rows] for name in ROW.names}
    columns["texts"] = [list(row.texts.items()) for row in rows]
    columns["time"] = [row.time and row.time.astimezone(UTC) for row in rows]
    if units is None:
        return pa.table(columns, ROW)
    return pa.table({**columns, "unit": list(units)}, SHARD)


def rows_of(table: pa.Table | pa.RecordBatch) -> Iterator[Row]:
    """The rows of a table of either schema; columns that were not read are absent values."""
    for found in table.to_pylist():
        found.pop("unit", None)
        yield _row(found)


def _row(found: dict[str, Any]) -> Row:
    things = tuple(tuple(map(Qid, thing)) for thing in found.pop("things"))
    refused = tuple(map(Qid, found.pop("refused", None) or ()))
    texts = dict(found.pop("texts", None) or ())
    return Row(things=things, refused=refused, texts=texts, **found)


class Waiting:
    """Rows that wait to be written together."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._bytes = 0

    def add(self, row: Row) -> None:
        """One row more."""
        self._rows.append(row)
        self._bytes += len(row.image or b"")

    def is_full(self, most: int = BATCH) -> bool:
        """Whether they are ``most`` rows, or their pictures `BYTES`, or more."""
        return len(self._rows) >= most or self._bytes >= BYTES

    def taken(self) -> list[Row]:
        """All of them; none waits any more."""
        rows, self._rows, self._bytes = self._rows, [], 0
        return rows


def batches_of(file: pq.ParquetFile, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    """A file's rows, few at a time where pictures are among the columns. None: all columns."""
    with_pictures = columns is None or "image" in columns
    yield from file.iter_batches(WITH_PICTURES if with_pictures else BATCH, columns=columns)


class Shards:
    """Writes rows to ``<split>-00000.parquet`` and on, each of at most ``most`` rows."""

    def __init__(self, folder: Path, split: str, most: int) -> None:
        self._folder, self._split, self._most = folder, split, most
        self._waiting = Waiting()
        self._units: list[str] = []
        self._writer: pq.ParquetWriter | None = None
        self._in_shard = 0
        self.files: list[tuple[str, int]] = []
        """Name and rows of each shard."""

    def add(self, row: Row, unit: str) -> None:
        """One row more."""
        self._waiting.add(row)
        self._units.append(unit)
        if self._waiting.is_full(min(BATCH, self._most - self._in_shard)):
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._end()

    def _flush(self) -> None:
        rows, units = self._waiting.taken(), self._units
        if not rows:
            return
        if self._writer is None:
            name = f"{self._split}-{len(self.files):05}.parquet"
            self._writer = writer(self._folder / name, SHARD)
            self.files.append((name, 0))
        self._writer.write_table(table_of(rows, units))
        self._in_shard += len(rows)
        self.files[-1] = (self.files[-1][0], self._in_shard)
        self._units = []
        if self._in_shard == self._most:
            self._end()

    def _end(self) -> None:
        if self._writer:
            self._writer.close()
        self._writer, self._in_shard = None, 0


def writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Of a Parquet file, packed with zstd; the same rows make the same bytes."""
    return pq.ParquetWriter(path, schema, compression="zstd")
