"""v2v: an image against five training photos of each item, through the image adapter.

Negatives are the items of the batch, as in the paper. Items without training photos follow, by the
cosine of their words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from depicts_model.linker.experiments.adapter import (
    SPACE,
    Adapter,
    Knobs,
    seeded,
    towards,
)
from depicts_model.linker.experiments.classes import Classes
from depicts_model.linker.experiments.contrast import Batch, Lessons
from depicts_model.linker.experiments.course import train
from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Rows, Vectors, Work
from depicts_model.linker.experiments.worth import worth

PHOTOS: Final = 5
"""An item's images, as in the paper."""
NONE: Final = -1


def galleries(lessons: Lessons, seed: int) -> Rows:
    """(s, 5): for each item with photos the numbers of up to five, `NONE` where there are fewer."""
    draw = np.random.default_rng(seed)
    found = np.full((len(lessons.seen), PHOTOS), NONE, dtype=np.intp)
    for at, row in enumerate(found):
        own = draw.permutation(lessons.images[lessons.columns == at])[:PHOTOS]
        row[: len(own)] = own
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """The photos of the items, and how images are held against them."""

    vectors: Tensor
    """(n, d): all training images."""
    galleries: Rows
    """(s, 5)."""
    knobs: Knobs

    def cosines(
        self, adapter: Adapter, images: Tensor, items: Rows, own: Rows | None = None
    ) -> tuple[Tensor, Tensor]:
        """Pooled cosines (b, c) of images (b, d) and items (c,), and whether there was a photo.

        ``own`` (b,): the images' own numbers; an image is never held against itself.
        """
        photos = self.galleries[items]
        adapted = adapter(self.vectors[np.maximum(photos, 0)])
        found = torch.einsum("bd,cpd->bcp", adapter(images), adapted)
        there = torch.from_numpy(photos != NONE)[None].expand(found.shape)
        if own is not None:
            there = there & torch.from_numpy(photos[None] != own[:, None, None])
        return self._pooled(found, there), there.any(2)

    def _pooled(self, found: Tensor, there: Tensor) -> Tensor:
        if self.knobs.pool == "max":
            return found.masked_fill(~there, -1.0).amax(2)
        return (found * there).sum(2) / there.sum(2).clamp(min=1)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The adapter after its training."""

    adapter: Adapter
    shelf: Shelf
    classes: Classes

    @torch.inference_mode()
    def nearness(self, vectors: Vectors) -> Scores:
        """(n, s): the pooled cosines to the items with photos."""
        everyone = np.arange(len(self.classes.rows))
        found, _ = self.shelf.cosines(self.adapter, torch.from_numpy(vectors), everyone)
        result: Scores = found.numpy()
        return result

    def scores(self, part: Part) -> Scores:
        """(n, N): the items without photos come last."""
        return self.classes.among_all(self.nearness(part.vectors), part)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Matched:
    """Trains the adapter; ends where the validation part does best."""
    lessons = Lessons.of(work, knobs.parents)
    images = torch.from_numpy(work.train.vectors)
    shelf = Shelf(images, galleries(lessons, knobs.seed), knobs)
    with torch.random.fork_rng(devices=[]):
        matched = Matched(seeded(images.shape[1], knobs), shelf, Classes.of(work))

        def loss(batch: Batch) -> Tensor:
            items = batch.columns
            found, there = shelf.cosines(matched.adapter, images[batch.images], items, batch.images)
            targets = torch.from_numpy(lessons.targets[np.ix_(batch.images, items)])
            return towards(matched.adapter.scale() * found, targets * there)

        def check() -> float:
            found = np.full((len(work.val), len(work.items)), -2, dtype=np.float32)
            found[:, lessons.seen] = matched.nearness(work.val.vectors)
            return worth(found, work.val)

        train(matched.adapter, lessons, loss, check, knobs, clock)
    return matched


SYSTEM: Final = System(
    name="v2v",
    family="paper",
    source="VNEL (Sun et al. 2022, arXiv 2211.04872): image to image, fine-tuned; R@1 .421",
    fit=fit,
    knobs=Knobs(),
    space={**SPACE, "pool": ("max", "mean")},
)
