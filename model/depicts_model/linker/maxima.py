"""The largest value at or below each node, exact, and fast for one image at a time.

A maximum forgives repetition, so it may be passed up the graph's direct edges level by level,
diamonds or not: some 25,000 comparisons where the closure of 18,500 items has 300,000 entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Matrix = Any
"""A scipy CSR array; scipy carries no types."""


@dataclass(frozen=True, slots=True)
class Level:
    """Nodes whose longest way down has one length; places are rows in `Maxima.order`."""

    start: int
    stop: int
    """Their places are ``start`` … ``stop`` - 1."""
    below: Rows
    """Places of what lies directly below each of them, node by node."""
    firsts: Rows
    """Where each node's part of ``below`` begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Maxima:
    """The maxima of A nodes."""

    order: Rows
    """(A,): nodes by level, the lowest first."""
    place: Rows
    """(A,): each node's place in that order."""
    levels: tuple[Level, ...]
    """All but the lowest, upwards."""

    @classmethod
    def over(cls, down: Matrix) -> Maxima:
        """The maxima over ``down`` (A, A), CSR: row a marks a and all nodes below it.

        It must be a closure: what is below a node below a is below a.
        """
        direct = _direct(down)
        heights = _heights(direct)
        order = np.argsort(heights, kind="stable")
        place = np.argsort(order)
        bounds = np.searchsorted(heights[order], np.arange(heights.max(initial=0) + 2))
        spans = zip(bounds[1:-1].tolist(), bounds[2:].tolist(), strict=True)
        levels = tuple(_level(direct[order[a:b]], place, a, b) for a, b in spans)
        return cls(order, place, levels)

    def of(self, values: Floats) -> Floats:
        """Values of nodes (A,), -inf for none, to the largest at or below each node (A,)."""
        found = values[self.order]
        for level in self.levels:
            below = np.maximum.reduceat(found[level.below], level.firsts)
            own = found[level.start : level.stop]
            np.maximum(own, below, out=own)
        result: Floats = found[self.place]
        return result


def _direct(down: Matrix) -> Matrix:
    """Of the closure, the pairs with nothing between them (the order's Hasse diagram)."""
    size = down.shape[0]
    strict = sparse.csr_array(down - sparse.eye_array(size, format="csr"))
    strict.eliminate_zeros()
    between = strict @ strict
    direct = sparse.csr_array(strict - strict.multiply(between > 0))
    direct.eliminate_zeros()
    direct.sort_indices()
    return direct


def _heights(direct: Matrix) -> Rows:
    """(A,): steps of the longest way down from each node."""
    heights = np.zeros(direct.shape[0], dtype=np.intp)
    inner = np.flatnonzero(np.diff(direct.indptr))
    while len(inner):
        higher = np.maximum.reduceat(heights[direct.indices], direct.indptr[inner]) + 1
        if np.array_equal(higher, heights[inner]):
            break
        heights[inner] = higher
    return heights


def _level(direct: Matrix, place: Rows, start: int, stop: int) -> Level:
    return Level(start, stop, place[direct.indices], direct.indptr[:-1].astype(np.intp))
