"""In-batch contrastive learning as the VEL paper has it: pairs, targets with parents, the loss.

A pair is an image and an item that it shows. Within a batch every item of another pair is a
negative, unless it is right for the image too, or a parent of what is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from depicts_model.linker.experiments.work import Rows, Work


@dataclass(frozen=True, slots=True)
class Contrast:
    """Knobs of every contrastive course."""

    batch: int = 1024
    """Pairs in a batch."""
    parents: float = 1.0
    """Weight of a parent at one hop among the targets; the item itself has 1."""
    by_frequency: bool = True
    """Whether an item's gradient is divided by how often the item is in the batch."""
    distinct: bool = False
    """Whether an item that is in a batch several times is one column, or one for each pair, as
    InfoNCE has it: with many columns an item's score loses what its frequency is worth."""
    both_ways: bool = True
    """Whether items look for their images too, as in CLIP, or only images for their items."""
    rate: float = 1e-3
    decay: float = 0.01
    warm_up: float = 0.1
    """Share of the steps in which the rate rises; then it falls along a cosine."""
    scale: float = 14.0
    """Factor of a cosine in a logit at the start; it is learnt."""
    epochs: int = 100
    check_every: int = 2
    """Epochs between two looks at the validation part."""
    patience: int = 5
    """Looks without a better figure after which the course ends."""
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """b pairs, and c columns that they are compared with."""

    images: Rows
    """(b,): numbers of images in the train part."""
    columns: Rows
    """(c,): places in `Lessons.seen`."""
    targets: Tensor
    """(b, c): weights; above zero in every row and every column."""
    shares: Tensor
    """(c,): one over how often the column's item is in the batch."""


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """The pairs of a train part of n images, with s items that it shows."""

    seen: Rows
    """(s,): candidate rows, rising."""
    images: Rows
    """(p,): the image of each pair."""
    columns: Rows
    """(p,): its item, as a place in ``seen``."""
    targets: NDArray[np.float32]
    """(n, s): 1 for what an image shows, the parents' weight for what is one hop above that."""

    @classmethod
    def of(cls, work: Work, parents: float) -> Lessons:
        """A pair for each right row of each image, alternatives too."""
        shown = work.train.rows()
        seen = np.array(sorted(frozenset().union(*shown)), dtype=np.intp)
        place = {int(row): at for at, row in enumerate(seen)}
        targets = np.zeros((len(shown), len(seen)), dtype=np.float32)
        for image, rows in enumerate(shown):
            above = {parent for row in rows for parent in work.parents[row]} & place.keys()
            targets[image, [place[row] for row in above]] = parents
            targets[image, [place[row] for row in rows]] = 1.0
        pairs = [(image, place[row]) for image, rows in enumerate(shown) for row in sorted(rows)]
        images, columns = np.array(pairs, dtype=np.intp).T
        return cls(seen, images, columns, targets)

    def steps(self, knobs: Contrast) -> int:
        """Batches in an epoch."""
        return -(-len(self.images) // knobs.batch)

    def batches(self, draw: np.random.Generator, knobs: Contrast) -> Iterator[Batch]:
        """All pairs once, shuffled, in batches of about one size."""
        for at in np.array_split(draw.permutation(len(self.images)), self.steps(knobs)):
            yield self.batch(at, distinct=knobs.distinct)

    def batch(self, at: Rows, *, distinct: bool) -> Batch:
        """The batch of the pairs of these numbers."""
        images, columns = self.images[at], self.columns[at]
        found, where, counts = np.unique(columns, return_inverse=True, return_counts=True)
        if distinct:
            columns, shares = found, 1 / counts
        else:
            shares = 1 / counts[where]
        targets = torch.from_numpy(self.targets[np.ix_(images, columns)])
        return Batch(images, columns, targets, torch.from_numpy(shares.astype(np.float32)))


def info_nce(logits: Tensor, targets: Tensor, *, both_ways: bool) -> Tensor:
    """Mean cross entropy of rows against targets (b, c) that are brought to sum 1; and, where both
    ways are asked for, the mean of that and the same of the columns.
    """
    loss = _towards(logits, targets)
    return (loss + _towards(logits.T, targets.T)) / 2 if both_ways else loss


def _towards(logits: Tensor, targets: Tensor) -> Tensor:
    shares = targets / targets.sum(1, keepdim=True)
    return -(shares * functional.log_softmax(logits, dim=1)).sum(1).mean()


def softened(vectors: Tensor, shares: Tensor) -> Tensor:
    """``vectors`` (c, d) as they are, whose gradients are multiplied by ``shares`` (c,)."""
    part = vectors * shares[:, None]
    return part + (vectors - part).detach()


def loss_of(images: Tensor, items: Tensor, scale: Tensor, batch: Batch, knobs: Contrast) -> Tensor:
    """The loss of a batch. ``images`` (b, d) and ``items`` (c, d): unit vectors."""
    if knobs.by_frequency:
        items = softened(items, batch.shares)
    return info_nce(scale * images @ items.T, batch.targets, both_ways=knobs.both_ways)
