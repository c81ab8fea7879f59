"""The image tower: bytes in, vectors out. Loaded through transformers from a local folder.

Safetensors only, no remote code, no download; half floats on disk, single floats in memory.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError, ImageError
from depicts_model.linker.artefact import CONFIG, PREPROCESS, VISION, no_progress
from depicts_model.linker.images import Preprocess, decode, to_tensor, views_of

TOWERS: Final = {
    "CLIPVisionModelWithProjection": "CLIPVisionModelWithProjection",
    "SiglipVisionModel": "SiglipVisionModel",
    "Siglip2VisionModel": "Siglip2VisionModel",
}
"""Architectures for which AutoModel would pick another class, or none."""
Floats = NDArray[np.float32]


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
        cls, folder: Path, projection: Floats | None = None, max_megapixels: float = 40.0
    ) -> Encoder:
        """The encoder of the artefact at ``folder``; ArtefactError names the file and fault."""
        preprocess = Preprocess.read(folder / PREPROCESS)
        model = _load_model(folder)
        blank = np.zeros((1, 3, preprocess.size, preprocess.size), dtype=np.float32)
        try:
            hidden = _forward(model, blank).shape[1]
        except (RuntimeError, ValueError) as error:
            raise ArtefactError(f"{folder / CONFIG}: {_line(error)}") from None
        if projection is not None and len(projection) != hidden:
            fault = f"projection takes {len(projection)} numbers, the tower gives {hidden}"
            raise ArtefactError(f"{folder}: {fault}")
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

    def _batches(
        self, images: Sequence[bytes], pool: Executor
    ) -> Iterator[tuple[int, Iterator[Floats | ImageError]]]:
        """Each batch's first row, and its images, which ``pool`` begins to decode at once."""
        for start in range(0, len(images), self.batch_size):
            yield start, pool.map(self._prepare, images[start : start + self.batch_size])

    def _prepare(self, data: bytes) -> Floats | ImageError:
        try:
            image = decode(data, self.max_megapixels, wanted=self.preprocess.size)
        except ImageError as error:
            return error
        return to_tensor(views_of(image, self.preprocess), self.preprocess)

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
        out = _forward(self.model, pixels)
        if self.projection is not None:
            out = out @ self.projection
        views = len(self.preprocess.views)
        mean: Floats = _unit(out).reshape(-1, views, out.shape[1]).mean(axis=1)
        return mean


def _unit(vectors: Floats) -> Floats:
    result: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result


def _forward(model: Any, pixels: Floats) -> Floats:
    """The tower's output (n, hidden): ``image_embeds`` where it has one, else pooled."""
    import torch

    with torch.inference_mode():
        out = model(pixel_values=torch.from_numpy(pixels))
    embeds = getattr(out, "image_embeds", None)
    pooled = out.pooler_output if embeds is None else embeds
    result: Floats = pooled.flatten(1).float().numpy()
    return result


def _load_model(folder: Path) -> Any:
    """The tower in single floats; weights that are missing or left over are refused.

    (transformers would fill missing weights with random numbers, and say so in a warning.)
    """
    import torch

    options = {"local_files_only": True, "use_safetensors": True, "dtype": torch.float32}
    try:
        with no_progress():
            model, info = _class_of(folder).from_pretrained(
                str(folder / VISION), output_loading_info=True, trust_remote_code=False, **options
            )
    except Exception as error:  # transformers and safetensors raise types of their own
        raise ArtefactError(f"{folder / VISION}: cannot be loaded: {_line(error)}") from None
    faults = sorted({*info["missing_keys"], *info["mismatched_keys"], *info["unexpected_keys"]})
    if faults:
        raise ArtefactError(f"{folder / VISION}: weights do not fit the model: {faults[0]}")
    return model.eval()


def _class_of(folder: Path) -> Any:
    import transformers

    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    name = (config.get("architectures") or [""])[0]
    return getattr(transformers, TOWERS.get(name, "AutoModel"))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
