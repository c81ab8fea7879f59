"""From photos in memory to batches: crops that the teacher saw, jitter, textures, targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.teacher import Answers

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
        made = textures(photos, knobs.batch - len(rows) - len(some), draw)
        images = torch.cat([jitter(torch.cat([photos, strange]), draw, knobs), made])
        return Batch(
            normalise(sharpen(images, knobs.sharpness, draw)).contiguous(
                memory_format=torch.channels_last
            ),
            torch.from_numpy(self.targets[rows]),
            torch.from_numpy(self.answers.scores[rows, views]).float() * self.answers.score_scale,
            torch.from_numpy(self.answers.features[rows, views]).float(),
        )

    def _crops(
        self,
        rows: NDArray[np.intp],
        views: NDArray[np.int64],
        size: int,
        draw: np.random.Generator,
    ) -> Tensor:
        boxes = torch.from_numpy(self.answers.boxes[rows, views])
        pixels = torch.from_numpy(self.pixels[rows]).permute(0, 3, 1, 2).float() / 255
        return crop(pixels, boxes, torch.from_numpy(draw.random(len(rows)) < 0.5), size)


def normalise(images: Tensor) -> Tensor:
    """Images in 0..1 as the tower wants them: (x − mean) / std by channel."""
    return (images - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def crop(images: Tensor, boxes: Tensor, mirrored: Tensor, size: int) -> Tensor:
    """Cut each box (left, top, width, height in 0..1) out, mirror, scale to size × size."""
    left, top, width, height = boxes.unbind(1)
    theta = torch.zeros(len(images), 2, 3)
    theta[:, 0, 0] = torch.where(mirrored, -width, width)
    theta[:, 1, 1] = height
    theta[:, 0, 2] = 2 * left + width - 1
    theta[:, 1, 2] = 2 * top + height - 1
    grid = functional.affine_grid(theta, [len(images), 3, size, size], align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False, padding_mode="border")


def jitter(images: Tensor, draw: np.random.Generator, knobs: Knobs) -> Tensor:
    """Some images grey; brightness, contrast and colour balance of all shifted a little."""

    def uniform(*shape: int) -> Tensor:
        return torch.from_numpy(draw.uniform(-1, 1, shape).astype(np.float32))

    grey = torch.from_numpy(draw.random(len(images)) < knobs.grey_share).view(-1, 1, 1, 1)
    images = torch.where(grey, images.mean(1, keepdim=True), images)
    mean = images.mean((1, 2, 3), keepdim=True)
    contrast = 1 + knobs.colour_jitter * uniform(len(images), 1, 1, 1)
    brightness = 0.5 * knobs.colour_jitter * uniform(len(images), 1, 1, 1)
    balance = 0.3 * knobs.colour_jitter * uniform(len(images), 3, 1, 1)
    balance = torch.where(grey, 0.0, balance)
    return ((images - mean) * contrast + mean + brightness + balance).clamp(0, 1)


def sharpen(images: Tensor, most: float, draw: np.random.Generator) -> Tensor:
    """Each image blurred or sharpened by a random amount of at most ``most`` (unsharp mask)."""
    amount = torch.from_numpy(draw.uniform(-most, most, (len(images), 1, 1, 1)).astype(np.float32))
    kernel = torch.tensor([1.0, 2.0, 1.0])
    kernel = (kernel[:, None] * kernel / 16).expand(3, 1, 3, 3)
    padded = functional.pad(images, (1, 1, 1, 1), mode="replicate")
    blurred = functional.conv2d(padded, kernel, groups=3)
    return (images + amount * (images - blurred)).clamp(0, 1)


def textures(photos: Tensor, count: int, draw: np.random.Generator) -> Tensor:
    """Images of nothing in particular (count, 3, s, s): noise, stripes, shuffled patches."""
    makers = (_noise, _stripes, _shuffled)
    made = [makers[draw.integers(3)](photos, draw) for _ in range(count)]
    return torch.stack(made) if made else photos[:0]


def _noise(photos: Tensor, draw: np.random.Generator) -> Tensor:
    """Band-limited noise, grey or coloured, of random contrast."""
    size, channels = photos.shape[-1], int(draw.choice([1, 1, 3]))
    total = torch.zeros(1, channels, size, size)
    for cells in draw.choice([2, 4, 8, 16, 32, size], size=2):
        coarse = torch.from_numpy(draw.normal(size=(1, channels, cells, cells)).astype(np.float32))
        total += functional.interpolate(coarse, size=(size, size), mode="bilinear")
    return (0.5 + draw.uniform(0.05, 0.3) * total[0]).expand(3, size, size).clamp(0, 1)


def _stripes(photos: Tensor, draw: np.random.Generator) -> Tensor:
    """A grid of lines at a random angle, as bricks, tiles and written pages have."""
    size = photos.shape[-1]
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    angle, periods = draw.uniform(0, np.pi), draw.uniform(3, size / 3, size=2)
    along = np.cos(angle) * x + np.sin(angle) * y
    across = -np.sin(angle) * x + np.cos(angle) * y
    waves = torch.sin(2 * np.pi * along / periods[0])
    if draw.random() < 0.6:
        waves = torch.maximum(waves, torch.sin(2 * np.pi * across / periods[1]))
    grain = torch.from_numpy(draw.normal(size=(size, size)).astype(np.float32))
    grey = draw.uniform(0.2, 0.8) + draw.uniform(0.05, 0.3) * waves.sign() + 0.05 * grain
    return grey.float().clamp(0, 1).expand(3, size, size)


def _shuffled(photos: Tensor, draw: np.random.Generator) -> Tensor:
    """A photo cut into small tiles that are put back in random order; often grey."""
    photo = photos[draw.integers(len(photos))]
    side = max(2, photo.shape[-1] // int(draw.choice([8, 10, 13])))
    count = photo.shape[-1] // side
    whole = photo[:, : count * side, : count * side]
    tiles = whole.reshape(3, count, side, count, side).permute(1, 3, 0, 2, 4).flatten(0, 1)
    if draw.random() < 0.5:  # one tile everywhere: a regular texture
        tiles = tiles[draw.integers(len(tiles))].expand_as(tiles)
    tiles = tiles[torch.from_numpy(draw.permutation(len(tiles)))]
    mixed = tiles.reshape(count, count, 3, side, side).permute(2, 0, 3, 1, 4)
    mixed = mixed.reshape(3, count * side, count * side)
    mixed = functional.interpolate(mixed[None], size=photo.shape[-2:], mode="bilinear")[0]
    return mixed.mean(0, keepdim=True).expand_as(mixed) if draw.random() < 0.6 else mixed
