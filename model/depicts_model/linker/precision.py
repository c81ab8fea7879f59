"""Serving in fewer bits, where that changes next to nothing, and only there.

bfloat16 halves the memory and is faster on processors that have it. (Dynamic int8 is left out:
torch has deprecated its own, and `torchao`, to which it points, is a dependency more.)
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from depicts_model.errors import ArtefactError
from depicts_model.linker.images import Preprocess, to_tensor
from depicts_model.linker.towers import forward

FULL: Final = "float32"
LEAST: Final = 0.995
"""Cosine to single floats that every probe must reach."""
PROBES: Final = 8
"""Generated images that are compared."""
Floats = NDArray[np.float32]


def lowered(
    model: Any, precision: str, preprocess: Preprocess, projection: Floats | None, folder: Path
) -> Any:
    """A copy of the tower in ``precision`` (a name of torch's), compared on generated images.

    ``projection``: (hidden, d), part of what is compared, or None. Raises ArtefactError naming
    ``folder`` where the cosine falls below LEAST.
    """
    import torch

    low = copy.deepcopy(model).to(getattr(torch, precision))
    cosines = agreement(model, low, probes(preprocess), projection)
    if not cosines.min() >= LEAST:  # a NaN fails this too
        found = f"cosine to {FULL} is {cosines.mean():.4f} on average, {cosines.min():.4f} at least"
        raise ArtefactError(f"{folder}: precision {precision}: {found}, not {LEAST}")
    return low


def agreement(full: Any, low: Any, pixels: Floats, projection: Floats | None = None) -> Floats:
    """Cosines (n,) between what two towers give for pixels (n, 3, side, side)."""
    one, other = (_unit(forward(model, pixels), projection) for model in (full, low))
    cosines: Floats = (one * other).sum(axis=1)
    return cosines


def _unit(out: Floats, projection: Floats | None) -> Floats:
    vectors = out if projection is None else out @ projection
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = vectors / np.maximum(lengths, 1e-12)
    return result


def probes(preprocess: Preprocess, count: int = PROBES) -> Floats:
    """Generated images, always the same, (count, 3, size, size): from a few soft blots to noise."""
    draw = np.random.default_rng(0)
    grains = (2 ** (1 + number % 7) for number in range(count))
    small = (draw.integers(0, 256, (grain, grain, 3), dtype=np.uint8) for grain in grains)
    side = (preprocess.size, preprocess.size)
    images = [Image.fromarray(pixels).resize(side, Image.Resampling.BICUBIC) for pixels in small]
    return to_tensor(images, preprocess)
