"""Turns the items read from a dump into a catalog's content: mended, listed, cut to what counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from depicts_model.catalog.builder import Content, Detail, Edge, Entry, number
from depicts_model.catalog.dump_entities import EDGES, Facts
from depicts_model.catalog.hierarchy import closure, graph_of
from depicts_model.catalog.listing import barred, listed
from depicts_model.catalog.mending import KEEP, SHOW, Mended, Tables, mend_facts
from depicts_model.claims import HUMAN
from depicts_model.types import Qid

WIDEST: Final = 0.02
"""Share of the items that a photo can show; what is above more is too general ..."""
WIDEST_AT_LEAST: Final = 320
"""... but never for fewer items below than this (2 % of the table that the starter is made of)."""

Closure = Mapping[int, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class _Hierarchy:
    mended: Mended
    above: Closure
    shown: frozenset[Qid]
    """What a photo can show, each thing once."""
    humans: frozenset[Qid]


def content_of(
    facts: Mapping[Qid, Facts],
    tables: Tables,
    min_sitelinks: int,
    date: str,
    origin: Mapping[str, str],
) -> Content:
    """The content of the catalog of these items.

    In are: items with a picture, a label and enough sitelinks; humans, of whom none is ever
    suggested from pixels; what the tables list; and everything above all these.
    """
    found = _hierarchy(facts, tables, min_sitelinks)
    kept = _kept(found, facts, tables)
    never = barred(tables, found.above, found.humans)
    general = _too_general(found)
    hidden = {*never.reasons, *general, *found.mended.duplicates}
    items = {q: _entry(facts[q], q in found.shown, q in hidden) for q in kept}
    edges = [e for e in found.mended.edges if e.child in kept and e.parent in kept]
    duplicates = {q: r for q, r in found.mended.duplicates.items() if {q, r} <= kept}
    details = {q: _detail(facts[q]) for q in kept}
    lists = listed(kept, never, general, found.humans, tables)
    return Content(date, items, edges, lists, duplicates, details, origin)


def listed_ids(tables: Tables) -> frozenset[int]:
    """Items that are in because a table names them."""
    rows = [*tables.never_suggest, *tables.withhold]
    rows += [row for row in tables.upper_classes if row["action"] in (KEEP, SHOW)]
    return frozenset(number(Qid(row["qid"])) for row in rows)


def _hierarchy(facts: Mapping[Qid, Facts], tables: Tables, min_sitelinks: int) -> _Hierarchy:
    mended = mend_facts(_edges(facts.values()), frozenset(facts), tables)
    pairs = [(number(e.child), number(e.parent)) for e in mended.edges]
    above = closure(graph_of((f.id for f in facts.values()), pairs))
    humans = frozenset(q for q, f in facts.items() if number(HUMAN) in f.p31)
    action = {Qid(row["qid"]): row["action"] for row in tables.upper_classes}
    pictured = {q for q, f in facts.items() if f.image and f.sitelinks >= min_sitelinks}
    shown = {q for q in pictured - humans if action.get(q) != KEEP}
    shown |= {q for q in facts if action.get(q) == SHOW}
    shown = {q for q in shown & mended.depictable if facts[q].labels}
    return _Hierarchy(mended, above, frozenset(shown), humans)


def _edges(facts: Iterable[Facts]) -> Iterable[Edge]:
    for item in facts:
        for kind in EDGES:
            for parent in getattr(item, kind):
                yield Edge(_qid(item.id), _qid(parent), kind)


def _kept(found: _Hierarchy, facts: Mapping[Qid, Facts], tables: Tables) -> frozenset[Qid]:
    named = {q for q in found.humans if facts[q].labels}
    listed = {_qid(n) for n in listed_ids(tables)} & facts.keys()
    twins = {q for q, r in found.mended.duplicates.items() if r in found.shown}
    chosen = found.shown | named | listed | twins
    return _with_all_above(chosen, found.mended.edges)


def _with_all_above(chosen: frozenset[Qid], edges: Iterable[Edge]) -> frozenset[Qid]:
    """By the edges: the closure leaves out peers in a cycle, through which ways lead up."""
    parents: dict[Qid, list[Qid]] = defaultdict(list)
    for edge in edges:
        parents[edge.child].append(edge.parent)
    found, waiting = set(chosen), list(chosen)
    while waiting:
        fresh = set(parents.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)


def _too_general(found: _Hierarchy) -> dict[Qid, str]:
    most = max(WIDEST_AT_LEAST, int(WIDEST * len(found.shown)))
    below = Counter(a for q in found.shown for a in found.above[number(q)])
    reason = f"above more than {most} items that a photo can show"
    return {_qid(n): reason for n, count in below.items() if count > most}


def _entry(facts: Facts, depictable: bool, hidden: bool) -> Entry:
    return Entry(facts.labels, depictable, depictable and not hidden)


def _detail(facts: Facts) -> Detail:
    return Detail(
        facts.descriptions,
        facts.image,
        facts.latitude,
        facts.longitude,
        facts.commons_category,
        facts.taxon_name,
        facts.sitelinks,
    )


def _qid(item: int) -> Qid:
    return Qid(f"Q{item}")
