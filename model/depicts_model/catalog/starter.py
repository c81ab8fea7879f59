"""Makes the starter catalog from a table of items and the reviewed tables beside the package.

Facts only: ids, labels, edges. Glosses and aliases of the input never reach the output.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Final

from depicts_model.catalog.builder import Content, Edge, Entry, build, number
from depicts_model.catalog.csv_tables import item_id, read_details, table_rows
from depicts_model.catalog.from_wikidata import Dropped, dropped_roots
from depicts_model.catalog.listing import Barred, barred, listed
from depicts_model.catalog.mending import Mended, Tables, mend, refuse_circles, uncut
from depicts_model.catalog.outputs import check_out
from depicts_model.catalog.selecting import select
from depicts_model.catalog.writing import Summary
from depicts_model.claims import HUMAN
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid

DATE: Final = "2026-11-21"
"""Day the table of items was taken over; part of the snapshot id."""
TARGET: Final = 3000
"""Items that may be suggested, about."""
MAX_BELOW: Final = 320
"""2 % of the 16,018 visual items of the table; what is above more is never informative."""
NAMED_HUMANS: Final = 60
"""Named humans kept so that tests can see that none is suggested from pixels."""

_COLUMNS: Final = {
    "p31": "p31",
    "p279": "p279",
    "broader_wordnet": "wordnet",
    "broader_other": "other",
}
_TAXA: Final = {"p171": "p171"}
"""A column that may be missing."""


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of the table that the starter uses."""

    labels: Mapping[Qid, str]
    visual: frozenset[Qid]
    edges: tuple[Edge, ...]
    """All but loops; a parent may be no row of the table."""
    humans: frozenset[Qid]

    @property
    def unknown(self) -> int:
        """How many edges lead to items that are no row of the table."""
        return sum(edge.parent not in self.labels for edge in self.edges)


def build_starter(items_csv: Path, photos_csv: Path | None, out: Path) -> Summary:
    """Write the starter catalog to ``out``; the same tables give the same bytes.

    ``items_csv``: qid, label, visual, p31, p279, broader_wordnet, broader_other (``|`` between
    values). ``photos_csv``: its ``items`` column names items that must be in; None: none.
    Raises ArtefactError naming the file, and the line where one is at fault.
    """
    check_out(out, items_csv, *([photos_csv] if photos_csv else []))
    source = read_items(items_csv)
    wanted = read_wanted(photos_csv) if photos_csv else frozenset()
    return build(content_of(source, wanted, read_tables()), out)


def read_items(path: Path) -> Source:
    """The table of items; see build_starter."""
    labels: dict[Qid, str] = {}
    visual: set[Qid] = set()
    edges: list[Edge] = []
    for line, row in table_rows(path, ("qid", "label", "visual", *_COLUMNS)):
        qid = item_id(row["qid"], path, line)
        if qid in labels:
            raise ArtefactError(f"{path}: line {line}: a second row of {qid}")
        labels[qid] = row["label"]
        visual |= {qid} if row["visual"] == "1" else set()
        for column, kind in (_COLUMNS | _TAXA).items():
            above = [item_id(t, path, line) for t in row.get(column, "").split("|") if t]
            edges += [Edge(qid, parent, kind) for parent in above]
    straight = tuple(e for e in edges if e.parent != e.child)
    humans = frozenset(e.child for e in straight if e.kind == "p31" and e.parent == HUMAN)
    return Source(labels, frozenset(visual), straight, humans)


def read_wanted(path: Path) -> frozenset[Qid]:
    """All items that a table of photos names."""
    rows = table_rows(path, ("items",))
    return frozenset(item_id(t, path, line) for line, row in rows for t in row["items"].split("|"))


def read_tables() -> Tables:
    """The reviewed tables shipped in the package."""
    data = resources.files("depicts_model").joinpath("data")
    names = tuple(field.name for field in fields(Tables))
    found: dict[str, tuple[dict[str, str], ...]] = {}
    for name in names:
        with resources.as_file(data.joinpath(f"{name}.csv")) as path:
            found[name] = tuple(row for _, row in table_rows(path, ()))
    tables = Tables(**found)
    refuse_circles(tables)
    return tables


def content_of(source: Source, wanted: frozenset[Qid], tables: Tables) -> Content:
    """The starter's content: mended graph, chosen items with all that lies above, lists."""
    humans = _some_humans(source)
    faceless = source.visual - source.humans  # no named human is ever scored against a picture
    graph = mend(source.edges, source.labels, faceless, humans, tables)
    never = _barred(graph, source, tables)
    seeds = wanted | humans | _seeds(source, tables)
    hidden = never.reasons.keys() | source.humans
    chosen = select(graph, seeds, hidden, source.labels, TARGET)
    return _content(source, graph, never, chosen, tables)


@dataclass(frozen=True, slots=True)
class Table:
    """A catalog made from a whole table."""

    summary: Summary
    rows: int
    dropped: int
    """Rows that are pages about pages, names or metaclasses, whatever ``visual`` says of them."""
    unknown: int
    """Edges to items that are no row."""


def build_table(items_csv: Path, out: Path) -> Table:
    """Write a catalog of the whole table, not of a choice from it; see build_starter.

    Left out is what is left out of a dump; see Dropped. Details come in too, where the table has
    columns for them; see read_details.
    """
    check_out(out, items_csv)
    source, tables = read_items(items_csv), read_tables()
    gone = _dropped(source, tables)
    shown = source.visual - source.humans - gone
    named = frozenset(q for q in source.humans - gone if source.labels[q])
    edges = [e for e in source.edges if e.child not in gone and e.parent not in gone]
    graph = mend(edges, source.labels, shown, named, tables)
    never = _barred(graph, source, tables)
    ends = {q for e in graph.edges for q in (e.child, e.parent)}
    chosen = frozenset(graph.depictable | graph.duplicates.keys() | ends | named) - gone
    content = _content(source, graph, never, chosen, tables)
    details = {q: detail for q, detail in read_details(items_csv).items() if q in chosen}
    origin = {
        "source": "csv",
        "source_name": items_csv.name,
        "source_sha256": hashlib.sha256(items_csv.read_bytes()).hexdigest(),
        "source_items": str(len(source.labels)),
        "source_dropped": str(len(gone)),
        "edges_to_unknown": str(source.unknown),
    }
    content = replace(content, date="undated", details=details, origin=origin)
    return Table(build(content, out), len(source.labels), len(gone), source.unknown)


def _dropped(source: Source, tables: Tables) -> frozenset[Qid]:
    below: dict[int, list[int]] = {}
    kinds: dict[Qid, list[int]] = {}
    for edge in source.edges:
        if edge.kind == "p279":
            below.setdefault(number(edge.parent), []).append(number(edge.child))
        elif edge.kind == "p31":
            kinds.setdefault(edge.child, []).append(number(edge.parent))
    found = set(dropped_roots(tables))
    waiting = list(found)
    while waiting:
        fresh = set(below.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    dropped = Dropped.of(tables, frozenset(found))
    return frozenset(q for q in source.labels if dropped.drops_item(number(q), kinds.get(q, ())))


def _content(
    source: Source,
    graph: Mended,
    never: Barred,
    chosen: frozenset[Qid],
    tables: Tables,
) -> Content:
    general = too_general(source, chosen)
    duplicates = {q: r for q, r in graph.duplicates.items() if q in chosen and r in chosen}
    hidden = {*never.reasons, *general, *duplicates}
    items = {
        q: _entry(source.labels[q], q in graph.depictable, q in hidden) for q in sorted(chosen)
    }
    edges = [e for e in graph.edges if e.child in chosen and e.parent in chosen]
    lists = listed(chosen, never, general, source.humans, tables)
    return Content(DATE, items, edges, lists, duplicates)


def too_general(source: Source, chosen: frozenset[Qid]) -> dict[Qid, str]:
    """Items of ``chosen`` above more visual items of the raw table than MAX_BELOW, and why."""
    below: dict[Qid, set[Qid]] = {}
    for edge in source.edges:
        below.setdefault(edge.parent, set()).add(edge.child)
    reason = f"above more than {MAX_BELOW} visual items of the source"
    return {q: reason for q in chosen if _wide(q, below, source.visual)}


def _wide(qid: Qid, below: Mapping[Qid, set[Qid]], visual: frozenset[Qid]) -> bool:
    seen: set[Qid] = {qid}
    waiting = [qid]
    while waiting:
        fresh = below.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting += fresh
        if len(seen) > MAX_BELOW and len(seen & visual) - (qid in visual) > MAX_BELOW:
            return True
    return False


def _entry(label: str, depictable: bool, hidden: bool) -> Entry:
    return Entry({"en": label} if label else {}, depictable, depictable and not hidden)


def _some_humans(source: Source) -> frozenset[Qid]:
    labelled = sorted((q for q in source.humans if source.labels[q]), key=number)
    return frozenset(labelled[:NAMED_HUMANS])


def _seeds(source: Source, tables: Tables) -> frozenset[Qid]:
    """What must be in beside the photos' items: the demo's, and what the lists name."""
    rows = (*tables.starter_seeds, *tables.never_suggest, *tables.withhold)
    return frozenset(Qid(row["qid"]) for row in rows if source.labels.get(Qid(row["qid"])))


def _barred(graph: Mended, source: Source, tables: Tables) -> Barred:
    below: dict[int, list[tuple[int, bool]]] = {}
    for edge in sorted(uncut(source.edges, graph, tables), key=lambda e: (number(e.child), e.kind)):
        step = number(edge.child), edge.kind == "p31"
        below.setdefault(number(edge.parent), []).append(step)
    return barred(tables, lambda item: below.get(item, ()), source.humans)
