"""Lists of pictures for a backfill, and what its shards say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bot import worlds

NAMES = ("mid", "sha1", "path", "thumb_url")
Row = dict[str, Any]


def row(n: int, **where: str) -> Row:
    return {"mid": f"M{n}", "sha1": f"{n:040x}", **where}


def save(path: Path, rows: Iterable[Row]) -> Path:
    """The list at ``path``."""
    kept = list(rows)
    columns = {name: [one.get(name) for one in kept] for name in NAMES}
    pq.write_table(pa.table({k: pa.array(v, pa.string()) for k, v in columns.items()}), path)
    return path


def pictures(folder: Path, count: int, damaged: Iterable[int] = ()) -> Path:
    """A list of so many pictures in the folder, some of which are none."""
    rows = []
    for n in range(count):
        path = folder / f"{n}.png"
        path.write_bytes(b"no picture" if n in damaged else worlds.picture(n))
        rows.append(row(n + 1, path=str(path)))
    return save(folder / "list.parquet", rows)


def made(out: Path) -> dict[str, bytes]:
    """Every file that a backfill left at ``out``."""
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}
