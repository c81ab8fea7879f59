"""Photos pasted into photos (CutMix, Yun et al. 2019), with what is said of them mixed likewise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from depicts_model.linker.training.batches import Batch


def cutmix(batch: Batch, share: float, draw: np.random.Generator) -> Batch:
    """The batch, of whose photos about ``share`` have a rectangle of another photo in them.

    Targets, the teacher's probabilities and its features (they are means over the image) are
    mixed by the areas. The strange photos stay as they are.
    """
    count = len(batch.targets)
    other = torch.from_numpy(draw.permutation(count))
    pasted = _rectangles(count, batch.images.shape[-1], share, draw).to(batch.images.device)
    kept = (1 - pasted.float().mean((1, 2, 3))).view(-1, 1)
    images = batch.images.clone()
    images[:count] = torch.where(pasted, batch.images[:count][other], batch.images[:count])
    return replace(
        batch,
        images=images,
        targets=kept * batch.targets + (1 - kept) * batch.targets[other],
        scores=_mixed_scores(batch.scores, batch.scores[other], kept),
        features=kept * batch.features + (1 - kept) * batch.features[other],
    )


def _rectangles(count: int, size: int, share: float, draw: np.random.Generator) -> Tensor:
    """Masks (count, 1, size, size): a rectangle of an area uniform in 0..1 in ``share`` of them."""
    area = np.where(draw.random(count) < share, draw.random(count), 0.0)
    side = np.rint(size * np.sqrt(area))
    first = np.floor(draw.random((2, count)) * (size - side + 1))
    at = np.arange(size)
    down, across = ((at >= low[:, None]) & (at < (low + side)[:, None]) for low in first)
    return torch.from_numpy(down[:, None, :, None] & across[:, None, None, :])


def _mixed_scores(one: Tensor, other: Tensor, kept: Tensor) -> Tensor:
    """Logarithms of the mixed probabilities: as good as logits."""
    mixed = kept * one.softmax(-1) + (1 - kept) * other.softmax(-1)
    return mixed.clamp_min(1e-9).log()


def within(
    boxes: NDArray[np.float32], least: float, draw: np.random.Generator
) -> NDArray[np.float32]:
    """In each box (left, top, width, height) another, each side at least ``least`` of its own."""
    start, extent = boxes[:, :2], boxes[:, 2:]
    inner = extent * draw.uniform(least, 1, extent.shape)
    moved = start + draw.random(extent.shape) * (extent - inner)
    return np.concatenate([moved, inner], axis=1).astype(np.float32)
