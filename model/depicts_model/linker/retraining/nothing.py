"""Images of nothing, beside those that judge: what a model must be silent on.

A data set holds files that show something; among real files are others. They are made, always the
same, so that no photo has to be there: noise, stripes, and blots cut into shuffled tiles, as `fit`
has them of its photos. Strangers, files of items that nothing taught, come from the data set.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from depicts_model.errors import ArtefactError
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.retraining.keeping import kept
from depicts_model.linker.retraining.lessons import ROLES
from depicts_model.linker.retraining.measuring import picture
from depicts_model.linker.training.textures import as_files, textures

Vectors = NDArray[np.float32]
SHARE: Final = 0.1
"""What images of nothing weigh beside the images of a role, as `fit` has them."""
FEWEST: Final = 60
"""Of them for a role, however few images it has: of twenty, one is the twentieth that may fail."""
SIDE: Final = 224
"""Pixels."""
BLOTS: Final = 16
"""Pictures that tiles are cut of."""


def nothing_of(counts: Mapping[int, int], encoder: Encoder, path: Path) -> dict[int, Vectors]:
    """Vectors (k, d) by role of so many images of nothing; kept in ``path``."""

    def make() -> dict[str, Vectors]:
        return {ROLES[role]: _encoded(images(role, k), encoder) for role, k in counts.items()}

    arrays = kept(path, make)
    return {role: arrays[ROLES[role]] for role in counts}


def beside(count: int) -> int:
    """How many go with so many images that judge."""
    return max(FEWEST, round(SHARE * count))


def images(role: int, count: int) -> list[bytes]:
    """So many images as PNG files, the same for a role in every run."""
    draw = np.random.default_rng((SIDE, role))
    blots = np.stack([_pixels(picture(n, SIDE)) for n in range(BLOTS)])
    photos = torch.from_numpy(blots).permute(0, 3, 1, 2).float() / 255
    return list(as_files(textures(photos, count, draw)))


def _pixels(image: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGB"))


def _encoded(some: Sequence[bytes], encoder: Encoder) -> Vectors:
    vectors, faults = encoder.encode(some)
    for fault in faults.values():
        raise ArtefactError(f"an image of nothing: {fault}")
    return vectors
