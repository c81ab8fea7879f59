"""v2t: an image against the words of each item, through the image adapter.

The words' vectors stay frozen; negatives are the items of the batch, as in the paper.
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
from depicts_model.linker.experiments.contrast import Batch, Lessons
from depicts_model.linker.experiments.course import train
from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Vectors, Work
from depicts_model.linker.experiments.worth import worth


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """The adapter after its training, and the words (N, d)."""

    adapter: Adapter
    texts: Vectors

    @torch.inference_mode()
    def scores(self, part: Part) -> Scores:
        """Cosines (n, N)."""
        adapted: Vectors = self.adapter(torch.from_numpy(part.vectors)).numpy()
        return adapted @ self.texts.T


def fit(work: Work, knobs: Knobs, clock: Clock) -> Read:
    """Trains the adapter; ends where the validation part does best."""
    lessons = Lessons.of(work, knobs.parents)
    images, texts = torch.from_numpy(work.train.vectors), torch.from_numpy(work.texts)
    with torch.random.fork_rng(devices=[]):
        read = Read(seeded(images.shape[1], knobs), work.texts)

        def loss(batch: Batch) -> Tensor:
            items = batch.columns
            words = texts[lessons.seen[items]]
            targets = torch.from_numpy(lessons.targets[np.ix_(batch.images, items)])
            logits = read.adapter.scale() * read.adapter(images[batch.images]) @ words.T
            return towards(logits, targets)

        def check() -> float:
            return worth(read.scores(work.val), work.val)

        train(read.adapter, lessons, loss, check, knobs, clock)
    return read


SYSTEM: Final = System(
    name="v2t",
    family="paper",
    source="VNEL (Sun et al. 2022, arXiv 2211.04872): image to text, fine-tuned; R@1 .595",
    fit=fit,
    knobs=Knobs(),
    space=SPACE,
)
