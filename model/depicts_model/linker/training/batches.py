"""From photos in memory to batches: crops that the teacher saw, jitter, textures, targets.

What is random is drawn on the CPU, the images are made where the model is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.teacher import Answers
from depicts_model.linker.training.textures import textures

CPU = torch.device("cpu")
MEAN, STD = (0.48, 0.45, 0.40), (0.27, 0.26, 0.28)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of b images, the first p of them photos of learnt kinds, the others strange.

    ``images`` (b, 3, s, s) float, normalised; for the first p alone: ``targets`` (p, kinds), rows
    sum to 1; ``scores`` (p, classes), the teacher's logits; ``features`` (p, width), its pooled
    features. Strange are photos of kinds that are not learnt, and textures.
    """

    images: Tensor
    targets: Tensor
    scores: Tensor
    features: Tensor


@dataclass(frozen=True, slots=True)
class Lessons:
    """All that is learnt from: photos, what they show, what the teacher said of them."""

    pixels: NDArray[np.uint8]
    targets: NDArray[np.float32]
    answers: Answers
    rows: NDArray[np.intp]
    strangers: NDArray[np.intp]
    """Photos of kinds that are not learnt."""
    device: torch.device = CPU

    def batches(self, epoch: int, knobs: Knobs) -> Iterator[Batch]:
        """The photos of one epoch in random order; the same again when asked again."""
        draw = np.random.default_rng((knobs.seed, epoch))
        size, count = knobs.size_at(epoch), self._photos(knobs)
        order = draw.permutation(self.rows)
        for start in range(0, len(order) - count + 1, count):
            yield self._batch(order[start : start + count], size, draw, knobs)

    def steps(self, knobs: Knobs) -> int:
        """Batches in an epoch."""
        return len(self.rows) // self._photos(knobs)

    def _photos(self, knobs: Knobs) -> int:
        """Photos of learnt kinds in a batch."""
        return knobs.batch - round(knobs.batch * (knobs.texture_share + knobs.stranger_share))

    def _batch(
        self, rows: NDArray[np.intp], size: int, draw: np.random.Generator, knobs: Knobs
    ) -> Batch:
        views = draw.integers(knobs.views, size=len(rows))
        photos = self._crops(rows, views, size, draw)
        count = round(knobs.batch * knobs.stranger_share) if len(self.strangers) else 0
        some = draw.choice(self.strangers, count) if count else self.strangers[:0]
        strange = self._crops(some, draw.integers(knobs.views, size=len(some)), size, draw)
        made = textures(photos.cpu(), knobs.batch - len(rows) - len(some), draw).to(self.device)
        images = torch.cat([jitter(torch.cat([photos, strange]), draw, knobs), made])
        return Batch(
            normalise(sharpen(images, knobs.sharpness, draw)).contiguous(
                memory_format=torch.channels_last
            ),
            self._here(self.targets[rows]),
            self._here(self.answers.scores[rows, views]).float() * self.answers.score_scale,
            self._here(self.answers.features[rows, views]).float(),
        )

    def _here(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def _crops(
        self,
        rows: NDArray[np.intp],
        views: NDArray[np.int64],
        size: int,
        draw: np.random.Generator,
    ) -> Tensor:
        boxes = self.answers.boxes[rows, views]
        pixels = self._here(self.pixels[rows]).permute(0, 3, 1, 2).float() / 255
        return crop(pixels, self._here(boxes), self._here(draw.random(len(rows)) < 0.5), size)


def normalise(images: Tensor) -> Tensor:
    """Images in 0..1 as the tower wants them: (x − mean) / std by channel."""
    mean, std = (images.new_tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    return (images - mean) / std


def crop(images: Tensor, boxes: Tensor, mirrored: Tensor, size: int) -> Tensor:
    """Cut each box (left, top, width, height in 0..1) out, mirror, scale to size × size."""
    if not len(images):  # torch makes no grid for nothing
        return images.new_zeros(0, 3, size, size)
    left, top, width, height = boxes.unbind(1)
    theta = images.new_zeros(len(images), 2, 3)
    theta[:, 0, 0] = torch.where(mirrored, -width, width)
    theta[:, 1, 1] = height
    theta[:, 0, 2] = 2 * left + width - 1
    theta[:, 1, 2] = 2 * top + height - 1
    grid = functional.affine_grid(theta, [len(images), 3, size, size], align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False, padding_mode="border")


def jitter(images: Tensor, draw: np.random.Generator, knobs: Knobs) -> Tensor:
    """Some images grey; brightness, contrast and colour balance of all shifted a little."""

    def uniform(*shape: int) -> Tensor:
        return images.new_tensor(draw.uniform(-1, 1, shape))

    chosen = torch.from_numpy(draw.random(len(images)) < knobs.grey_share)
    grey = chosen.view(-1, 1, 1, 1).to(images.device)
    images = torch.where(grey, images.mean(1, keepdim=True), images)
    mean = images.mean((1, 2, 3), keepdim=True)
    contrast = 1 + knobs.colour_jitter * uniform(len(images), 1, 1, 1)
    brightness = 0.5 * knobs.colour_jitter * uniform(len(images), 1, 1, 1)
    balance = 0.3 * knobs.colour_jitter * uniform(len(images), 3, 1, 1)
    balance = torch.where(grey, 0.0, balance)
    return ((images - mean) * contrast + mean + brightness + balance).clamp(0, 1)


def sharpen(images: Tensor, most: float, draw: np.random.Generator) -> Tensor:
    """Each image blurred or sharpened by a random amount of at most ``most`` (unsharp mask)."""
    amount = images.new_tensor(draw.uniform(-most, most, (len(images), 1, 1, 1)))
    kernel = images.new_tensor([1.0, 2.0, 1.0])
    kernel = (kernel[:, None] * kernel / 16).expand(3, 1, 3, 3)
    padded = functional.pad(images, (1, 1, 1, 1), mode="replicate")
    blurred = functional.conv2d(padded, kernel, groups=3)
    return (images + amount * (images - blurred)).clamp(0, 1)
