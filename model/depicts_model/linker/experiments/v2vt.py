"""v2vt: one of v2v and v2t recalls, the other ranks the best K of that anew.

Both are fitted as they are alone, with the same knobs; the first may take half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from depicts_model.linker.experiments import adapter, v2t, v2v
from depicts_model.linker.experiments.system import Clock, Fitted, Scores, System
from depicts_model.linker.experiments.work import Part, Work


@dataclass(frozen=True, slots=True)
class Knobs(adapter.Knobs):
    """Both adapters' knobs, and those of the re-ranking."""

    first: Literal["v2v", "v2t"] = "v2v"
    """Which recalls."""
    depth: int = 10
    """K: so many of the first's best are ranked anew."""


def reranked(first: Scores, second: Scores, depth: int) -> Scores:
    """(n, N): the first's best ``depth`` by the second, then all others by the first.

    With a depth of 1 the first's best stays the best; with N it is the second's order.
    """
    depth = min(depth, first.shape[1])
    best = np.argpartition(-first, depth - 1, axis=1)[:, :depth]
    anew = np.take_along_axis(second, best, 1)
    above = first.max(axis=1, keepdims=True) + 1 - anew.min(axis=1, keepdims=True)
    result = first.copy()
    np.put_along_axis(result, best, anew + above, 1)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Both:
    """The two systems, in their order."""

    first: Fitted
    second: Fitted
    knobs: Knobs

    def scores(self, part: Part) -> Scores:
        """(n, N)."""
        first, second = self.first.scores(part), self.second.scores(part)
        return reranked(first, second, self.knobs.depth)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Both:
    """Trains both."""
    half = Clock(clock.seconds / 2)
    images, words = v2v.fit(work, knobs, half), v2t.fit(work, knobs, clock)
    clock.capped = clock.capped or half.capped
    if knobs.first == "v2v":
        return Both(images, words, knobs)
    return Both(words, images, knobs)


SYSTEM: Final = System(
    name="v2vt",
    family="paper",
    source="VNEL (Sun et al. 2022, arXiv 2211.04872): recall, then re-rank; fine-tuned; R@1 .737",
    fit=fit,
    knobs=Knobs(),
    space={
        **v2v.SYSTEM.space,
        **v2t.SYSTEM.space,
        "first": ("v2v", "v2t"),
        "depth": (2, 3, 5, 10, 20, 50, 100, 1000),
    },
)
