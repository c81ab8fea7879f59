"""Figures of what is shown: precision, exactness, coverage, calibration, and along the hierarchy.

What is shown for an image is right where it is an item that the image shows, or an ancestor of
one that is not too general: with at most `TOO_MANY` visual items below it, 2 % of all, whatever
floor the product itself has.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.calibrate import ece

Floats = NDArray[np.float64]
TOO_MANY: Final = 320
"""An ancestor with more visual items below it says too little (2 % of 16,018; linking.md §4)."""
Things = Sequence[Set[int]]
"""What an image shows: of each thing the nodes that name it, alternatives of each other."""
Node = TypeVar("Node", contravariant=True, bound=Hashable)


class Verdict(IntEnum):
    """What a suggestion is to the image that it is shown for."""

    EXACT = 0
    ANCESTOR = 1
    TOO_GENERAL = 2
    WRONG = 3


class Kin(Protocol[Node]):
    """A hierarchy as far as judging needs it; nodes are numbers, or the items themselves."""

    def above(self, node: Node) -> Set[Any]:
        """The ancestors of a node, without itself."""

    def below(self, node: Node) -> int:
        """How many visual items are below a node, without itself."""


def verdict(
    node: Node, truth: Sequence[Set[Node]], kin: Kin[Node], most: int = TOO_MANY
) -> Verdict:
    """What ``node`` is to an image that shows ``truth``."""
    named = frozenset[Node]().union(*truth)
    if node in named:
        return Verdict.EXACT
    if not any(node in kin.above(one) for one in named):
        return Verdict.WRONG
    return Verdict.ANCESTOR if kin.below(node) <= most else Verdict.TOO_GENERAL


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """S suggestions on n images, in any order."""

    images: int
    """n: those too for which nothing is shown."""
    image: NDArray[np.intp]
    """(S,)."""
    confidence: Floats
    """(S,)."""
    verdict: NDArray[np.uint8]
    """(S,): values of `Verdict`."""

    def __post_init__(self) -> None:
        if not len(self.image) == len(self.confidence) == len(self.verdict):
            raise ValueError("image, confidence and verdict differ in length")
        if len(self.image) and not 0 <= self.image.min() <= self.image.max() < self.images:
            raise ValueError(f"a suggestion for an image that is none of {self.images}")

    def right(self) -> NDArray[np.bool_]:
        """(S,): exact, or an ancestor that is not too general."""
        return self.verdict <= Verdict.ANCESTOR


def display_figures(shown: Shown) -> dict[str, float]:
    """Shares by name; those of what is shown are NaN where nothing is.

    ``precision``, ``exact``, ``too general``: of all suggestions; ``coverage``: of the images that
    get any; ``ECE``: expected calibration error, a right suggestion as in ``precision``.
    """
    coverage = len(np.unique(shown.image)) / shown.images if shown.images else 0.0
    if not len(shown.image):
        names = ("precision", "exact", "too general", "ECE")
        return {**dict.fromkeys(names, float("nan")), "coverage": coverage}
    return {
        "precision": float(shown.right().mean()),
        "exact": float((shown.verdict == Verdict.EXACT).mean()),
        "too general": float((shown.verdict == Verdict.TOO_GENERAL).mean()),
        "ECE": ece(shown.confidence, shown.right()),
        "coverage": coverage,
    }


def hierarchical(
    shown: Sequence[Set[int]], truths: Sequence[Things], kin: Kin[int]
) -> Mapping[str, float]:
    """``hP`` and ``hR``: precision and recall of nodes with all their ancestors.

    Kiritchenko, Matwin, Famili (2005): Σ|P ∩ T| / Σ|P| and Σ|P ∩ T| / Σ|T| over images, P being
    what is shown and T the truth, both with ancestors. NaN where there is nothing to divide by.
    """
    common, said, true = agreement(shown, truths, kin).sum(axis=0).tolist()
    return {"hP": _share(common, said), "hR": _share(common, true)}


def agreement(shown: Sequence[Set[int]], truths: Sequence[Things], kin: Kin[int]) -> Floats:
    """(n, 3): of each image |P ∩ T|, |P| and |T|, as `hierarchical` sums them up.

    Of a thing with alternatives the one counts that P agrees with most.
    """
    found = np.zeros((len(shown), 3))
    for row, nodes, things in zip(found, shown, truths, strict=True):
        told = _closed(nodes, kin)
        meant = frozenset[int]().union(*(_nearest(thing, told, kin) for thing in things))
        row[:] = len(told & meant), len(told), len(meant)
    return found


def _closed(nodes: Set[int], kin: Kin[int]) -> frozenset[int]:
    return frozenset(nodes).union(*(kin.above(node) for node in nodes))


def _nearest(thing: Set[int], told: Set[int], kin: Kin[int]) -> frozenset[int]:
    """The alternative that agrees most, with its ancestors; of equals the one with fewest."""
    closed = [_closed({node}, kin) for node in sorted(thing)]
    return max(closed, key=lambda nodes: (len(nodes & told), -len(nodes)))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
