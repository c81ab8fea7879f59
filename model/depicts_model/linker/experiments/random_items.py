"""random: items drawn by how often they were used in training, whatever the image shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Rows, Work

UNSEEN: Final = 1e-20
"""Added to the count of every item: what was never used comes after all that was."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """Nothing but the seed."""

    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A ranking for each image, drawn without replacement in proportion to the uses (N,)."""

    uses: Rows
    seed: tuple[int, ...]

    def scores(self, part: Part) -> Scores:
        """(n, N). Log of the weight plus Gumbel noise: its order is such a draw (Vieira 2014)."""
        draw = np.random.default_rng(self.seed)
        noise = draw.gumbel(size=(len(part), len(self.uses)))
        drawn: Scores = (np.log(self.uses + UNSEEN) + noise).astype(np.float32)
        return drawn


def fit(work: Work, knobs: Knobs, clock: Clock) -> Drawn:
    """Counts."""
    return Drawn(work.uses(), (work.seed, knobs.seed))


SYSTEM = System(
    name="random",
    family="vel",
    source="Visual Entity Linking for Wikimedia Commons (2024): by train frequency; R@10 17.2",
    fit=fit,
    knobs=Knobs(),
)
