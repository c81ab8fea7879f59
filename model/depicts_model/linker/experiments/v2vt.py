"""v2vt: one of v2v and v2t recalls, the other ranks the best K of that anew.

Both are fitted as they are alone, with the same knobs; the first may take half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from depicts_model.linker.experiments import adapter, v2t, v2v
from depicts_model.linker.experiments.system import Clock, Fitted, Scores, System
from depicts_model.linker.experiments.work import Part, Work
from depicts_model.linker.experiments.worth import worth


@dataclass(frozen=True, slots=True)
class Knobs(adapter.Knobs):
    """Both adapters' knobs, and those of the re-ranking."""

    depths: tuple[int, ...] = (1, 2, 3, 5, 10, 20, 50, 100, 1000)
    """K, swept: so many of the first's best are ranked anew. Which of the two recalls, and K, are
    those that do best on the validation part."""


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
    depth: int

    def scores(self, part: Part) -> Scores:
        """(n, N)."""
        first, second = self.first.scores(part), self.second.scores(part)
        return reranked(first, second, self.depth)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Both:
    """Trains both."""
    half = Clock(clock.seconds / 2)
    images, words = v2v.fit(work, knobs, half), v2t.fit(work, knobs, clock)
    clock.capped = clock.capped or half.capped
    by_look, by_word = images.scores(work.val), words.scores(work.val)
    best, worthiest = Both(images, words, 1), -1.0
    for first, second, one, other in (
        (images, words, by_look, by_word),
        (words, images, by_word, by_look),
    ):
        for depth in knobs.depths:
            found = worth(reranked(one, other, depth), work.val)
            if found > worthiest:
                best, worthiest = Both(first, second, depth), found
    return best


SYSTEM: Final = System(
    name="v2vt",
    family="paper",
    source="VNEL (Sun et al. 2022, arXiv 2211.04872): recall, then re-rank; fine-tuned; R@1 .737",
    fit=fit,
    knobs=Knobs(),
    space={
        **v2v.SYSTEM.space,
        **v2t.SYSTEM.space,
    },
)
