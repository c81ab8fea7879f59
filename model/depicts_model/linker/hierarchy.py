"""The hierarchy over the model's items: set closure, roll-up, specificity.

Nodes are the items' own nodes and all their ancestors, in the order of their numbers, so that
no permutation of the catalog or of the model's rows changes any result. Duplicates of an item
share its representative's node, and their probabilities add up there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from depicts_model.errors import ArtefactError
from depicts_model.linker.facts import Facts, known_to, numeric
from depicts_model.linker.maxima import Maxima
from depicts_model.linker.rollup import RollUp
from depicts_model.types import Qid

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Matrix = Any
"""A scipy CSR array; scipy carries no types."""


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """A nodes over N items; see the module's description for the order."""

    nodes: tuple[Qid, ...]
    index: dict[Qid, int]
    node_of_item: Rows
    """(N,): the node that each item stands on."""
    item_of_node: Rows
    """(A,): the first item that stands on the node, -1 where none does."""
    closure: Matrix
    """(A, N) CSR, 1 where the item is the node or below it: a set, never a path count."""
    up: Matrix
    """(A, A) CSR: row a marks a and its ancestors."""
    down: Matrix
    """(A, A) CSR: row a marks a and its descendants."""
    parents: tuple[tuple[int, ...], ...]
    """Direct parents of each node, by node row, in order."""
    visual_below: Rows
    """(A,): the catalog's visual items below each node, in the model or not."""
    sums: RollUp
    """The closure's sums in their fast form."""
    maxima: Maxima
    """The closure's maxima, likewise."""

    @classmethod
    def from_catalog(cls, facts: Facts, items: Sequence[Qid]) -> Hierarchy:
        """The hierarchy over ``items`` (the model's rows).

        Raises ArtefactError naming an item that the catalog does not hold.
        """
        rows = _catalog_rows(facts, items)
        closure = _closure(facts)
        used = _in_order(facts, np.unique(closure[rows].indices))
        nodes = tuple(facts.qids[row] for row in used)
        index = {qid: row for row, qid in enumerate(nodes)}
        up = _sorted(closure[used][:, used])
        own = np.array([index[facts.qids[row]] for row in rows], dtype=np.int64)
        parents = tuple(_parents(facts, qid, index) for qid in nodes)
        below = _sorted(closure[rows][:, used].T)
        down = _sorted(up.T)
        return cls(
            nodes=nodes,
            index=index,
            node_of_item=own,
            item_of_node=_first(own, len(nodes)),
            closure=below,
            up=up,
            down=down,
            parents=parents,
            visual_below=_visual_below(facts, closure)[used],
            sums=RollUp.over(below, own, parents),
            maxima=Maxima.over(down),
        )

    def roll_up(self, probabilities: Floats) -> Floats:
        """Item probabilities (n, N) to masses of nodes (n, A): m_a = Σ of p below a.

        Over all items, never over a truncated list; exact to 1e-9 (`rollup.RollUp`). An image's
        masses do not depend on the images beside it.
        """
        return np.stack([self.sums.masses(np.asarray(p, dtype=np.float64)) for p in probabilities])

    def nearest(self, cosines: Floats) -> Floats:
        """Cosines of items (n, N) to nodes (n, A): the largest of an item at or below the node."""
        own = np.full((len(cosines), len(self.nodes)), -np.inf)
        for row, line in zip(own, cosines, strict=True):
            np.maximum.at(row, self.node_of_item, line)
        return self.surest(own)

    def specificity(self, n_train: NDArray[Any], pseudo: float = 1.0) -> Floats:
        """Information content (A,) in bits: IC(a) = -log2((1 + Σ_desc n) / (1 + n_total)).

        n is the item's training photos plus ``pseudo``: an item without photos still counts, so
        that a class of five hundred unseen kinds is general, not infinitely specific.
        """
        counts = np.asarray(n_train, dtype=np.float64) + pseudo
        below: Floats = self.closure @ counts
        bits: Floats = -np.log2((1 + below) / (1 + counts.sum()))
        return bits

    def ancestors(self, node: int) -> Rows:
        """Rows of the node's ancestors, without itself."""
        return _others(self.up, node)

    def descendants(self, node: int) -> Rows:
        """Rows of the node's descendants, without itself."""
        return _others(self.down, node)

    def items_below(self, node: int) -> Rows:
        """Rows of the items at or below the node."""
        return _row(self.closure, node)

    def climb(self, node: int) -> Iterator[tuple[int, ...]]:
        """The node's ancestors by distance: its parents, then their parents, each once."""
        seen, level = {node}, [node]
        while level:
            level = sorted({p for n in level for p in self.parents[n]} - seen)
            seen.update(level)
            if level:
                yield tuple(level)

    def surest(self, confidence: Floats) -> Floats:
        """Confidences (n, A) made consistent: a node is as sure as its surest descendant."""
        return self.maxima.of(confidence)

    def raised(self, confidence: Floats, nodes: Rows) -> Floats:
        """Confidences (A,) that are consistent but for ``nodes``, made consistent above those.

        The same as `surest` gives, for a fraction of its time.
        """
        if not len(nodes):
            return confidence
        result = confidence.copy()
        for node in nodes.tolist():
            above = _row(self.up, node)
            result[above] = np.maximum(result[above], confidence[node])
        return result


def _catalog_rows(facts: Facts, items: Sequence[Qid]) -> Rows:
    if not items:
        raise ArtefactError("the model has no items")
    rows = known_to(facts)
    missing = [qid for qid in items if qid not in rows]
    if missing:
        raise ArtefactError(f"{missing[0]} is in the model but not in catalog {facts.snapshot}")
    return np.array([rows[facts.representative(qid)] for qid in items], dtype=np.int64)


def _closure(facts: Facts) -> Matrix:
    """(C, C) CSR over the catalog's rows: row i marks i and its ancestors, each once."""
    size = len(facts.qids)
    pairs = np.array(sorted(set(facts.closure_rows())), dtype=np.int64).reshape(-1, 2)
    ones = np.ones(len(pairs))
    return sparse.csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(size, size))


def _in_order(facts: Facts, rows: Rows) -> Rows:
    return np.array(sorted(rows, key=lambda row: numeric(facts.qids[row])), dtype=np.int64)


def _sorted(matrix: Matrix) -> Matrix:
    """CSR with sorted columns: sums then run in one order, whatever order the rows came in."""
    result = sparse.csr_array(matrix)
    result.sort_indices()
    return result


def _parents(facts: Facts, qid: Qid, index: dict[Qid, int]) -> tuple[int, ...]:
    return tuple(sorted(index[p] for p in facts.parents(qid) if p in index and p != qid))


def _visual_below(facts: Facts, closure: Matrix) -> Rows:
    visual = np.array([qid in facts.visual for qid in facts.qids], dtype=np.float64)
    return np.asarray(closure.T @ visual - visual).astype(np.int64)


def _others(matrix: Matrix, node: int) -> Rows:
    row = _row(matrix, node)
    others: Rows = row[row != node]
    return others


def _row(matrix: Matrix, row: int) -> Rows:
    columns: Rows = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
    return columns


def _first(own: Rows, nodes: int) -> Rows:
    """The first item of each node, by the items' own nodes."""
    result = np.full(nodes, -1, dtype=np.int64)
    result[own[::-1]] = np.arange(len(own))[::-1]
    return result
