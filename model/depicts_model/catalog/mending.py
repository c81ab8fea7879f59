"""Mends a raw hierarchy by reviewed tables: cuts, re-maps, blocks, adds, merges duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from depicts_model.catalog.builder import Edge, number
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid

CUT: Final = "cut"
DROP: Final = "drop"
DROP_DIRECT: Final = "drop-direct"
KEEP: Final = "keep"
SHOW: Final = "show"
"""What upper_classes.csv can say of an item; see data/README.md."""

Row = Mapping[str, str]
Table = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """The reviewed tables, as rows; see data/README.md for their columns."""

    upper_classes: Table
    remapped: Table
    edges_mended: Table
    duplicates: Table
    never_suggest: Table
    withhold: Table
    starter_seeds: Table
    super_entities: Table


@dataclass(frozen=True, slots=True)
class Mended:
    """A hierarchy fit to suggest from. ``depictable``: a photo can show it, each thing once."""

    edges: frozenset[Edge]
    depictable: frozenset[Qid]
    duplicates: Mapping[Qid, Qid]


def mend(
    edges: Iterable[Edge],
    labels: Mapping[Qid, str],
    visual: frozenset[Qid],
    kept: frozenset[Qid],
    tables: Tables,
) -> Mended:
    """The mended hierarchy over the labelled items that a photo can show or that are kept."""
    nodes, shown = _nodes(labels, visual, tables)
    nodes |= kept
    straight = _straight(edges, tables)
    allowed = {e for e in straight if e.child in nodes and e.parent in nodes}
    chosen = _instances_once(_other_last(allowed))
    chosen |= {Edge(c, p, "mended") for c, p in pairs_of(tables, "add") if {c, p} <= nodes}
    duplicates = _duplicates(chosen, labels, shown, tables)
    return Mended(_merge(chosen, duplicates), frozenset(shown - duplicates.keys()), duplicates)


def uncut(edges: Iterable[Edge], mended: Mended, tables: Tables) -> frozenset[Edge]:
    """The mended hierarchy and all that was cut from it: nothing but false edges is left out.

    A duplicate and its representative lie below each other, for they are one thing.
    """
    found = _other_last(_straight(edges, tables)) | mended.edges
    found |= {Edge(c, p, "mended") for c, p in pairs_of(tables, "add")}
    return frozenset(found | {Edge(r, q, "mended") for q, r in mended.duplicates.items()})


def _straight(edges: Iterable[Edge], tables: Tables) -> set[Edge]:
    """Without blocked edges and loops, and with re-mapped ones redirected."""
    pairs = pairs_of(tables, "block")
    first = {e for e in edges if (e.child, e.parent) not in pairs}
    straight = _remap(first, tables)
    return {e for e in straight if (e.child, e.parent) not in pairs and e.child != e.parent}


def _nodes(
    labels: Mapping[Qid, str], visual: frozenset[Qid], tables: Tables
) -> tuple[set[Qid], set[Qid]]:
    """The items that stay in the graph, and those of them that a photo can show."""
    action = {Qid(row["qid"]): row["action"] for row in tables.upper_classes}
    shown = {q for q in visual if labels[q]} | {q for q, a in action.items() if a == SHOW}
    shown = {q for q in shown if action.get(q, SHOW) == SHOW and labels.get(q)}
    kept = {q for q, a in action.items() if a == KEEP and labels.get(q)}
    return shown | kept, shown


def pairs_of(tables: Tables, action: str) -> set[tuple[Qid, Qid]]:
    """(child, parent) of the edges that the tables ``add`` or ``block``."""
    rows = (row for row in tables.edges_mended if row["action"] == action)
    return {(Qid(row["child"]), Qid(row["parent"])) for row in rows}


def _remap(edges: set[Edge], tables: Tables) -> set[Edge]:
    """Redirect WordNet edges that lead to an id standing for another hypernym."""
    stands_for = {Qid(row["qid"]): row["stands_for"] for row in tables.remapped}
    above: dict[Qid, list[Qid]] = defaultdict(list)
    for edge in sorted(edges, key=lambda e: number(e.parent)):
        if edge.kind == "wordnet":
            above[edge.child].append(edge.parent)
    return {new for edge in edges for new in _redirected(edge, stands_for, above)}


def _redirected(
    edge: Edge, stands_for: Mapping[Qid, str], above: Mapping[Qid, list[Qid]]
) -> Iterable[Edge]:
    if edge.kind not in ("wordnet", "other") or edge.parent not in stands_for:
        return [edge]
    targets: set[Qid] = set()
    waiting, seen = [edge.parent], {edge.parent}
    while waiting:
        node = waiting.pop()
        steps = [Qid(stands_for[node])] if stands_for[node] else above.get(node, [])
        targets |= {q for q in steps if q not in stands_for}
        waiting += [q for q in steps if q in stands_for and q not in seen]
        seen.update(steps)
    kind = "other" if edge.kind == "other" else "mended"
    return [Edge(edge.child, q, kind) for q in targets if q != edge.child]


def _other_last(edges: set[Edge]) -> set[Edge]:
    """Edges of mixed kind are used only where an item has no other way up."""
    better = {e.child for e in edges if e.kind != "other"}
    return {e for e in edges if e.kind != "other" or e.child not in better}


def _instances_once(edges: set[Edge]) -> set[Edge]:
    """P31 is a first hop only: kept where nothing lies below its subject."""
    parents = {e.parent for e in edges}
    return {e for e in edges if e.kind != "p31" or e.child not in parents}


def refuse_circles(tables: Tables) -> None:
    """Raise ArtefactError where duplicates.csv leads from an item back to itself."""
    found = {row["qid"]: row["representative"] for row in tables.duplicates}
    for qid in found:
        seen, at = {qid}, found[qid]
        while at in found and at not in seen:
            seen.add(at)
            at = found[at]
        if at in seen:
            raise ArtefactError(f"duplicates.csv: {at} is in the end a duplicate of itself")


def _duplicates(
    edges: set[Edge], labels: Mapping[Qid, str], shown: set[Qid], tables: Tables
) -> dict[Qid, Qid]:
    """Reviewed pairs, then items of one label that share a parent: the lowest number stays."""
    found = {Qid(row["qid"]): Qid(row["representative"]) for row in tables.duplicates}
    found = {q: r for q, r in found.items() if q in labels and r in labels}
    groups: dict[tuple[str, Qid], set[Qid]] = defaultdict(set)
    for edge in edges:
        if edge.child in shown:
            groups[labels[edge.child].casefold(), edge.parent].add(edge.child)
    for _, members in sorted(groups.items(), key=lambda g: (g[0][0], number(g[0][1]))):
        ordered = sorted(members - found.keys(), key=number)
        found |= dict.fromkeys(ordered[1:], ordered[0]) if ordered else {}
    return {q: _resolve(q, found) for q in found}


def _resolve(qid: Qid, duplicates: Mapping[Qid, Qid]) -> Qid:
    while qid in duplicates:
        qid = duplicates[qid]
    return qid


def _merge(edges: set[Edge], duplicates: Mapping[Qid, Qid]) -> frozenset[Edge]:
    """A duplicate becomes a leaf below its representative, which takes over what is below it.

    What is above it counts only for a representative that has nothing above of its own.
    """
    merged: set[Edge] = {Edge(q, r, "mended") for q, r in duplicates.items()}
    settled = {e.child for e in edges if _resolve(e.parent, duplicates) != e.child}
    for edge in edges:
        if duplicates.get(edge.child) in settled:
            continue
        child, parent = _resolve(edge.child, duplicates), _resolve(edge.parent, duplicates)
        if child != parent:
            merged.add(Edge(child, parent, edge.kind))
    return frozenset(merged)
