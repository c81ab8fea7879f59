"""Turns the items of a work file into the rows of a catalog: mended, listed, cut to what counts.

Names and details go from file to file; only the skeleton of the hierarchy is held in memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, compress
from typing import Final

from depicts_model.catalog import schema
from depicts_model.catalog.barring import Subtrees, mended_below, roots_of, subtrees
from depicts_model.catalog.builder import Detail, ancestors, by_language, detail_row, number
from depicts_model.catalog.dump_entities import Facts
from depicts_model.catalog.dump_skeleton import (
    IS_HUMAN,
    LABELLED,
    PICTURED,
    Skeleton,
    skeleton_of,
)
from depicts_model.catalog.dump_work import Work
from depicts_model.catalog.hierarchy import Closure, reach
from depicts_model.catalog.listing import NAMED
from depicts_model.catalog.mending import KEEP, SHOW, Tables, pairs_of
from depicts_model.catalog.writing import Row, Streams
from depicts_model.types import Qid

WIDEST: Final = 0.02
"""Share of the items that a photo can show; what is above more is too general ..."""
WIDEST_AT_LEAST: Final = 320
"""... but never for fewer items below than this (2 % of the table that the starter is made of)."""


def streams_of(
    work: Work, tables: Tables, min_sitelinks: int, origin: Mapping[str, str]
) -> Streams:
    """The rows of the catalog of the items in the work file.

    In are: items with a picture, a label and enough sitelinks, humans among them, of whom none is
    suggested from pixels; what the tables list; and everything above all these. A human without a
    picture is not in, and so cannot be named by words either: memory grows with what is read into
    the work file, and there are millions of them.
    """
    bars = _Bars(subtrees(roots_of(tables), mended_below(work.one_below, tables)), tables)
    bones = skeleton_of(bars.noted(work.entities()), tables, min_sitelinks)
    found = _Found(bones, tables, bars.roots)
    return Streams(
        work.state.modified or "undated",
        {
            "item": found.items(),
            "label": _labels(work, found),
            "edge": found.edges(),
            "ancestor": ancestors(found.bones.graph, found.closure, found.kept_rows()),
            "duplicate_of": found.duplicates(),
            "listed": found.listed(),
            "description": by_language((f.id, f.descriptions) for f in found.of(work)),
            "detail": (_detail(facts) for facts in found.of(work)),
            "alias": (row for facts in found.of(work) for row in _aliases(facts)),
        },
        found.dropped_in_cycles(),
        origin,
    )


def listed_ids(tables: Tables) -> frozenset[int]:
    """Items that are in because a table names them."""
    rows = [*tables.never_suggest, *tables.withhold]
    rows += [row for row in tables.upper_classes if row["action"] in (KEEP, SHOW)]
    return frozenset(number(Qid(row["qid"])) for row in rows)


def _labels(work: Work, found: _Found) -> Iterator[Row]:
    rows = by_language((facts.id, facts.labels) for facts in found.of(work))
    return ((count, *row) for count, row in enumerate(rows, start=1))


def _detail(facts: Facts) -> Row:
    detail = Detail(
        facts.descriptions,
        facts.image,
        facts.latitude,
        facts.longitude,
        facts.commons_category,
        facts.taxon_name,
        facts.sitelinks,
    )
    return detail_row(facts.id, detail)


def _aliases(facts: Facts) -> Iterator[Row]:
    named = sorted(facts.aliases.items())
    return ((facts.id, tag, text) for tag, texts in named for text in texts)


class _Bars:
    """Notes below which item that bars all below it each item lies, as they are read."""

    def __init__(self, found: Subtrees, tables: Tables) -> None:
        self._found = found
        self._blocked = {(number(c), number(p)) for c, p in pairs_of(tables, "block")}
        self.roots = array("q")
        """(N,) the root above each item read, by number, or -1."""

    def noted(self, facts: Iterable[Facts]) -> Iterator[Facts]:
        """``facts``, each noted before it is handed on."""
        for item in facts:
            kinds = (kind for kind in item.p31 if (item.id, kind) not in self._blocked)
            root = self._found.root(item.id, kinds)
            self.roots.append(-1 if root is None else root)
            yield item


class _Found:
    """What is decided of every item, by its row."""

    def __init__(self, bones: Skeleton, tables: Tables, roots: array[int]) -> None:
        self.bones = bones
        self.closure = Closure(bones.graph)
        self._shown = _shown(bones, tables)
        """(N,) 1 for what a photo can show, each thing once."""
        self._kept = _kept(bones, self._shown, tables)
        self._never = _Never.of(bones, tables)
        self._root = roots
        self._below = self._counted()
        most = max(WIDEST_AT_LEAST, int(WIDEST * self._shown.count(1)))
        self._general = bytearray(count > most for count in self._below)
        self._why_general = f"above more than {most} items that a photo can show"
        self._held = {q: row["reason"] for q, row in _rows_of(bones, tables.withhold)}

    def kept_rows(self) -> Iterator[int]:
        return compress(range(len(self._kept)), self._kept)

    def of(self, work: Work) -> Iterator[Facts]:
        """The items that are in, as they were read."""
        return compress(work.entities(), self._kept)

    def items(self) -> Iterator[Row]:
        for row in self.kept_rows():
            hidden = self._banned(row) is not None or self._general[row]
            hidden = hidden or row in self.bones.duplicates
            shown = self._shown[row]
            yield self._id(row), shown, int(shown and not hidden)

    def edges(self) -> Iterator[Row]:
        for child in self.kept_rows():
            for parent, kind in self.bones.steps(child):
                if not self.closure.circular(child, parent):
                    yield self._id(child), self._id(parent), schema.KINDS[kind]

    def dropped_in_cycles(self) -> int:
        return sum(
            self.closure.circular(child, parent)
            for child in self.kept_rows()
            for parent, _ in self.bones.steps(child)
        )

    def duplicates(self) -> Iterator[Row]:
        for row, other in sorted(self.bones.duplicates.items()):
            if self._kept[row]:
                yield self._id(row), self._id(other)

    def listed(self) -> Iterator[Row]:
        """List by list, in the order of their names."""
        lists: dict[str, Callable[[int], str | None]] = {
            schema.NEVER_SUGGEST: self._banned,
            schema.PEOPLE: self._person,
            schema.PERSONAL: self._personal,
            schema.TOO_GENERAL: lambda row: self._why_general if self._general[row] else None,
            schema.WITHHOLD: self._held.get,
        }
        for name, reason in sorted(lists.items()):
            for row in self.kept_rows():
                if (why := reason(row)) is not None:
                    yield name, self._id(row), why

    def _banned(self, row: int) -> str | None:
        """Why it is never suggested; None where it may be."""
        below = None if self._person(row) else self._never.roots.get(self._root[row])
        return self._never.reasons.get(row, below and f"below {below}")

    def _personal(self, row: int) -> str | None:
        """The same where it tells of people."""
        below = not self._person(row) and self._root[row] in self._never.personal_roots
        return self._banned(row) if below or row in self._never.personal else None

    def _person(self, row: int) -> str | None:
        """Words for a named human, who is not barred for being below *human*; None for others."""
        return NAMED if self.bones.marks[row] & IS_HUMAN else None

    def _counted(self) -> array[int]:
        """(N,) shown rows below each row."""
        below = array("i", [0]) * len(self._kept)
        for row in self.kept_rows():
            if self._shown[row]:
                for ancestor, _ in self.closure.above(row):
                    below[ancestor] += 1
        return below

    def _id(self, row: int) -> int:
        return self.bones.graph.nodes[row]


@dataclass(frozen=True, slots=True)
class _Never:
    """The reviewed rows of what is never suggested, by row of the graph."""

    reasons: Mapping[int, str]
    roots: Mapping[int, str]
    """What everything below is never suggested either, by number, to its name."""
    personal: frozenset[int]
    """What tells of people."""
    personal_roots: frozenset[int]
    """The same by number."""

    @classmethod
    def of(cls, bones: Skeleton, tables: Tables) -> _Never:
        rows = dict(_rows_of(bones, tables.never_suggest))
        named = [(number(Qid(r["qid"])), r) for r in tables.never_suggest if r["kept"] == "yes"]
        roots = {item: f"{r['label']} ({r['qid']})" for item, r in named}
        personal = frozenset(row for row, r in rows.items() if r["personal"] == "yes")
        told = frozenset(item for item, r in named if r["personal"] == "yes")
        return cls({row: r["reason"] for row, r in rows.items()}, roots, personal, told)


def _rows_of(
    bones: Skeleton, table: Iterable[Mapping[str, str]]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a table that are kept and name an item of ours, with the item's row."""
    for row in table:
        at = bones.graph.row(number(Qid(row["qid"])))
        if at >= 0 and row["kept"] == "yes":
            yield at, row


def _shown(bones: Skeleton, tables: Tables) -> bytearray:
    found = bytearray(mark & (PICTURED | IS_HUMAN) == PICTURED for mark in bones.marks)
    for line in tables.upper_classes:
        row = bones.graph.row(number(Qid(line["qid"])))
        if row >= 0 and line["action"] in (KEEP, SHOW):
            found[row] = line["action"] == SHOW
    for row in bones.duplicates:
        found[row] = 0
    both = zip(found, bones.marks, strict=True)
    return bytearray(show and mark & LABELLED for show, mark in both)


def _kept(bones: Skeleton, shown: bytearray, tables: Tables) -> bytearray:
    """(N,) 1 for what comes in: see ``streams_of``."""
    named = IS_HUMAN | LABELLED
    chosen = chain(
        (row for row, mark in enumerate(bones.marks) if shown[row] or mark & named == named),
        bones.graph.rows(listed_ids(tables)),
        (row for row, other in bones.duplicates.items() if shown[other]),
    )
    return reach(bones.graph, chosen)
