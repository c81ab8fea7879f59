"""What of every item read from a dump is needed to decide on all of them, in compact arrays.

Some thirty bytes an item and five an edge; names and pictures stay in the work file.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from depicts_model.catalog import schema
from depicts_model.catalog.builder import number
from depicts_model.catalog.dump_entities import EDGES, Facts
from depicts_model.catalog.hierarchy import Graph
from depicts_model.catalog.mending import Tables, pairs_of
from depicts_model.types import Qid

LABELLED: Final = 1
PICTURED: Final = 2
IS_HUMAN: Final = 4
"""Bits of ``Skeleton.marks``. Pictured: with a picture and enough sitelinks."""

_P31: Final = schema.KINDS.index("p31")
_MENDED: Final = schema.KINDS.index("mended")
_NOWHERE: Final = -1

Step = tuple[int, int]
"""Row of a parent, and the edge's place in ``schema.KINDS``."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The mended hierarchy of all items of the work file, and what is known of each."""

    graph: Graph
    kinds: bytearray
    """(E,) of each edge of the graph, its place in ``schema.KINDS``."""
    marks: bytearray
    """(N,) bits, as above."""
    duplicates: Mapping[int, int]
    """Row to the row of the representative that is suggested in its place."""

    def steps(self, row: int) -> Iterator[Step]:
        """Edges up from a row, sorted by parent, then by the name of their kind."""
        start, end = self.graph.starts[row], self.graph.starts[row + 1]
        return zip(self.graph.parents[start:end], self.kinds[start:end], strict=True)


def skeleton_of(facts: Iterable[Facts], tables: Tables, min_sitelinks: int) -> Skeleton:
    """The skeleton of these items, which come by number, mended by the reviewed tables.

    Blocked edges are out and added ones in; P31 is a first hop only; reviewed duplicates are
    merged, and no others: two churches of one name are two churches.
    """
    raw = _Raw()
    for item in facts:
        raw.add(item, min_sitelinks)
    raw.resolve(pairs_of(tables, "block"))
    extra = _added(raw.graph, tables)
    duplicates = _duplicates(raw.graph, tables)
    return _mended(raw, extra, duplicates)


@dataclass(frozen=True, slots=True)
class _Raw:
    """The edges as the dump has them; ``parents`` are numbers at first, then rows."""

    graph: Graph = field(default_factory=lambda: Graph(array("q"), array("q", [0]), array("q")))
    kinds: bytearray = field(default_factory=bytearray)
    marks: bytearray = field(default_factory=bytearray)

    def add(self, item: Facts, min_sitelinks: int) -> None:
        self.graph.nodes.append(item.id)
        for kind in EDGES:
            self.graph.parents.extend(getattr(item, kind))
            self.kinds.extend([schema.KINDS.index(kind)] * len(getattr(item, kind)))
        self.graph.starts.append(len(self.kinds))
        pictured = bool(item.image) and item.sitelinks >= min_sitelinks
        marks = LABELLED * bool(item.labels) + PICTURED * pictured + IS_HUMAN * item.human
        self.marks.append(marks)

    def resolve(self, blocked: Iterable[tuple[Qid, Qid]]) -> None:
        """Numbers to rows; edges lead nowhere that are blocked, loops, or to no item of ours."""
        barred = {(number(child), number(parent)) for child, parent in blocked}
        for row, (start, end) in enumerate(pairwise(self.graph.starts)):
            child = self.graph.nodes[row]
            for at in range(start, end):
                parent = self.graph.parents[at]
                out = parent == child or (child, parent) in barred
                self.graph.parents[at] = _NOWHERE if out else self.graph.row(parent)

    def steps(self, row: int) -> Iterator[Step]:
        start, end = self.graph.starts[row], self.graph.starts[row + 1]
        steps = zip(self.graph.parents[start:end], self.kinds[start:end], strict=True)
        return ((parent, kind) for parent, kind in steps if parent != _NOWHERE)


def _added(graph: Graph, tables: Tables) -> dict[int, set[Step]]:
    found: dict[int, set[Step]] = defaultdict(set)
    for pair in pairs_of(tables, "add"):
        child, parent = (graph.row(number(qid)) for qid in pair)
        if min(child, parent) >= 0:
            found[child].add((parent, _MENDED))
    return found


def _duplicates(graph: Graph, tables: Tables) -> dict[int, int]:
    pairs = {number(Qid(r["qid"])): number(Qid(r["representative"])) for r in tables.duplicates}
    rows = {graph.row(q): graph.row(r) for q, r in pairs.items()}
    rows = {row: other for row, other in rows.items() if min(row, other) >= 0}
    found = dict(rows)
    while chained := {row: rows[other] for row, other in found.items() if other in rows}:
        found |= chained
    return found


def _mended(raw: _Raw, extra: Mapping[int, set[Step]], duplicates: Mapping[int, int]) -> Skeleton:
    twins: dict[int, list[int]] = defaultdict(list)
    for row, other in duplicates.items():
        twins[other].append(row)
    rule = _Rule(raw, extra, duplicates, twins, _parents_of(raw))
    graph = Graph(raw.graph.nodes, array("q", [0]), array("i"))
    kinds = bytearray()
    for row in range(len(graph.nodes)):
        for parent, kind in sorted(rule.steps(row), key=lambda s: (s[0], schema.KINDS[s[1]])):
            graph.parents.append(parent)
            kinds.append(kind)
        graph.starts.append(len(kinds))
    return Skeleton(graph, kinds, raw.marks, duplicates)


def _parents_of(raw: _Raw) -> bytearray:
    """(N,) 1 for rows that something lies below."""
    found = bytearray(len(raw.graph.nodes))
    for parent in raw.graph.parents:
        if parent != _NOWHERE:
            found[parent] = 1
    return found


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which edges an item has after mending."""

    raw: _Raw
    extra: Mapping[int, set[Step]]
    duplicates: Mapping[int, int]
    twins: Mapping[int, Sequence[int]]
    """Row of a representative to those of its duplicates."""
    parents: bytearray

    def steps(self, row: int) -> set[Step]:
        """A duplicate is a leaf below its representative, which takes over what is below it.

        What is above it counts only for a representative that has nothing above of its own.
        """
        if row in self.duplicates:
            return {(self.duplicates[row], _MENDED)}
        twins = self.twins.get(row, ())
        return self._own(row, row) or {s for twin in twins for s in self._own(twin, row)}

    def _own(self, row: int, child: int) -> set[Step]:
        """Edges of ``row``, as edges up from ``child``."""
        found = {s for s in self.raw.steps(row) if s[1] != _P31 or not self.parents[row]}
        found |= self.extra.get(row, set())
        merged = {(self.duplicates.get(parent, parent), kind) for parent, kind in found}
        return {step for step in merged if step[0] != child}
