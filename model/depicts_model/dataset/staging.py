"""What was read, in a file of its own beside the shards: each file once, in the sources' order."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from depicts_model.dataset import joining
from depicts_model.dataset.rows import Row, Told, mark
from depicts_model.dataset.shards import ROW, Waiting, batches_of, rows_of, table_of, writer
from depicts_model.types import Qid

STAGE: Final = "read.parquet"
"""In the hidden folder."""
WORDS: Final = [name for name in ROW.names if name != "image"]
"""All columns but the pictures."""


@dataclass(slots=True)
class Seen:
    """What was seen of all rows while they were written: 16 bytes a row, and the uses."""

    uses: Counter[Qid] = field(default_factory=Counter)
    hashes: array[int] = field(default_factory=lambda: array("Q"))
    files: array[int] = field(default_factory=lambda: array("Q"))
    """`mark`s."""

    def add(self, row: Row) -> None:
        """One row more."""
        self.uses.update(row.items())
        self.files.append(mark(row.file))
        if row.hash is not None:
            self.hashes.append(row.hash)


def stage(rows: Iterable[Row], path: Path, told: Told) -> Seen:
    """Write the rows to ``path``, those of one file as one; see `joining`."""
    seen = _written(rows, path)
    wanted = joining.repeated(seen.files)
    if instead := joining.instead(staged(path, WORDS), wanted) if wanted else {}:
        before, anew = len(seen.files), path.with_name(f"joined-{path.name}")
        seen = _written(_in_place(staged(path), instead), anew)
        anew.replace(path)
        told.count("rows joined to another of the same file", before - len(seen.files))
    told.count("files read", len(seen.files))
    return seen


def staged(path: Path, columns: list[str] | None = None) -> Iterator[Row]:
    """What was written; None: with the pictures."""
    with pq.ParquetFile(path) as file:
        for batch in batches_of(file, columns):
            yield from rows_of(batch)


def _written(rows: Iterable[Row], path: Path) -> Seen:
    seen, waiting = Seen(), Waiting()
    with writer(path, ROW) as file:
        for row in rows:
            seen.add(row)
            waiting.add(row)
            if waiting.is_full():
                file.write_table(table_of(waiting.taken()))
        file.write_table(table_of(waiting.taken()))
    return seen


def _in_place(rows: Iterable[Row], instead: Mapping[int, Row | None]) -> Iterator[Row]:
    """The rows with what takes the place of some, which keeps the picture of that place."""
    for number, row in enumerate(rows):
        now = instead.get(number, row)
        if now is not None:
            yield replace(now, image=row.image)
