"""Chooses a small, useful part of a hierarchy: what must be in, its kin, all that lies above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from itertools import compress
from typing import Final

from depicts_model.catalog.builder import number
from depicts_model.catalog.hierarchy import graph_of, reach
from depicts_model.catalog.mending import Mended
from depicts_model.types import Qid

WIDEST_FAMILY: Final = 320
"""Parents with more children are no family: being under one makes nobody kin."""


def select(
    mended: Mended,
    wanted: frozenset[Qid],
    banned: Container[Qid],
    labels: Mapping[Qid, str],
    target: int,
) -> frozenset[Qid]:
    """The wanted items, their nearest kin up to ``target`` that may be suggested, and all above.

    Kin: items sharing a parent with those already in, smallest families first, then by number.
    A namesake of an item that is in stays out: from its label alone a model tells no difference.
    """
    known = mended.depictable | mended.duplicates.keys() | _ends(mended)
    chosen = wanted & known
    chosen |= {mended.duplicates[q] for q in chosen if q in mended.duplicates}
    chosen |= {q for q, r in mended.duplicates.items() if r in chosen}
    count = sum(q in mended.depictable and q not in banned for q in chosen)
    names = {labels[q].casefold() for q in chosen}
    added: set[Qid] = set()
    for qid in _kin(mended, frozenset(q for q in chosen if q not in banned)):
        if count + len(added) >= target:
            break
        if qid not in banned and labels[qid].casefold() not in names:
            added.add(qid)
            names.add(labels[qid].casefold())
    chosen |= added
    return _with_all_above(mended, chosen)


def _ends(mended: Mended) -> set[Qid]:
    return {q for e in mended.edges for q in (e.child, e.parent)}


def _kin(mended: Mended, chosen: frozenset[Qid]) -> Iterator[Qid]:
    """Children of the parents of what is chosen, ring by ring, until no new one is found."""
    children: dict[Qid, set[Qid]] = defaultdict(set)
    parents: dict[Qid, set[Qid]] = defaultdict(set)
    for edge in mended.edges:
        children[edge.parent].add(edge.child)
        parents[edge.child].add(edge.parent)
    seen = set(chosen)
    ring = set(chosen)
    while ring:
        families = {p for q in ring for p in parents[q]} | {q for q in ring if children[q]}
        ring = set()
        for family in sorted(families, key=lambda p: (len(children[p]), number(p))):
            if len(children[family]) <= WIDEST_FAMILY:
                fresh = (children[family] & mended.depictable) - seen
                yield from sorted(fresh, key=number)
                seen |= fresh
                ring |= fresh


def _with_all_above(mended: Mended, chosen: frozenset[Qid]) -> frozenset[Qid]:
    pairs = ((number(e.child), number(e.parent)) for e in mended.edges)
    graph = graph_of((number(q) for q in chosen), pairs)
    found = reach(graph, graph.rows(number(q) for q in chosen))
    return frozenset(Qid(f"Q{n}") for n in compress(graph.nodes, found))
