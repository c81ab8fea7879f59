"""Reads a catalog file: labels, hierarchy, lists, label search.

Standard library only; read-only and memory-mapped. One connection is shared by all threads
under a lock: a query takes microseconds, whereas a connection for each thread of a pool would
hold a descriptor and a page cache each, and nobody to close them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self

from depicts_model.catalog import schema
from depicts_model.catalog.languages import chain
from depicts_model.catalog.opening import connect
from depicts_model.types import Item, Qid

_DETAIL: Final = "detail"
_NAMED_PARENTS: Final = 2
"""A description names at most this many parents."""
_REMEMBERED: Final = 4096
"""Labels and counts kept at hand: a few hundred items are most of what is suggested."""
_LABELS: Final = (
    "SELECT item, iif(lower(label.label) = lower(:text), 0, 2) AS place, rank AS score"
    " FROM label_fts JOIN label ON label.rowid_ = label_fts.rowid"
    " WHERE label_fts MATCH :words AND language IN (SELECT value FROM json_each(:tags))"
)
_ALIASES: Final = (
    "SELECT item, iif(lower(alias) = lower(:text), 1, 3) AS place, rank AS score"  # noqa: S608
    f" FROM {schema.ALIAS_WORDS} WHERE {schema.ALIAS_WORDS} MATCH :words"
    " AND language IN (SELECT value FROM json_each(:tags))"
)


class Catalog:
    """A catalog, open for reading; usable from many threads, and as a context manager."""

    def __init__(self, connection: sqlite3.Connection, manifest: dict[str, str]) -> None:
        self._connection = connection
        self._lock = Lock()
        self._remembered = lru_cache(_REMEMBERED)(self._label)
        self._below = lru_cache(_REMEMBERED)(self._count_below)
        self._has_aliases = "rows:alias" in manifest
        self._alias_words = bool(
            self._rows("SELECT 1 FROM sqlite_master WHERE name = ?", schema.ALIAS_WORDS)
        )
        self.snapshot: str = manifest["snapshot"]
        """Id of this build: date of the facts and a hash of the content."""
        self._detailed = f"rows:{_DETAIL}" in manifest
        self.qids: tuple[Qid, ...] = self._column("SELECT id FROM item ORDER BY id")
        """All items in row order, by their number."""
        self.depictable: frozenset[Qid] = self._set("SELECT id FROM item WHERE depictable")
        """What a photo can show, each thing once; scored, though not all may be suggested."""
        self.visual: frozenset[Qid] = self._set("SELECT id FROM item WHERE visual")
        """What may be suggested: depictable, on no never-suggest list, not too general."""
        self.never_suggest: frozenset[Qid] = self._list(schema.NEVER_SUGGEST)
        self.too_general: frozenset[Qid] = self._list(schema.TOO_GENERAL)
        """Items above more than 2 % of what a photo can show, in the source's own graph."""
        self.withhold: frozenset[Qid] = self._list(schema.WITHHOLD)
        """Classes that hold an image back when they are among its top results."""
        self.people: frozenset[Qid] = self._list(schema.PEOPLE)
        """Named humans: suggested only where a file's words name them."""
        self.personal: frozenset[Qid] = self._list(schema.PERSONAL)
        """Of what is never suggested, what tells of people; it cannot be allowed."""

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """Open the catalog at ``path``; None: the starter catalog in the package.

        Raises ArtefactError naming the path and the fault where the file is missing,
        damaged, cut short, or of another version.
        """
        if path is not None:
            return cls(*connect(path))
        shipped = resources.files("depicts_model").joinpath("data", "starter.sqlite")
        with resources.as_file(shipped) as found:
            return cls(*connect(found))

    def close(self) -> None:
        """Close the file; the catalog answers nothing afterwards."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def label(self, qid: Qid, language: str = "en") -> str | None:
        """The label in ``language`` or its fallback chain; None where there is none."""
        return self._remembered(qid, language)[1]

    def label_language(self, qid: Qid, language: str = "en") -> str | None:
        """The language in which ``label`` finds one; None where there is none."""
        return self._remembered(qid, language)[0]

    def _label(self, qid: Qid, language: str) -> tuple[str, str] | tuple[None, None]:
        labels = self.labels(qid)
        found = ((tag, labels[tag]) for tag in chain(language) if tag in labels)
        return next(found, (None, None))

    def aliases(self, qid: Qid, language: str = "en") -> tuple[str, ...]:
        """Other names in this very language, sorted; none where the catalog keeps no aliases."""
        if not self._has_aliases:
            return ()
        query = "SELECT alias FROM alias WHERE item = ? AND language = ? ORDER BY alias"
        return tuple(name for (name,) in self._rows(query, _number(qid), language))

    def other_names(self, language: str = "en") -> Iterable[tuple[Qid, str]]:
        """Items with names beside their label: aliases in this very language, names of taxa."""
        if self._has_aliases:
            query = "SELECT item, alias FROM alias WHERE language = ? ORDER BY item, alias"
            yield from ((_qid(number), name) for number, name in self._rows(query, language))
        yield from ((_qid(number), name) for number, name in self._details("taxon_name"))

    def labels(self, qid: Qid) -> dict[str, str]:
        """All labels by language, without any fallback; empty where the item is unknown."""
        query = "SELECT language, label FROM label WHERE item = ? ORDER BY language"
        return dict(self._rows(query, _number(qid)))

    def item(self, qid: Qid, language: str = "en") -> Item | None:
        """The item in the reader's language; None where it is unknown or has no label."""
        label = self.label(qid, language)
        if label is None:
            return None
        return Item(qid, label, self._description(qid, language), self.parents(qid))

    def parents(self, qid: Qid) -> tuple[Qid, ...]:
        """Items one step above, by number."""
        query = "SELECT DISTINCT parent FROM edge WHERE child = ? ORDER BY parent"
        return self._column(query, _number(qid))

    def children(self, qid: Qid) -> tuple[Qid, ...]:
        """Items one step below, by number."""
        query = "SELECT DISTINCT child FROM edge WHERE parent = ? ORDER BY child"
        return self._column(query, _number(qid))

    def ancestors(self, qid: Qid) -> frozenset[Qid]:
        """All items above, without the item itself."""
        return self._set("SELECT ancestor FROM ancestor WHERE item = ?", _number(qid))

    def descendants(self, qid: Qid) -> frozenset[Qid]:
        """All items below, without the item itself."""
        return self._set("SELECT item FROM ancestor WHERE ancestor = ?", _number(qid))

    def visual_descendants(self, qid: Qid) -> int:
        """How many items that may be suggested lie below."""
        query = (
            "SELECT count(*) FROM ancestor JOIN item ON item.id = ancestor.item"
            " WHERE ancestor.ancestor = ? AND visual"
        )
        count: int = self._rows(query, _number(qid))[0][0]
        return count

    def edge_kinds(self, child: Qid, parent: Qid) -> tuple[str, ...]:
        """Where the edge comes from (schema.KINDS); empty where there is no such edge."""
        query = "SELECT kind FROM edge WHERE child = ? AND parent = ? ORDER BY kind"
        return tuple(kind for (kind,) in self._rows(query, _number(child), _number(parent)))

    def edges(self) -> Iterable[tuple[Qid, Qid, str]]:
        """All edges: child, parent, and where it comes from (schema.KINDS); sorted."""
        query = "SELECT child, parent, kind FROM edge ORDER BY child, parent, kind"
        return ((_qid(child), _qid(parent), kind) for child, parent, kind in self._rows(query))

    def representative(self, qid: Qid) -> Qid:
        """The item suggested in the place of ``qid``: itself, or what it is a duplicate of."""
        query = "SELECT representative FROM duplicate_of WHERE item = ?"
        return next(iter(self._column(query, _number(qid))), qid)

    def commons_categories(self) -> Iterable[tuple[Qid, str]]:
        """Items with the category on Commons that they state (P373), without its namespace."""
        for number, name in self._details("commons_category"):
            yield _qid(number), name

    def image(self, qid: Qid) -> str | None:
        """A file on Commons that shows the item (P18), without its namespace; None: unknown."""
        if not self._detailed:
            return None
        found = self._rows(f"SELECT image FROM {_DETAIL} WHERE item = ?", _number(qid))  # noqa: S608
        return next((image for (image,) in found), None)

    def coordinates(self) -> Iterable[tuple[Qid, float, float]]:
        """Items with their latitude and longitude on Earth (P625), degrees."""
        for number, latitude, longitude in self._details("latitude", "longitude"):
            yield _qid(number), latitude, longitude

    def closure_rows(self) -> Iterable[tuple[int, int]]:
        """(row of an item, row of it or of an ancestor), each pair once, sorted; see ``qids``."""
        row = {_number(qid): i for i, qid in enumerate(self.qids)}
        pairs = self._rows("SELECT item, ancestor FROM ancestor")
        strict = ((row[item], row[ancestor]) for item, ancestor in pairs)
        return sorted({*strict, *((i, i) for i in row.values())})

    def search(self, text: str, language: str = "en", limit: int = 10) -> tuple[Qid, ...]:
        """Items with a label or alias, in the reader's fallback chain, that has words starting
        like ``text``'s.

        Exact labels first, then exact aliases, other labels, other aliases; among those the best
        match first (bm25). A catalog written before aliases were indexed is searched by labels.
        """
        words = [f'"{word}"*' for word in text.replace('"', " ").replace("\0", " ").split()]
        if not words or limit < 1:
            return ()
        asked = {
            "text": text.strip(),
            "words": " ".join(words),
            "tags": json.dumps(chain(language)),
            "limit": limit,
        }
        found = f"{_LABELS} UNION ALL {_ALIASES}" if self._alias_words else _LABELS
        query = f"SELECT item FROM ({found}) GROUP BY item ORDER BY min(place), min(score), item"  # noqa: S608
        with self._lock:
            rows = self._connection.execute(f"{query} LIMIT :limit", asked).fetchall()
        return tuple(_qid(number) for (number,) in rows)

    def _description(self, qid: Qid, language: str) -> str:
        """Such as "kind of cat": of the nearest labelled items above; empty where there is none."""
        query = "SELECT ancestor, hops FROM ancestor WHERE item = ? ORDER BY hops"
        names: dict[Qid, str] = {}
        nearest = 0
        for number, hops in self._rows(query, _number(qid)):
            if names and hops > nearest:
                break
            label = self.label(_qid(number), language)
            if label is not None:
                names[_qid(number)], nearest = label, hops
        chosen = [names[q] for q in self._most_specific(names)]
        return f"kind of {' and '.join(chosen[:_NAMED_PARENTS])}" if chosen else ""

    def _most_specific(self, qids: Iterable[Qid]) -> list[Qid]:
        """``qids`` without those above others of them, the one with least below first."""
        found = list(qids)
        above = {ancestor for qid in found for ancestor in self.ancestors(qid)}
        lowest = [qid for qid in found if qid not in above]
        return sorted(lowest, key=lambda q: (self._below(q), _number(q)))

    def _count_below(self, qid: Qid) -> int:
        query = "SELECT count(*) FROM ancestor WHERE ancestor = ?"
        count: int = self._rows(query, _number(qid))[0][0]
        return count

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that labels are in."""
        rows = self._rows("SELECT DISTINCT language FROM label ORDER BY language")
        return tuple(language for (language,) in rows)

    def _details(self, *columns: str) -> list[tuple[Any, ...]]:
        """Numbers of the items that have all these columns, with them; none in a plain catalog."""
        if not self._detailed:
            return []
        named, there = ", ".join(columns), " AND ".join(f"{c} IS NOT NULL" for c in columns)
        return self._rows(f"SELECT item, {named} FROM {_DETAIL} WHERE {there}")  # noqa: S608

    def _list(self, name: str) -> frozenset[Qid]:
        return self._set("SELECT item FROM listed WHERE list = ?", name)

    def _set(self, query: str, *values: Any) -> frozenset[Qid]:
        return frozenset(self._column(query, *values))

    def _column(self, query: str, *values: Any) -> tuple[Qid, ...]:
        return tuple(_qid(row[0]) for row in self._rows(query, *values))

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()


def _number(qid: Qid) -> int:
    return int(qid[1:])


def _qid(number: int) -> Qid:
    return Qid(f"Q{number}")
