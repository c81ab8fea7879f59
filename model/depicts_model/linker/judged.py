"""Images whose contents are known, and what was shown for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.calibrate import lower_bound
from depicts_model.linker.facts import Facts
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.page import Page
from depicts_model.types import Qid

Floats = NDArray[np.float64]


def open_world(known: Sequence[frozenset[Qid]], made: int) -> NDArray[np.float64]:
    """Weights (len(known) + made,): kinds even among themselves, strangers as much in all.

    ``known``: what each photo shows of what is learnt, empty for a stranger's; ``made``: textures,
    which come last and count as they are many.
    """
    counts = Counter(qid for truth in known for qid in truth)
    weights = np.array([1 / min(counts[q] for q in truth) if truth else 0.0 for truth in known])
    strange = np.array([not truth for truth in known], dtype=bool)
    if strange.any() and not strange.all():
        weights[strange] = weights.sum() / strange.sum()
    weights[strange & (weights == 0)] = 1.0
    mean = weights.mean() if len(weights) else 1.0
    return np.concatenate([weights / mean, np.ones(made)])


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Images whose contents are known."""

    vectors: NDArray[np.float32]
    """(n, d), as `encoder.Encoder.encode` gives them."""
    truths: tuple[frozenset[Qid], ...]
    """What each image shows; empty where it shows nothing that the catalog could know."""
    weights: Floats
    """(n,), above zero: how many images of the world each stands for."""
    pages: tuple[Page, ...] | None = None
    """What each image's page says; None: the images come without pages."""

    def __post_init__(self) -> None:
        pages = self.truths if self.pages is None else self.pages
        if not len(self.vectors) == len(self.truths) == len(self.weights) == len(pages):
            counts = f"{len(self.truths)} truths, {len(self.weights)} weights, {len(pages)} pages"
            raise ValueError(f"{len(self.vectors)} vectors for {counts}")
        if not (self.weights > 0).all():
            raise ValueError("weights must be above zero")

    def __add__(self, other: Judged) -> Judged:
        """The images of both; with pages only where both have them."""
        paged = self.pages is not None and other.pages is not None
        return Judged(
            np.concatenate([self.vectors, other.vectors]),
            (*self.truths, *other.truths),
            np.concatenate([self.weights, other.weights]),
            (*(self.pages or ()), *(other.pages or ())) if paged else None,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """What the selection showed on judged images, at one threshold."""

    confidence: tuple[float, ...] = ()
    correct: tuple[bool, ...] = ()
    weight: tuple[float, ...] = ()
    """Of the image that each suggestion was for."""
    covered: float = 0.0
    """Weight of the images of something that got at least one suggestion."""
    lured: int = 0
    """Images of nothing that did."""
    each: tuple[int, ...] = ()
    """How many suggestions each image got, in order; empty where all are of different images."""

    def __add__(self, other: Shown) -> Shown:
        """What was shown on the images of both."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(Shown))
        return Shown(*(one + two for one, two in pairs))

    def precision(self) -> float:
        """Share of right suggestions, by weight; 0 where none was shown."""
        return self._right() / sum(self.weight) if self.weight else 0.0

    def bound(self, alpha: float) -> float:
        """Lower confidence bound of the precision.

        Of weighted images it is that of as many even ones as carry the same information (Kish's
        effective sample size, (ΣW)² / ΣW²). The suggestions of one image are right or wrong
        together, at worst: W is their weight in all, and they count as one.
        """
        if not self.weight:
            return 0.0
        sizes = np.array(self.each or (1,) * len(self.weight))
        heavy = np.add.reduceat(self.weight, np.cumsum(sizes) - sizes)
        even = float(heavy.sum() ** 2 / (heavy**2).sum())
        return lower_bound(self.precision() * even, even, alpha)

    def _right(self) -> float:
        return sum(w for w, right in zip(self.weight, self.correct, strict=True) if right)


class Answers:
    """Which nodes are right for an image: its true items and all their ancestors."""

    def __init__(self, facts: Facts, hierarchy: Hierarchy) -> None:
        self._facts = facts
        self._index = hierarchy.index
        self.qids = hierarchy.nodes
        self._found: dict[Qid, frozenset[int]] = {}

    def nodes(self, truth: Iterable[Qid]) -> frozenset[int]:
        """Rows of the nodes that are right where ``truth`` is shown."""
        return frozenset().union(*map(self._of, truth))

    def _of(self, qid: Qid) -> frozenset[int]:
        if qid not in self._found:
            named = {qid, self._facts.representative(qid)}
            kin = named.union(*map(self._facts.ancestors, named))
            self._found[qid] = frozenset(self._index[k] for k in kin if k in self._index)
        return self._found[qid]
