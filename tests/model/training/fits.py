"""Photos of four colours, a tower that tells them apart in seconds, and a teacher that counts."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from depicts_model.linker.training.knobs import Knobs

BANANA, APPLE, JELLYFISH, LION = "Q503", "Q89", "Q30178", "Q140"


KINDS = {BANANA: (230, 200, 40), APPLE: (200, 30, 40), JELLYFISH: (40, 60, 220), LION: (90, 70, 50)}


# kinds of few photos, strange to the model: two in training, two in judging
RARE = {
    "Q1093742": (160, 220, 120),
    "Q13191": (240, 130, 20),
    "Q41607": (128, 128, 128),
    "Q177": (250, 240, 230),
}


KNOBS = Knobs(
    stem_channels=8,
    channels=(8, 8, 16, 16),
    depths=(1, 1, 1, 1),
    dim=16,
    epochs=3,
    sizes=((1.0, 32),),
    min_photos=20,
    batch=32,
    stored_side=32,
    views=2,
    duplicate_bits=0,
    judging_share=0.6,
    teacher_weight=0.1,
)


def picture(colour: tuple[int, int, int], draw: np.random.Generator) -> bytes:
    """One colour with strong grain: kinds are told apart by colour, hashes by grain."""
    blocks = draw.normal(0, 40, (8, 8, 1)).repeat(6, axis=0).repeat(6, axis=1)
    pixels = np.clip(np.array(colour) + blocks, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@dataclass
class Counting:
    """A teacher that says which third of the colours is strongest, and counts its questions."""

    asked: int = 0
    dies_after: int = 10**9
    classes: int = 3
    width: int = 4
    score_scale: float = 0.1
    feature_scale: float = 0.1

    def answer(
        self, pixels: NDArray[np.uint8], box: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        if self.asked == self.dies_after:
            raise KeyboardInterrupt
        self.asked += 1
        mean = pixels.mean((0, 1)).astype(np.uint8)
        return mean, np.append(mean, 1).astype(np.uint8)
