"""A catalog's content as values, where it is small enough to be held; ``writing`` takes streams."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from depicts_model.catalog import schema
from depicts_model.catalog.hierarchy import Closure, Graph, graph_of
from depicts_model.catalog.writing import Row, Streams, Summary, write
from depicts_model.types import Qid

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """An item to be written. ``visual``: may be suggested; ``depictable``: a photo can show it."""

    labels: Mapping[str, str]
    depictable: bool
    visual: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """``child`` is a kind (or an instance) of ``parent``; ``kind`` is one of schema.KINDS."""

    child: Qid
    parent: Qid
    kind: str


@dataclass(frozen=True, slots=True)
class Listed:
    """``qid`` stands on the named list, for this reason."""

    list: str
    qid: Qid
    reason: str


@dataclass(frozen=True, slots=True)
class Detail:
    """What Wikidata says of an item beside its names. Coordinates: degrees, on Earth."""

    descriptions: Mapping[str, str]
    image: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    commons_category: str | None = None
    taxon_name: str | None = None
    sitelinks: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """All that goes into a catalog. ``date``: of the facts, ISO 8601."""

    date: str
    items: Mapping[Qid, Entry]
    edges: Collection[Edge]
    listed: Collection[Listed] = ()
    duplicates: Mapping[Qid, Qid] = field(default_factory=dict)
    """Item to the representative that is suggested in its place."""
    details: Mapping[Qid, Detail] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    """What the manifest says beside the counts: where from, by which rules, what was left out."""


def number(qid: Qid) -> int:
    """The number in an item id, by which rows are keyed and ordered."""
    return int(qid[1:])


def build(content: Content, out: Path) -> Summary:
    """Write the catalog to ``out``; raises ArtefactError, see ``writing.write``."""
    return write(_streams(content), out)


def _streams(content: Content) -> Streams:
    triples = sorted({(number(e.child), number(e.parent), e.kind) for e in content.edges})
    graph = graph_of(map(number, content.items), (triple[:2] for triple in triples))
    closure = Closure(graph)
    kept = [t for t in triples if not closure.circular(graph.row(t[0]), graph.row(t[1]))]
    tables: dict[str, Iterable[Row]] = {
        "item": _items(content),
        "label": _labels(content),
        "edge": kept,
        "ancestor": ancestors(graph, closure, range(len(graph.nodes))),
        "duplicate_of": sorted((number(q), number(r)) for q, r in content.duplicates.items()),
        "listed": _listed(content),
    }
    if content.details:
        tables["description"] = _descriptions(content)
        tables["detail"] = _details(content)
    return Streams(content.date, tables, len(triples) - len(kept), content.origin)


def ancestors(graph: Graph, closure: Closure, rows: Iterable[int]) -> Iterator[Row]:
    """Rows of the table, of these rows of the graph."""
    for row in rows:
        item = graph.nodes[row]
        for above, hops in closure.above(row):
            yield item, graph.nodes[above], hops


def detail_row(item: int, detail: Detail) -> Row:
    """A row of the table."""
    columns = (name for name in schema.TABLES["detail"] if name != "item")
    return item, *(getattr(detail, column) for column in columns)


def _in_order(found: Mapping[Qid, T]) -> list[tuple[int, T]]:
    return sorted(((number(q), value) for q, value in found.items()), key=itemgetter(0))


def _items(content: Content) -> Iterator[Row]:
    return ((i, int(e.depictable), int(e.visual)) for i, e in _in_order(content.items))


def _labels(content: Content) -> Iterator[Row]:
    texts = ((i, entry.labels) for i, entry in _in_order(content.items))
    return ((count, *row) for count, row in enumerate(by_language(texts), start=1))


def by_language(texts: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Row]:
    """(item, language, text), in order if the items are."""
    return ((i, tag, text) for i, named in texts for tag, text in sorted(named.items()))


def _listed(content: Content) -> list[Row]:
    found = {(row.list, number(row.qid)): row.reason for row in content.listed}
    return [(name, item, reason) for (name, item), reason in sorted(found.items())]


def _descriptions(content: Content) -> Iterator[Row]:
    return by_language((i, d.descriptions) for i, d in _in_order(content.details))


def _details(content: Content) -> Iterator[Row]:
    return (detail_row(i, detail) for i, detail in _in_order(content.details))
