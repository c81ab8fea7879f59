"""The closure of a directed graph as sets: diamonds count once, cycles are condensed.

Nodes are whole numbers. A graph is held as rows in compact arrays, some ten bytes a node and four
an edge, for the class graph of Wikidata has millions. Standard library only: the base install has
no numpy, and who reads a catalog needs none of this.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from depicts_model.catalog.components import Components, components_of


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, and what lies directly above each: compressed sparse rows."""

    nodes: array[int]
    """(N,) ascending; a node's place is its row."""
    starts: array[int]
    """(N + 1,) where the parents of each row begin."""
    parents: array[int]
    """(E,) rows; a parent may be named twice."""

    def row(self, node: int) -> int:
        """The row of a node; -1 where it is unknown."""
        row = bisect_left(self.nodes, node)
        return row if row < len(self.nodes) and self.nodes[row] == node else -1

    def rows(self, nodes: Iterable[int]) -> Iterator[int]:
        """The rows of those nodes that are known."""
        return (row for row in map(self.row, nodes) if row >= 0)

    def above(self, row: int) -> array[int]:
        """Rows one step above."""
        return self.parents[self.starts[row] : self.starts[row + 1]]


def graph_of(nodes: Iterable[int], pairs: Iterable[tuple[int, int]]) -> Graph:
    """The graph of these (child, parent) pairs and their ends, and of ``nodes`` beside them."""
    edges = sorted(set(pairs))
    ends = {node for pair in edges for node in pair}
    return graph_in_order(sorted(ends.union(nodes)), edges)


def graph_in_order(nodes: Iterable[int], pairs: Iterable[tuple[int, int]]) -> Graph:
    """The graph of (child, parent) pairs among ``nodes``; both ascending, each once."""
    graph = Graph(array("q", nodes), array("q", [0]), array("i"))
    for child, parent in pairs:
        row = graph.row(child)
        _pad(graph, row)
        graph.parents.append(graph.row(parent))
    _pad(graph, len(graph.nodes))
    return graph


def _pad(graph: Graph, row: int) -> None:
    """What comes next belongs to ``row``: those before it without parents get none."""
    graph.starts.extend([len(graph.parents)] * (row + 1 - len(graph.starts)))


def reach(graph: Graph, rows: Iterable[int]) -> bytearray:
    """(N,) 1 for these rows and all that edges lead to from them.

    By the edges: the closure leaves out peers in a cycle, through which ways lead up.
    """
    found = bytearray(len(graph.nodes))
    for start in rows:
        waiting = [start]
        while waiting:
            row = waiting.pop()
            if not found[row]:
                found[row] = 1
                waiting += graph.above(row)
    return found


class Closure:
    """Every node's strict ancestors with the least number of hops to each.

    Members of one cycle stand for one thing: they are no ancestors of each other, they share
    all ancestors outside, and steps between them cost nothing. What lies above a cycle is held
    once, and only where something lies below it: that of a leaf is made when it is asked for, so
    memory grows with the classes and not with their instances.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._parts = components_of(graph.starts, graph.parents)
        self._inner = _with_something_below(graph, self._parts)
        self._starts = array("q", [0])
        self._rows, self._hops = array("i"), array("i")
        for part in range(len(self._parts)):
            if self._inner[part]:
                self._keep(self._merged(part))
            self._starts.append(len(self._rows))

    def above(self, row: int) -> list[tuple[int, int]]:
        """(row, hops) of every ancestor, by row."""
        part = self._parts.part[row]
        return list(self._kept(part)) if self._inner[part] else self._merged(part)

    def circular(self, child: int, parent: int) -> bool:
        """Whether an edge between these rows runs inside a cycle, or is a loop."""
        return self._parts.part[child] == self._parts.part[parent]

    def _keep(self, line: list[tuple[int, int]]) -> None:
        self._rows.extend(row for row, _ in line)
        self._hops.extend(hops for _, hops in line)

    def _kept(self, part: int) -> Iterator[tuple[int, int]]:
        inside = slice(self._starts[part], self._starts[part + 1])
        return zip(self._rows[inside], self._hops[inside], strict=True)

    def _merged(self, part: int) -> list[tuple[int, int]]:
        """The least of hops over all ways up."""
        best: dict[int, int] = {}
        for other in self._next(part):
            best.update(dict.fromkeys(self._parts.rows(other), 1))
            for row, hops in self._kept(other):
                if best.get(row, hops + 2) > hops + 1:
                    best[row] = hops + 1
        return sorted(best.items())

    def _next(self, part: int) -> set[int]:
        """Components one step above."""
        rows = self._parts.rows(part)
        found = {self._parts.part[p] for row in rows for p in self._graph.above(row)}
        return found - {part}


def _with_something_below(graph: Graph, parts: Components) -> bytearray:
    found = bytearray(len(parts))
    for row, (start, end) in enumerate(pairwise(graph.starts)):
        for parent in graph.parents[start:end]:
            found[parts.part[parent]] |= parts.part[parent] != parts.part[row]
    return found
