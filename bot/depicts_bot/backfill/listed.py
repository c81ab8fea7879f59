"""The list of a backfill: Parquet files of rows that each name a file, cut into shards.

Columns: ``mid``, ``sha1`` (hexadecimal), and where the picture is, ``path`` on this machine or
``thumb_url`` as the wiki's API gave it; where there are: ``title``, ``revision`` of the file's page
and ``uploaded`` (UTC), without which the shards cannot be imported; ``depicts`` (items that the
file is said to depict already). Other columns are not read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from depicts_bot.backfill import shards
from depicts_model.errors import ArtefactError
from depicts_model.types import parse_mid, parse_qid

_SHA1: Final = re.compile(r"[0-9a-f]{40}")
_TEXT: Final = (pa.string(), pa.large_string())
_COLUMNS: Final = {
    "mid": _TEXT,
    "sha1": _TEXT,
    "path": _TEXT,
    "thumb_url": _TEXT,
    "title": _TEXT,
    "revision": (pa.int64(), pa.int32(), pa.uint32()),
    "uploaded": tuple(pa.timestamp(unit, "UTC") for unit in ("us", "s", "ms")),
    "depicts": (pa.list_(pa.string()), pa.large_list(pa.large_string())),
}
BAD_ROW: Final = "bad-row: "
"""How a row's fault begins that is the list's, not the file's."""
LARGEST: Final = 2**31 - 1
"""Number of a media id: the wiki refuses a whole request that names a larger one."""
_NEEDED: Final = ("mid", "sha1")
_WHERE: Final = ("path", "thumb_url")


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one file, one after another."""

    path: str
    start: int
    rows: int


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows that are worked on and written together."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """Of its files, without what tells one kind from another."""
        return f"part-{self.number:08}"

    @property
    def rows(self) -> int:
        """Of all pieces."""
        return sum(piece.rows for piece in self.pieces)

    def read(self) -> pa.Table:
        """The rows; raises ArtefactError where a file is not what it was."""
        return pa.concat_tables(map(_rows_of, self.pieces), promote_options="default")


@dataclass(frozen=True, slots=True)
class Listed:
    """All files of the list, with the rows of each."""

    files: tuple[tuple[str, int], ...]
    digest: str
    """Of names and contents: another list has another."""
    fetches: bool = True
    """Whether some pictures may have to be fetched: not every row has a path."""

    @classmethod
    def open(cls, place: Path) -> Listed:
        """A file or a folder of ``*.parquet``, in the order of their names.

        Raises ArtefactError naming the file, and the column that is missing or of another type.
        """
        # those who work elsewhere may have another folder to begin at
        place = place.resolve()
        paths = sorted(place.glob("*.parquet")) if place.is_dir() else [place]
        if not paths:
            raise ArtefactError(f"{place}: there is no *.parquet file in it")
        digest = hashlib.sha256()
        files = []
        fetches = False
        for path in paths:
            metadata = _metadata(path)
            files.append((str(path), metadata.num_rows))
            fetches = fetches or not _all_have_paths(metadata)
            digest.update(f"{path.name} {shards.digest(path)} ".encode())
        return cls(tuple(files), digest.hexdigest(), fetches)

    @property
    def rows(self) -> int:
        """Of all files."""
        return sum(rows for _, rows in self.files)

    def shards(self, size: int) -> Iterator[Shard]:
        """All rows in their order, ``size`` a shard; the last one may be smaller."""
        pieces: list[Piece] = []
        number = 0
        for path, rows in self.files:
            start = 0
            while start < rows:
                took = min(rows - start, size - sum(piece.rows for piece in pieces))
                pieces.append(Piece(path, start, took))
                start += took
                if sum(piece.rows for piece in pieces) == size:
                    yield Shard(number, tuple(pieces))
                    number, pieces = number + 1, []
        if pieces:
            yield Shard(number, tuple(pieces))


def fault_of(row: Mapping[str, Any]) -> str | None:
    """Why a row names no file; None where it does."""
    try:
        mid = parse_mid(row["mid"] or "")
        if int(mid[1:]) > LARGEST:
            return f"{BAD_ROW}not a MediaInfo id: {mid!r}"
        for qid in row.get("depicts") or ():
            parse_qid(qid or "")
    except ValueError as error:
        return f"{BAD_ROW}{error}"
    sha1 = row["sha1"] or ""
    if not _SHA1.fullmatch(sha1):
        return f"{BAD_ROW}not a SHA-1, 40 digits 0-9 a-f: {sha1[:40]!r}"
    return None


def _metadata(path: Path) -> pq.FileMetaData:
    try:
        with pq.ParquetFile(path) as file:
            _check(path, file.schema_arrow)
            _check_nulls(path, file.metadata)
            return file.metadata
    except FileNotFoundError:
        raise ArtefactError(f"{path}: there is no such file") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise ArtefactError(f"{path}: not a Parquet file: {_line(error)}") from None


def _check_nulls(path: Path, metadata: pq.FileMetaData) -> None:
    """As far as the footer tells; a row that slips through fails by itself."""
    for name in _NEEDED:
        empty = sum(told.null_count for told in _statistics(metadata, name) if told is not None)
        if empty:
            raise ArtefactError(f"{path}: column {name!r} is empty in {empty} rows")


def _all_have_paths(metadata: pq.FileMetaData) -> bool:
    """As far as the footer tells."""
    paths = _statistics(metadata, "path")
    return len(paths) == metadata.num_row_groups and all(map(_all_are_there, paths))


def _all_are_there(told: pq.Statistics | None) -> bool:
    if told is None or told.null_count != 0:
        return False
    # the least of all texts is the empty one
    return bool(told.num_values == 0 or (told.has_min_max and told.min != ""))


def _statistics(metadata: pq.FileMetaData, name: str) -> list[pq.Statistics | None]:
    """Of a column in each row group."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [group.column(number) for group in groups for number in range(group.num_columns)]
    return [chunk.statistics for chunk in chunks if chunk.path_in_schema == name]


def _check(path: Path, schema: pa.Schema) -> None:
    missing = [name for name in _NEEDED if name not in schema.names]
    if missing:
        raise ArtefactError(f"{path}: there is no column {missing[0]!r}")
    if not {*_WHERE} & {*schema.names}:
        raise ArtefactError(f"{path}: there is neither a column 'path' nor 'thumb_url'")
    for name in _present(schema):
        kind = schema.field(name).type
        if kind not in _COLUMNS[name]:
            raise ArtefactError(f"{path}: column {name!r} is {kind}, not {_COLUMNS[name][0]}")


def _present(schema: pa.Schema) -> Sequence[str]:
    return [name for name in _COLUMNS if name in schema.names]


def _rows_of(piece: Piece) -> pa.Table:
    """Of the file's row groups only those that hold them are read."""
    try:
        with pq.ParquetFile(piece.path) as file:
            groups, before = _groups(file.metadata, piece)
            found = file.read_row_groups(groups, columns=_present(file.schema_arrow))
    except (OSError, pa.ArrowInvalid) as error:
        raise ArtefactError(f"{piece.path}: {_line(error)}") from None
    rows = _alike(found.slice(piece.start - before, piece.rows))
    if len(rows) != piece.rows:
        raise ArtefactError(f"{piece.path}: has other rows than when the work was cut")
    return rows


def _alike(rows: pa.Table) -> pa.Table:
    """Columns of the first type that each may have: the files of a list may differ."""
    for number, name in enumerate(rows.schema.names):
        column = rows.column(number)
        if name == "uploaded":
            # beyond what Python has years for: no time at all
            column = pc.if_else(_has_a_year(column), column, None)
        rows = rows.set_column(number, name, column.cast(_COLUMNS[name][0]))
    return rows


def _has_a_year(times: pa.ChunkedArray) -> pa.ChunkedArray:
    first, last = (pa.scalar(datetime(year, 1, 1, tzinfo=UTC), times.type) for year in (1, 9999))
    return pc.and_(pc.greater_equal(times, first), pc.less(times, last))


def _groups(metadata: pq.FileMetaData, piece: Piece) -> tuple[list[int], int]:
    """The groups that hold a piece, and how many rows come before them."""
    groups: list[int] = []
    first = before = 0
    for number in range(metadata.num_row_groups):
        end = first + metadata.row_group(number).num_rows
        if first < piece.start + piece.rows and end > piece.start:
            before = before if groups else first
            groups.append(number)
        first = end
    return groups, before


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
