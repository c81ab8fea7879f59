"""Images of nothing in particular, made rather than taken: what a model should be silent on."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional


def textures(photos: Tensor, count: int, draw: np.random.Generator) -> Tensor:
    """Images of nothing in particular (count, 3, s, s): noise, stripes, shuffled patches."""
    makers = (_noise, _stripes, _shuffled)
    made = [makers[draw.integers(3)](photos, draw) for _ in range(count)]
    return torch.stack(made) if made else photos[:0]


def as_files(images: Tensor) -> Iterator[bytes]:
    """Images (n, 3, s, s), 0 to 1, as PNG files."""
    for image in images:
        out = io.BytesIO()
        array = (image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        Image.fromarray(array).save(out, "PNG")
        yield out.getvalue()


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
