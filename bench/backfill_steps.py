"""The steps of a worker's work, each alone, over a record batch of photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depicts_bot.backfill import shards
from depicts_model.catalog import Catalog
from depicts_model.linker.batches import encode_batches, view_batches
from depicts_model.linker.columns import FILES, embedded
from depicts_model.linker.link import Linker
from depicts_model.settings import Settings

Json = dict[str, Any]

SHARD: Final = 8
"""Batches of the shard that is written: 512 rows, as many as `depicts-bot backfill` has about."""
SPACE: Final = "of the benchmark"


@dataclass(frozen=True, slots=True)
class Step:
    """What is timed."""

    work: Callable[[], object]
    files: int
    """So many are done with each call."""


@dataclass(frozen=True, slots=True)
class Ready:
    """In place of an encoder: what it gave before."""

    vectors: NDArray[np.float32]
    preprocess: Any
    dim: int

    def encode_views(self, _seen: object) -> NDArray[np.float32]:
        """Nothing is left to do."""
        return self.vectors


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A model and what each of its steps begins with."""

    linker: Linker
    catalog: Catalog
    out: Path
    pictures: pa.RecordBatch
    viewed: pa.RecordBatch
    seen: list[NDArray[np.uint8]]
    ready: Linker
    """With vectors that are there already."""
    made: pa.RecordBatch

    @classmethod
    def load(cls, model: Path | None, out: Path, photos: Sequence[bytes]) -> Work:
        """``model``: a folder with a model and its catalog; None: the shipped ones."""
        catalog = Catalog.open(model and model / "catalog.sqlite")
        linker = Linker.load(model and model / "model", catalog, Settings())
        encoder = linker.encoder
        pictures = pa.RecordBatch.from_pylist([*_rows(photos)], FILES)
        (viewed,) = view_batches(encoder.preprocess, encoder.max_megapixels, [pictures])
        side = encoder.preprocess.size
        seen = [
            np.frombuffer(views, np.uint8).reshape(-1, side, side, 3)
            for views in viewed.column("views").drop_null().to_pylist()
        ]
        given: Any = Ready(encoder.encode_views(seen), encoder.preprocess, encoder.dim)
        ready = replace(linker, encoder=given)
        (made,) = encode_batches(ready, SPACE, [viewed])
        return cls(linker, catalog, out, pictures, viewed, seen, ready, made)

    def close(self) -> None:
        """The catalog's file."""
        self.catalog.close()

    def steps(self) -> dict[str, Step]:
        """All that a worker does with pictures that are there."""
        files = self.made.num_rows
        return {
            "decode": Step(self._decode, files),
            "encode": Step(lambda: self.linker.encoder.encode_views(self.seen), files),
            "score": Step(lambda: [*encode_batches(self.ready, SPACE, [self.viewed])], files),
            "store": Step(self.store, SHARD * files),
        }

    def _decode(self) -> list[pa.RecordBatch]:
        encoder = self.linker.encoder
        return [*view_batches(encoder.preprocess, encoder.max_megapixels, [self.pictures])]

    def store(self) -> Json:
        """Write a shard; its manifest."""
        batches, dim = [self.made] * SHARD, self.linker.encoder.dim
        return shards.write(self.out, "part", batches, embedded(dim), self.linker.version)

    def row_bytes(self) -> int:
        """Of a row on disk."""
        manifest = self.store()
        return -(-int(manifest["bytes"]) // int(manifest["rows"]))

    def looked_at(self) -> bool:
        """None of the photos failed."""
        return "failed" not in self.made.column("kind").to_pylist()


def _rows(photos: Sequence[bytes]) -> Iterator[Json]:
    for number, image in enumerate(photos, 1):
        title = f"File:A view of the harbour {number}.jpg"
        yield {"mid": f"M{number}", "sha1": f"{number:040x}", "title": title, "image": image}
