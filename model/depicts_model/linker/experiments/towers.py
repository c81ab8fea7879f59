"""The frozen encoders that experiments may stand on: image features and text vectors.

The default is a MobileNetV2 with MiniLM beside it, a stand-in for CLIP's two towers: its feature
knows nothing of words, so that `joint` fits a map between the two. A checkpoint of CLIP or SigLIP
shares its space from the start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from depicts_model.linker.checkpoint import Checkpoint
from depicts_model.linker.images import to_tensor
from depicts_model.linker.towers import forward
from depicts_model.linker.training.teacher import MobileNet
from depicts_model.linker.training.text import ENCODER, embed

Vectors = NDArray[np.float32]
BATCH: Final = 64


class Towers(Protocol):
    """Two frozen encoders."""

    @property
    def name(self) -> str:
        """Tells one encoder from another; part of the name of what is kept."""

    @property
    def joined(self) -> bool:
        """Whether both give vectors of one space."""

    @property
    def minilm(self) -> bool:
        """Whether the words are MiniLM's, which te-256 tunes."""

    def images(self, images: Sequence[Image.Image]) -> Vectors:
        """(n, r), of any length above zero."""

    def texts(self, texts: Sequence[str]) -> Vectors:
        """(n, d), unit rows."""


class MobileNetMiniLm:
    """MobileNetV2's 1280-d pooled feature, and MiniLM's 384-d vectors of words."""

    joined = False
    minilm = True

    def __init__(self, model: Path) -> None:
        self._net = MobileNet(model)
        digest = hashlib.sha256(model.read_bytes()).hexdigest()
        self.name = f"MobileNetV2 {digest[:8]}, {ENCODER.split(' (')[0]}"

    def images(self, images: Sequence[Image.Image]) -> Vectors:
        """(n, 1280), each image squeezed to 224 × 224 as a whole."""
        return np.stack([self._net.feature(image) for image in images])

    def texts(self, texts: Sequence[str]) -> Vectors:
        """(n, 384)."""
        return embed(texts)


@dataclass(frozen=True, slots=True)
class Joined:
    """Both towers of a checkpoint of CLIP or SigLIP."""

    checkpoint: Checkpoint
    vision: Any
    """Its tower of images."""
    name: str
    joined: bool = True
    minilm: bool = False

    @classmethod
    def read(cls, folder: Path, name: str) -> Joined:
        """The checkpoint in ``folder``; ArtefactError names the file and the fault."""
        checkpoint = Checkpoint.read(folder)
        return cls(checkpoint, checkpoint.vision(), name)

    def images(self, images: Sequence[Image.Image]) -> Vectors:
        """(n, d) by the vision tower."""
        parts = (images[at : at + BATCH] for at in range(0, len(images), BATCH))
        pixels = (to_tensor(part, self.checkpoint.preprocess) for part in parts)
        return np.concatenate([forward(self.vision, some) for some in pixels])

    def texts(self, texts: Sequence[str]) -> Vectors:
        """(n, d) by the text tower."""
        starts = range(0, len(texts), BATCH)
        return np.concatenate([self.checkpoint.encode_texts(texts[a : a + BATCH]) for a in starts])
