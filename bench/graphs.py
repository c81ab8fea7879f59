"""The graphs that the roll-up is timed on, and scores over them."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import softmax

from depicts_model.linker.rollup import RollUp

Floats = NDArray[np.float64]
REAL: Final = Path(__file__).with_name("graph_18k.txt.gz")
MENDED: Final = Path(__file__).with_name("graph_18k_mended.txt.gz")
"""All items of the table with its upper classes cut, and what the product makes of the table."""
LAYERS: Final = (1, 12, 100, 700, 4_000, 16_000, 44_000, 70_187)
"""Nodes by layer of the random graph: 135,000 in all, with 15 ancestors each on average."""
SECOND: Final = 1 / 3
"""Share of nodes with a second parent: the real graph has 1.33 parents an item."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes 0 … A-1, each with its direct parents, of smaller or larger number."""

    parents: tuple[tuple[int, ...], ...]
    lines: tuple[tuple[int, ...], ...]
    """Each node's closure: itself and all its ancestors, each once, in order."""

    @classmethod
    def of(cls, parents: Sequence[Sequence[int]]) -> Graph:
        """The graph with its closure. ``parents`` must be free of cycles."""
        lines: dict[int, frozenset[int]] = {}
        for start in range(len(parents)):
            waiting = [start]
            while waiting:
                node = waiting[-1]
                missing = [p for p in parents[node] if p not in lines]
                waiting += missing
                if not missing:
                    lines[node] = frozenset({node}).union(*(lines[p] for p in parents[node]))
                    waiting.pop()
        ordered = (tuple(sorted(lines[node])) for node in range(len(parents)))
        return cls(tuple(map(tuple, parents)), tuple(ordered))

    @property
    def mean_ancestors(self) -> float:
        """Ancestors of a node without itself, on average."""
        return sum(map(len, self.lines)) / len(self.lines) - 1

    def closure(self, items: Sequence[int]) -> Any:
        """(A, N) CSR over these nodes as items: 1 where the item is the node or below it."""
        lines = [self.lines[item] for item in items]
        rows = np.fromiter((a for line in lines for a in line), dtype=np.int64)
        columns = np.repeat(np.arange(len(items)), [len(line) for line in lines])
        shape = (len(self.parents), len(items))
        return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)

    def roll_up(self, items: Sequence[int]) -> RollUp:
        """The product's roll-up, as `Hierarchy.roll_up` calls it for each image."""
        return RollUp.over(self.closure(items), np.asarray(items, dtype=np.int64), self.parents)


def real(path: Path = REAL) -> Graph:
    """A graph of the source's table; see `bench.make_graph`."""
    rows = [tuple(map(int, line.split())) for line in _text(path).splitlines()]
    index = {row[0]: n for n, row in enumerate(rows)}
    return Graph.of([[index[p] for p in row[1:]] for row in rows])


def _text(path: Path) -> str:
    with gzip.open(path, "rt", encoding="ascii") as file:
        return "".join(line for line in file if not line.startswith("#"))


def layered(layers: Sequence[int] = LAYERS, seed: int = 0) -> Graph:
    """A random DAG with diamonds: parents are drawn from the layer above each node's own."""
    rng = np.random.default_rng(seed)
    parents: list[list[int]] = [[] for _ in range(layers[0])]
    for above, size in pairwise(layers):
        start = len(parents) - above
        drawn = rng.integers(start, start + above, (size, 2)).tolist()
        both = (rng.random(size) < SECOND).tolist()
        parents += [sorted({*pair[: 1 + two]}) for pair, two in zip(drawn, both, strict=True)]
    return Graph.of(parents)


def scores(size: int, spread: float, seed: int = 0) -> Floats:
    """Softmax of normal logits with this standard deviation, (size,)."""
    result: Floats = softmax(np.random.default_rng(seed).normal(0, spread, size))
    return result
