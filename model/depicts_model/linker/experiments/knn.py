"""kNN: the nearest training images vote for what they show.

Source: Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance Discrimination"
(2018), section 3.4: a vote weighs exp(cosine / temperature); the same as the cache of Tip-Adapter
(Zhang et al., 2022). A baseline of every such comparison; the papers on Commons published none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.experiments.classes import Classes
from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Vectors, Work

CLOSER: Final = 1e-6
"""Among equal votes the class with the nearest image comes first."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """What trials may turn."""

    neighbours: int = 20
    temperature: float = 0.07


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """The training images, kept as they are."""

    classes: Classes
    vectors: Vectors
    """(m, d)."""
    shares: NDArray[np.float32]
    """(m, C)."""
    knobs: Knobs

    def scores(self, part: Part) -> Scores:
        """The votes of the nearest; classes without a vote follow by their nearest image."""
        cosines = part.vectors @ self.vectors.T
        closest = nearest(cosines, self.shares > 0)
        votes = self._weights(cosines) @ self.shares
        return self.classes.among_all((votes + CLOSER * closest).astype(np.float32), part)

    def _weights(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, m): the nearest image's vote is 1, and 0 beyond the last neighbour."""
        most = min(self.knobs.neighbours, cosines.shape[1])
        last = np.partition(cosines, -most, axis=1)[:, [-most]]
        apart = cosines - cosines.max(axis=1, keepdims=True)
        return np.where(cosines >= last, np.exp(apart / self.knobs.temperature), 0)


def nearest(cosines: NDArray[np.float32], members: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(n, C): of cosines to m images (n, m) the largest within each class (m, C)."""
    return np.stack([cosines[:, column].max(axis=1) for column in members.T], axis=1)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Votes:
    """Nothing is learnt, so that the clock is never asked."""
    classes = Classes.of(work)
    return Votes(classes, work.train.vectors, classes.shares(work.train), knobs)


SYSTEM: Final = System(
    name="knn",
    family="baseline",
    source="Wu et al. 2018, section 3.4; a baseline, no figures published on this work",
    fit=fit,
    knobs=Knobs(),
    space={
        "neighbours": (1, 3, 5, 10, 20, 30, 50, 100, 200),
        "temperature": (0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2),
    },
)
