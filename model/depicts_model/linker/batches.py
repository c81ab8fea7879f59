"""Files in, vectors and outcomes out, as Arrow record batches: the work of a backfill.

Pure functions over streams of batches, as Spark's ``mapInArrow`` and Ray's ``map_batches`` call
them: an engine is an adapter to these, and no result depends on which one it was. A batch is
encoded as a list of its own, so the same batch gives the same bits wherever it is worked on, and
however often.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from depicts_model.errors import ImageError
from depicts_model.linker.cached import key_of
from depicts_model.linker.columns import VIEWED, embedded, passed_on, row_of
from depicts_model.linker.encoder import Pixels, views
from depicts_model.linker.images import Preprocess
from depicts_model.linker.link import Linker
from depicts_model.types import FileContext, FileRef, Mid, Qid

Batches = Iterable[pa.RecordBatch]

_UNKNOWN: Final = datetime.fromtimestamp(0, UTC)
"""When the files were uploaded: nothing here depends on it."""


def embed_batches(linker: Linker, space: str, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Batches of `columns.FILES` to batches of `columns.embedded`: a row a file, in their order.

    ``space``: of the vectors, as `cached.space_of` names it. A picture that cannot be seen ends as
    a failure of its file. No more than the batch in hand is in memory.
    """
    encoder = linker.encoder
    seen = view_batches(encoder.preprocess, encoder.max_megapixels, batches)
    return encode_batches(linker, space, seen)


def view_batches(
    preprocess: Preprocess, max_megapixels: float, batches: Batches
) -> Iterator[pa.RecordBatch]:
    """Batches of `columns.FILES` to batches of `columns.VIEWED`: the half that needs no model."""
    for batch in batches:
        rows = [_viewed(row, preprocess, max_megapixels) for row in batch.to_pylist()]
        yield pa.RecordBatch.from_pylist(rows, VIEWED)


def encode_batches(linker: Linker, space: str, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Batches of `columns.VIEWED` to batches of `columns.embedded`: the half of the model."""
    schema = embedded(linker.encoder.dim)
    for batch in batches:
        yield pa.RecordBatch.from_pylist(_embedded(linker, space, batch.to_pylist()), schema)


def _viewed(row: dict[str, Any], preprocess: Preprocess, max_megapixels: float) -> dict[str, Any]:
    image = row.pop("image")
    if image is None:
        return {**row, "views": None}
    try:
        return {**row, "views": views(image, preprocess, max_megapixels).tobytes()}
    except ImageError as error:
        return {**row, "views": None, "fault": str(error), "retry_after": error.retry_after}


def _embedded(linker: Linker, space: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen = [_pixels(row["views"], linker) for row in rows if row["views"] is not None]
    vectors = linker.encoder.encode_views(seen)
    contexts = [_context(row) for row in rows]
    pages = [linker.reader.read(c) for c, row in zip(contexts, rows, strict=True) if row["views"]]
    found = zip(vectors, linker.head.read(vectors, pages), strict=True)
    made = []
    for row, context in zip(rows, contexts, strict=True):
        missing = ImageError(row["fault"] or "no picture", row["retry_after"])
        vector, evidence = next(found) if row["views"] is not None else (None, missing)
        told = row_of(linker.outcome(context, evidence))
        key = key_of(space, row["sha1"])
        made.append({**passed_on(row), "key": key, "vector": vector, **told})
    return made


def _pixels(data: bytes, linker: Linker) -> Pixels:
    side = linker.encoder.preprocess.size
    return np.frombuffer(data, np.uint8).reshape(-1, side, side, 3)


def _context(row: dict[str, Any]) -> FileContext:
    file = FileRef(Mid(row["mid"]), row["title"] or "", row["sha1"], 0, _UNKNOWN, "")
    return FileContext(file, existing_depicts=tuple(map(Qid, row["depicts"] or ())))
