"""Shards on disk: a Parquet file each, and beside it a manifest, which is written last.

A shard with a manifest is finished. Both are written beside their place and moved there, so a kill
leaves whole ones and work files, which nobody takes for shards. Nothing in them tells when, where
or by which engine they were made: the same list and model give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from depicts_bot.report import Tally
from depicts_model.errors import ArtefactError
from depicts_model.linker.columns import outcome_of

Json = dict[str, Any]

ROWS: Final = ".parquet"
MANIFEST: Final = ".json"
_FACTS: Final = ("rows", "counts", "sha256", "bytes")
WORK: Final = ".work"
"""How the names of work files end."""


def write(
    out: Path, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema, version: str
) -> Json:
    """Write a shard and its manifest, which is returned; what stood there is replaced.

    ``version``: of the model. Raises ArtefactError naming the place that cannot be written.
    """
    tally = Tally()
    try:
        with replacing(out / f"{name}{ROWS}") as work:
            with pq.ParquetWriter(work, schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_batch(batch)
                    for row in batch.to_pylist():
                        tally.add(outcome_of(row, version))
            manifest = {"rows": tally.listed, "counts": tally.counts(), "sha256": digest(work)}
            manifest["bytes"] = work.stat().st_size
        with replacing(out / f"{name}{MANIFEST}") as work:
            work.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    except OSError as error:
        # Arrow's own errors have a number, and a text that repeats the place
        why = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
        raise ArtefactError(f"{out / name}: cannot be written: {why}") from None
    return manifest


def read_manifest(out: Path, name: str) -> Json | None:
    """The manifest of a finished shard; None where it is not finished.

    So counts a file that is not of the size that its manifest tells, and a manifest that is none.
    """
    try:
        manifest = json.loads((out / f"{name}{MANIFEST}").read_text("utf-8"))
        size = (out / f"{name}{ROWS}").stat().st_size
    except (FileNotFoundError, ValueError):
        return None
    whole = isinstance(manifest, dict) and {*manifest} == {*_FACTS} and manifest["bytes"] == size
    return manifest if whole and isinstance(manifest["counts"], dict) else None


def clear(out: Path) -> None:
    """Remove the work files of who was killed; nobody may be at work here."""
    for path in out.glob(f"*{WORK}"):
        path.unlink(missing_ok=True)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A work file of this process, which takes the place of ``path`` if the block ends."""
    work = path.with_name(f"{path.name}.{os.getpid()}{WORK}")
    try:
        yield work
        with work.open("rb+") as file:
            os.fsync(file.fileno())
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
