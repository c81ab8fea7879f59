"""The roll-up m_a = Σ of p over the items at or below a, exact, and fast for one image at a time.

Two forms of the same sums over the set closure, chosen by the scores alone:

- flat scores: items are put in an order in which what lies below a node mostly lies together, so
  that a node's mass is a few differences of running sums instead of thousands of summands. All
  nodes are then one sparse product with far fewer entries than the closure has. A node with few
  items keeps its plain sum.
- peaked scores: only items that matter are added, each to the nodes above it. All that is left
  out weighs at most SKIPPED together, because each part weighs at most SKIPPED / N.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Matrix = Any
"""A scipy CSR array; scipy carries no types."""

SKIPPED: Final = 1e-9
"""Probability that the peaked form may leave out in all, of 1."""
ADDING: Final = 4
"""What adding one item to one node costs in the peaked form, in entries of the product."""
LANES: Final = 8
"""Running sums advance in this many steps over rows of N / LANES: twice as fast as one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class RollUp:
    """The sums of A nodes over N items."""

    slots: Rows
    """Item of each slot of the running sums, N for none; place t is in row t % LANES."""
    terms: Matrix
    """(B, N + 1 + slots) CSR over the items' probabilities, a 0, and their running sums: a row
    for each node of more than one item. Short rows first: three times as fast as mixed ones."""
    where: Rows
    """(A,): the place of each node's mass among what `terms` is over, followed by its product."""
    above: Matrix
    """(N, A) CSR: row i marks the nodes at or above item i."""

    @classmethod
    def over(cls, closure: Matrix, node_of_item: Rows, parents: Sequence[Sequence[int]]) -> RollUp:
        """The sums over ``closure`` (A, N), each entry 1; the graph only chooses the order.

        ``node_of_item`` (N,): each item's own node; ``parents``: of each node, by row.
        """
        order: Rows = np.argsort(_walk(parents)[node_of_item], kind="stable")
        above = _small(sparse.csr_array(closure.T))
        return cls(_slots(order), *_short_first(closure, _terms(closure, order)), above)

    def masses(self, probabilities: Floats) -> Floats:
        """Probabilities (N,), none below 0, to masses (A,) between 0 and 1.

        Exact to 1e-9 of the whole; the same input gives the same bits.
        """
        matters = probabilities > SKIPPED / len(probabilities)
        entries = np.count_nonzero(matters) * self.above.nnz / len(probabilities)
        peaked = entries * ADDING < self.terms.nnz
        mass = self._peaked(probabilities, matters) if peaked else self._flat(probabilities)
        return np.clip(mass, 0.0, 1.0, out=mass)

    def _flat(self, probabilities: Floats) -> Floats:
        size = len(probabilities)
        rows, columns = self.terms.shape
        values = np.empty(columns + rows)
        values[:size], values[size] = probabilities, 0
        sums = values[size + 1 : columns]
        np.take(values[: size + 1], self.slots, out=sums, mode="clip")  # no check: all are within
        lanes = sums.reshape(LANES, -1)
        for before, row in pairwise(lanes):
            row += before
        lanes[:, 1:] += np.cumsum(lanes[-1, :-1])
        values[columns:] = self.terms @ values[:columns]
        mass: Floats = values.take(self.where)
        return mass

    def _peaked(self, probabilities: Floats, matters: NDArray[np.bool_]) -> Floats:
        kept = np.flatnonzero(matters)
        starts = self.above.indptr[kept]
        counts = self.above.indptr[kept + 1] - starts
        skip = np.repeat(starts - np.cumsum(counts) + counts, counts)
        nodes = self.above.indices[skip + np.arange(len(skip))]
        weights = np.repeat(probabilities[kept], counts)
        return np.bincount(nodes, weights, minlength=len(self.where)).astype(np.float64, copy=False)


def _walk(parents: Sequence[Sequence[int]]) -> Rows:
    """(A,): each node's place in a walk down the tree of deepest parents.

    Deepest: with the most ancestors, so that as few as possible are left whose items the walk
    tears apart.
    """
    depth = _depths(parents)
    children: list[list[int]] = [[] for _ in parents]
    roots: list[int] = []
    for node, above in enumerate(parents):
        family = children[max(above, key=lambda p: (depth[p], -p))] if above else roots
        family.append(node)
    place = np.zeros(len(parents), dtype=np.int64)
    waiting, count = roots[::-1], 0
    while waiting:
        node = waiting.pop()
        place[node], count = count, count + 1
        waiting += reversed(children[node])
    return place


def _depths(parents: Sequence[Sequence[int]]) -> list[int]:
    """How many ancestors each node has."""
    result = []
    for node in range(len(parents)):
        seen, waiting = {node}, [node]
        while waiting:
            fresh = set(parents[waiting.pop()]) - seen
            seen |= fresh
            waiting += fresh
        result.append(len(seen) - 1)
    return result


def _slots(order: Rows) -> Rows:
    width = -(-len(order) // LANES)
    padding = np.full(width * LANES - len(order), len(order))
    return np.ascontiguousarray(np.append(order, padding).reshape(width, LANES).T).ravel()


def _sum_before(places: Rows, size: int) -> Rows:
    """Columns of the terms that hold the running sums of all places before these."""
    width = -(-size // LANES)
    lane, step = (places - 1) % LANES, (places - 1) // LANES
    return np.where(places > 0, size + 1 + lane * width + step, size)


def _terms(closure: Matrix, order: Rows) -> Matrix:
    """Each node as the shorter of its items and the ends of its runs in the order."""
    nodes, size = closure.shape
    rows, places = _entries(closure, order)
    fresh = np.diff(rows, prepend=-1) != 0
    first = fresh | (np.diff(places, prepend=-2) != 1)
    last = np.append(first[1:], True)
    runs = np.bincount(rows[first], minlength=nodes)
    plain = (np.diff(closure.indptr) <= 2 * runs)[rows]
    start, stop = first & ~plain, last & ~plain
    sums = [_sum_before(places[start], size), _sum_before(places[stop] + 1, size)]
    columns = [order[places[plain]], *sums]
    signs = np.repeat([1.0, -1.0, 1.0], [len(part) for part in columns])
    at = np.concatenate([rows[plain], rows[start], rows[stop]])
    shape = (nodes, size + 1 + -(-size // LANES) * LANES)
    return _small(sparse.csr_array((signs, (at, np.concatenate(columns))), shape=shape))


def _short_first(closure: Matrix, terms: Matrix) -> tuple[Matrix, Rows]:
    """Rows of nodes with several items, by their number of terms; where each mass stands then."""
    several = np.flatnonzero(np.diff(closure.indptr) > 1)
    lengths, starts = np.diff(terms.indptr)[several], terms.indptr[several]
    ordered = several[np.lexsort((terms.indices[starts], lengths))]
    where = np.full(terms.shape[0], closure.shape[1], dtype=np.int64)
    where[ordered] = terms.shape[1] + np.arange(len(ordered))
    alone = np.flatnonzero(np.diff(closure.indptr) == 1)
    where[alone] = closure.indices[closure.indptr[alone]]
    return _small(terms[ordered]), where


def _entries(closure: Matrix, order: Rows) -> tuple[Rows, Rows]:
    """The closure's entries by node and place of the item in the order."""
    nodes, size = closure.shape
    place = np.empty(size, dtype=np.int64)
    place[order] = np.arange(size)
    rows = np.repeat(np.arange(nodes), np.diff(closure.indptr))
    rows, places = np.divmod(np.sort(rows * size + place[closure.indices]), size)
    return rows, places


def _small(matrix: Matrix) -> Matrix:
    """CSR in a fixed order, its numbers narrow where they fit: less to read for each product."""
    matrix.sort_indices()
    if max(matrix.nnz, *matrix.shape) < np.iinfo(np.int32).max:
        matrix.indptr = matrix.indptr.astype(np.int32)
        matrix.indices = matrix.indices.astype(np.int32)
    return matrix
