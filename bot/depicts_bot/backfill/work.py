"""What a worker of any engine does with a shard: read its rows, fetch, look, encode, write."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from depicts_bot.backfill import shards
from depicts_bot.backfill.fetching import IN_A_ROW, Budget, StoppedError
from depicts_bot.backfill.listed import Shard, fault_of
from depicts_bot.runner import path_of
from depicts_model.catalog import Catalog
from depicts_model.errors import ImageError, WikiError
from depicts_model.linker.artefact import PREPROCESS
from depicts_model.linker.batches import encode_batches, view_batches
from depicts_model.linker.cached import space_of
from depicts_model.linker.columns import FILES, embedded
from depicts_model.linker.images import Preprocess
from depicts_model.linker.link import Linker, shipped
from depicts_model.settings import Settings

Json = dict[str, Any]
Row = dict[str, Any]
Fetch = Callable[[str, str], bytes]

HOST: Final = "upload.wikimedia.org"
BATCH: Final = 64
"""Files of a record batch: whole batches of the encoder, and few enough to hold in memory."""
LARGEST: Final = 1_000_000_000
"""Bytes of a picture's file."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker is told; it can be pickled."""

    settings: Settings
    out: str
    host: str = HOST
    """Where thumbnails lie; no other host is asked."""
    budget: Budget = field(default_factory=Budget)
    """Of all workers together."""
    fetches: bool = True
    """Whether there may be thumbnails to fetch; otherwise the budget binds nobody."""


def viewed(
    job: Job, shard: Shard, fetch: Fetch, preprocess: Preprocess
) -> Iterator[pa.RecordBatch]:
    """The half of a shard's work that needs no model, in batches of ``BATCH``.

    ``fetch``: as ``depicts_model.wiki.thumbnails.Thumbnails.fetch``. What cannot be read, fetched
    or seen is told in its row. No more than one picture's bytes are in memory: they may be
    originals.
    """
    pictures, most = Pictures(job.host, fetch), job.settings.max_megapixels
    # in one piece first: a batch ends where a file of the list does, otherwise
    for part in shard.read().combine_chunks().to_batches(BATCH):
        ones = (pa.RecordBatch.from_pylist([pictures.of(row)], FILES) for row in part.to_pylist())
        yield pa.concat_batches([*view_batches(preprocess, most, ones)])


@dataclass(slots=True)
class Pictures:
    """The pictures of rows, from files or from their host."""

    host: str
    fetch: Fetch
    _missing: int = field(default=0, init=False)

    def of(self, row: Row) -> Row:
        """The row with its picture, or why there is none.

        Raises StoppedError after ``IN_A_ROW`` files in a row that cannot be read: a disk that is
        not there would fill shards with failures.
        """
        if fault := fault_of(row):
            return {**row, "mid": row["mid"] or "", "sha1": row["sha1"] or "", "fault": fault}
        try:
            return {**row, "image": self._bytes(row)}
        except (ImageError, WikiError) as error:
            return {**row, "fault": str(error), "retry_after": error.retry_after}

    def _bytes(self, row: Row) -> bytes:
        if path := row.get("path"):
            try:
                data = _read(path)
            except ImageError as error:
                self._missing += 1
                if self._missing >= IN_A_ROW:
                    told = f"{IN_A_ROW} files in a row could not be read; the last: {error}"
                    raise StoppedError(told) from None
                raise
            self._missing = 0
            return data
        if url := row.get("thumb_url"):
            return self.fetch(url, self.host)
        raise ImageError("the list names neither a file nor a thumbnail")


def preprocess_of(job: Job) -> Preprocess:
    """How the model wants its pictures."""
    return Preprocess.read((path_of(job.settings.model_folder) or shipped()).resolve() / PREPROCESS)


@dataclass(frozen=True, slots=True, eq=False)
class Worker:
    """A model, loaded, and where its shards are written."""

    linker: Linker
    """Asks its catalog, which stays open as long as the process."""
    space: str
    out: Path

    @classmethod
    def load(cls, job: Job, device: str = "cpu") -> Worker:
        """As the settings name it, on a torch ``device``.

        Raises ArtefactError where it cannot be loaded.
        """
        settings = job.settings
        catalog = Catalog.open(path_of(settings.catalog))
        linker = Linker.load(path_of(settings.model_folder), catalog, settings)
        linker.encoder.model.to(device)
        space = space_of(linker.artefact, settings.precision, settings.thumbnail_width)
        return cls(linker, space, Path(job.out))

    def finish(self, name: str, seen: Iterator[pa.RecordBatch]) -> Json:
        """Encode what was seen and write the shard of this name; its manifest is returned."""
        batches = encode_batches(self.linker, self.space, seen)
        schema = embedded(self.linker.encoder.dim)
        return shards.write(self.out, name, batches, schema, self.linker.version)


def _read(path: str) -> bytes:
    try:
        told = Path(path).stat()
        # of a pipe nobody may ever write the end
        if not stat.S_ISREG(told.st_mode):
            raise ImageError(f"{path}: not a file")
        if told.st_size > LARGEST:
            raise ImageError(f"{path}: is larger than {LARGEST} bytes")
        return Path(path).read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ImageError(f"{path!r}: {error}") from None
