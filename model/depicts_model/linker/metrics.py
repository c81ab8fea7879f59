"""Figures of a ranking, image by image: recall, diversity recall, average precision, MRR.

The definitions of the VEL paper, as its own table fixes them (all of its rows have
R@1 = DivR@1 = mAP@1); MRR is VNEL's, accuracy M3EL's. What an image shows is a set of things
(`work.Truth`), each named by one or more rows that are alternatives: a thing is covered where any
of its rows is, a second alternative of a covered thing is neither a hit nor new, and |G| counts
things.

    R@k      1 where any thing is covered among the first k
    DivR@k   things covered among the first k, / min(k, |G|)
    mAP@k    Σ_{r≤k} rel_r · P@r / min(k, |G|), rel_r: the row at rank r covers a new thing
    MRR@k    1 / rank of the first hit, 0 where there is none among the first k
    accuracy R@1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.experiments.work import Truth
from depicts_model.linker.ranking import most_probable

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

Normaliser = Literal["min", "hits", "all"]
NORMALISERS: Final[Mapping[Normaliser, str]] = {
    "min": "min(k, |G|)",
    "hits": "number of hits",
    "all": "|G|",
}
"""What the sum of an average precision is divided by, as a report says it."""
DEEP: Final = 100
"""Ranks that the figures look at."""
RECALL_AT: Final = (1, 5, 10, 20, 50, 100)
PRECISION_AT: Final = (1, 5, 10)
"""Also of the diversity recall."""
MRR_AT: Final = (10, 100)


def top_of(scores: NDArray[Any], most: int = DEEP) -> Rows:
    """(n, min(most, N)): rows of the candidates by scores (n, N), best first.

    Equals stand in the order of their rows. Raises ValueError where a score is no number.
    """
    if np.isnan(scores).any():
        raise ValueError("a score is not a number")
    rows = [most_probable(line, most) for line in scores]
    return np.array(rows, dtype=np.intp).reshape(len(scores), min(most, scores.shape[1]))


def per_image(
    top: Rows,
    truths: Sequence[Truth],
    normaliser: Normaliser = "min",
    near: Sequence[frozenset[int]] | None = None,
) -> dict[str, Floats]:
    """Every figure by name (``R@10``, ``mAP@1`` …), each (n,): one number an image.

    ``top``: (n, k) rows of candidates, best first; k = 100 or all candidates. What is deeper than
    k is left out. ``near``: for each candidate the rows within h hops, itself too, as `within`
    gives them: a thing is covered by any of those (DivR only); None: h = 0, as in the tables.
    Raises ValueError where the sizes differ, an image shows no thing, or a row is listed twice.
    """
    ranks = Ranks.of(top, truths)
    wide = ranks if near is None else Ranks.of(top, [_wide(truth, near) for truth in truths])
    deep = top.shape[1]
    found = {f"R@{k}": ranks.recall(k) for k in RECALL_AT if k <= deep}
    found |= {f"DivR@{k}": wide.diversity(k) for k in PRECISION_AT if k <= deep}
    found |= {f"mAP@{k}": ranks.precision(k, normaliser) for k in PRECISION_AT if k <= deep}
    found |= {f"MRR@{k}": ranks.reciprocal(k) for k in MRR_AT if k <= deep}
    return found | {"accuracy": ranks.recall(1)}


def within(parents: Sequence[Sequence[int]], hops: int) -> tuple[frozenset[int], ...]:
    """For each candidate the rows at most ``hops`` edges away, up or down, and itself."""
    beside: list[set[int]] = [{row} for row in range(len(parents))]
    for row, above in enumerate(parents):
        for parent in above:
            beside[row].add(parent)
            beside[parent].add(row)
    found = [frozenset({row}) for row in range(len(parents))]
    for _ in range(hops):
        found = [frozenset().union(*(beside[row] for row in rows)) for rows in found]
    return tuple(found)


def _wide(truth: Truth, near: Sequence[frozenset[int]]) -> Truth:
    return tuple(frozenset().union(*(near[row] for row in thing)) for thing in truth)


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """At which rank each thing is first covered; T things of n images."""

    image: Rows
    """(T,): the image that shows the thing; in order, each image at least once."""
    first: Rows
    """(T,): its rank from 0, or the number of ranks where it is not covered."""
    hits: NDArray[np.bool_]
    """(n, k): rel_r, whether the row covers a new thing."""

    @classmethod
    def of(cls, top: Rows, truths: Sequence[Truth]) -> Ranks:
        """The ranks of all things of ``truths`` in ``top`` (n, k); see `per_image`."""
        _check(top, truths)
        image = np.repeat(np.arange(len(truths)), [len(truth) for truth in truths])
        things = [thing for truth in truths for thing in truth]
        thing = np.repeat(np.arange(len(things)), [len(rows) for rows in things])
        named = np.fromiter((row for rows in things for row in rows), np.intp, len(thing))
        deep = top.shape[1]
        at, rank = np.nonzero(top[image[thing]] == named[:, None])
        first = np.full(len(things), deep, dtype=np.intp)
        np.minimum.at(first, thing[at], rank)
        hits = np.zeros((len(truths), deep + 1), dtype=np.bool_)
        hits[image, first] = True
        return cls(image, first, hits[:, :deep])

    def recall(self, k: int) -> Floats:
        """(n,): 1 where anything is covered among the first k."""
        found: Floats = np.where(self.hits[:, :k].any(axis=1), 1.0, 0.0)
        return found

    def diversity(self, k: int) -> Floats:
        """(n,): share of what could be covered; a row that covers two things counts for both."""
        covered = np.bincount(self.image, self.first < k, minlength=len(self.hits))
        share: Floats = covered / np.minimum(k, self._shown())
        capped: Floats = np.minimum(share, 1.0)
        return capped

    def precision(self, k: int, normaliser: Normaliser = "min") -> Floats:
        """(n,): average precision of the first k."""
        hits = self.hits[:, :k]
        so_far = hits.cumsum(axis=1)
        total = (hits * so_far / np.arange(1, hits.shape[1] + 1)).sum(axis=1)
        things = self._shown()
        divisors = {"min": np.minimum(k, things), "hits": hits.sum(axis=1), "all": things}
        average: Floats = total / np.maximum(divisors[normaliser], 1)
        return average

    def reciprocal(self, k: int) -> Floats:
        """(n,): 1 / rank of the first hit, 0 where none is among the first k."""
        hits = self.hits[:, :k]
        share: Floats = np.where(hits.any(axis=1), 1 / (1 + hits.argmax(axis=1)), 0.0)
        return share

    def _shown(self) -> Rows:
        """(n,): |G|."""
        return np.bincount(self.image, minlength=len(self.hits))


def _check(top: Rows, truths: Sequence[Truth]) -> None:
    if len(top) != len(truths):
        raise ValueError(f"{len(top)} rankings for {len(truths)} images")
    empty = next((at for at, truth in enumerate(truths) if not truth), None)
    if empty is not None:
        raise ValueError(f"image {empty} shows nothing")
    ordered = np.sort(top, axis=1)
    twice = np.argwhere(ordered[:, 1:] == ordered[:, :-1])
    if len(twice):
        image, at = twice[0]
        raise ValueError(f"image {image}: row {ordered[image, at]} is listed twice")
