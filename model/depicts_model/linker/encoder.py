"""The encoder: image files in, vectors out. Its tower comes from `towers`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError, ImageError
from depicts_model.linker import towers
from depicts_model.linker.artefact import PREPROCESS
from depicts_model.linker.images import Preprocess, decode, fitted, normalised, views_of
from depicts_model.linker.precision import FULL, lowered
from depicts_model.linker.towers import forward

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """A vision model with its preprocessing and its way into the space of the item vectors."""

    model: Any
    """A torch module; the linker's only one."""
    preprocess: Preprocess
    projection: Floats | None
    """(hidden, d), or None where the tower's output is in that space already."""
    dim: int
    """d of the vectors that `encode` gives."""
    max_megapixels: float = 40.0
    batch_size: int = 16

    @classmethod
    def load(
        cls,
        folder: Path,
        projection: Floats | None = None,
        max_megapixels: float = 40.0,
        precision: str = FULL,
    ) -> Encoder:
        """The encoder of the artefact at ``folder``; ArtefactError names the file and fault.

        ``precision``: one of `settings.PRECISIONS`; a lower one is refused where it changes the
        vectors (`precision.lowered`).
        """
        preprocess = Preprocess.read(folder / PREPROCESS)
        model = towers.load(folder)
        hidden = towers.hidden_size(model, folder, preprocess.size)
        if projection is not None and len(projection) != hidden:
            fault = f"projection takes {len(projection)} numbers, the tower gives {hidden}"
            raise ArtefactError(f"{folder}: {fault}")
        if precision != FULL:
            model = lowered(model, precision, preprocess, projection, folder)
        dim = hidden if projection is None else projection.shape[1]
        return cls(model, preprocess, projection, dim, max_megapixels)

    def encode(self, images: Sequence[bytes]) -> tuple[Floats, dict[int, ImageError]]:
        """Image files to vectors (n, d), and the errors by row; such rows are zero.

        A vector is the mean of its views' unit vectors. Its length, at most 1, tells how far the
        views agree (the mean resultant length of directional statistics, Mardia & Jupp 2000).

        Decoding runs in threads, a batch ahead of the tower: two batches at most are in memory.
        Rows keep the order of ``images`` whichever thread ends first, and batches are cut by
        position, so the same list gives the same bits. In another list an image may differ in
        the last bits: torch takes other kernels for other batches.
        """
        vectors = np.zeros((len(images), self.dim), dtype=np.float32)
        errors: dict[int, ImageError] = {}
        with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
            batches = self._batches(images, pool)
            coming = next(batches, None)
            while coming is not None:
                start, found = coming[0], list(coming[1])
                coming = next(batches, None)
                self._fill(vectors, errors, start, found)
        return vectors, errors

    def encode_views(self, seen: Sequence[Pixels]) -> Floats:
        """The views of n images, each as `views` gives it, to vectors (n, d).

        The same bits as `encode` gives for a list of the files behind them.
        """
        vectors = np.zeros((len(seen), self.dim), dtype=np.float32)
        for start in range(0, len(seen), self.batch_size):
            part = slice(start, start + self.batch_size)
            pixels = [normalised(one, self.preprocess) for one in seen[part]]
            vectors[part] = self._embed(np.concatenate(pixels))
        return vectors

    def _batches(
        self, images: Sequence[bytes], pool: Executor
    ) -> Iterator[tuple[int, Iterator[Floats | ImageError]]]:
        """Each batch's first row, and its images, which ``pool`` begins to decode at once."""
        for start in range(0, len(images), self.batch_size):
            yield start, pool.map(self._prepare, images[start : start + self.batch_size])

    def _prepare(self, data: bytes) -> Floats | ImageError:
        try:
            return normalised(views(data, self.preprocess, self.max_megapixels), self.preprocess)
        except ImageError as error:
            return error

    def _fill(
        self,
        vectors: Floats,
        errors: dict[int, ImageError],
        start: int,
        found: Sequence[Floats | ImageError],
    ) -> None:
        errors |= {start + i: v for i, v in enumerate(found) if isinstance(v, ImageError)}
        good = {start + i: v for i, v in enumerate(found) if not isinstance(v, ImageError)}
        if good:
            vectors[list(good)] = self._embed(np.concatenate(list(good.values())))

    def _embed(self, pixels: Floats) -> Floats:
        """Pixels of n images, v views each, (n · v, 3, s, s), to mean unit vectors (n, d)."""
        out = forward(self.model, pixels)
        if self.projection is not None:
            out = out @ self.projection
        views = len(self.preprocess.views)
        mean: Floats = _unit(out).reshape(-1, views, out.shape[1]).mean(axis=1)
        return mean


def views(data: bytes, preprocess: Preprocess, max_megapixels: float = 40.0) -> Pixels:
    """The views of an image file, at the encoder's size, (v, size, size, 3); raises ImageError.

    The half of the work that needs no model.
    """
    image = decode(data, max_megapixels, wanted=preprocess.size)
    return fitted(views_of(image, preprocess), preprocess)


def _unit(vectors: Floats) -> Floats:
    result: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result
