"""Writes a catalog file with sqlite-utils.

The same content gives the same bytes; the file appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlite_utils

from depicts_model.catalog import schema
from depicts_model.catalog.hierarchy import closure, graph_of, within_cycles
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid

Rows = dict[str, list[dict[str, Any]]]


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
    edges: Iterable[Edge]
    listed: Iterable[Listed] = ()
    duplicates: Mapping[Qid, Qid] = field(default_factory=dict)
    """Item to the representative that is suggested in its place."""
    details: Mapping[Qid, Detail] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    """What the manifest says beside the counts: where from, by which rules, what was left out."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written: counts by table, the catalog's snapshot id, the size in bytes."""

    path: Path
    snapshot: str
    visual: int
    counts: Mapping[str, int]
    dropped_in_cycles: int
    size: int


def number(qid: Qid) -> int:
    """The number in an item id, by which rows are keyed and ordered."""
    return int(qid[1:])


def build(content: Content, out: Path) -> Summary:
    """Write the catalog to ``out``.

    Raises ArtefactError where the content contradicts itself (an edge to an unknown item; marked
    visual what has no label, is never to be suggested or is a person) or the file cannot be
    written; an existing file then stays as it was.
    """
    _check(content)
    rows, dropped = _rows(content)
    snapshot = f"{content.date}-{_fingerprint(rows)[:12]}"
    rows["manifest"] = _manifest(rows, content, snapshot, dropped)
    _write(rows, out)
    counts = {name: len(rows[name]) for name in _counted(rows)}
    visual = sum(row["visual"] for row in rows["item"])
    return Summary(out, snapshot, visual, counts, dropped, out.stat().st_size)


def _check(content: Content) -> None:
    barring = (schema.NEVER_SUGGEST, schema.PEOPLE)
    banned = {row.qid for row in content.listed if row.list in barring}
    named: list[Qid] = [q for e in content.edges for q in (e.child, e.parent)]
    named += [q for pair in content.duplicates.items() for q in pair]
    for qid in named:
        if qid not in content.items:
            raise ArtefactError(f"catalog content: {qid} is named but is no item of the catalog")
    for qid, entry in content.items.items():
        if entry.visual and (not entry.labels or qid in banned or qid in content.duplicates):
            fault = "visual, yet without a label, never to be suggested, a person, or a duplicate"
            raise ArtefactError(f"catalog content: {qid} is {fault}")


def _rows(content: Content) -> tuple[Rows, int]:
    triples = {(number(e.child), number(e.parent), e.kind) for e in content.edges}
    nodes = {number(q) for q in content.items}
    inside = within_cycles(graph_of(nodes, ((c, p) for c, p, _ in triples)))
    kept = sorted(t for t in triples if t[:2] not in inside)
    graph = graph_of(nodes, ((c, p) for c, p, _ in triples))
    rows: Rows = {
        "item": _item_rows(content),
        "label": _label_rows(content),
        "edge": [{"child": c, "parent": p, "kind": k} for c, p, k in kept],
        "ancestor": _ancestor_rows(graph),
        "duplicate_of": _duplicate_rows(content),
        "listed": _listed_rows(content),
    }
    if content.details:
        rows["description"] = _description_rows(content)
        rows["detail"] = _detail_rows(content)
    return rows, len(triples) - len(kept)


def _description_rows(content: Content) -> list[dict[str, Any]]:
    found = (
        (number(q), n, t) for q, d in content.details.items() for n, t in d.descriptions.items()
    )
    return [{"item": i, "language": n, "description": t} for i, n, t in sorted(found)]


def _detail_rows(content: Content) -> list[dict[str, Any]]:
    ordered = sorted(content.details.items(), key=lambda pair: number(pair[0]))
    columns = [name for name in schema.TABLES["detail"] if name != "item"]
    return [{"item": number(q)} | {c: getattr(d, c) for c in columns} for q, d in ordered]


def _item_rows(content: Content) -> list[dict[str, Any]]:
    ordered = sorted(content.items.items(), key=lambda pair: number(pair[0]))
    return [
        {"id": number(q), "depictable": int(e.depictable), "visual": int(e.visual)}
        for q, e in ordered
    ]


def _label_rows(content: Content) -> list[dict[str, Any]]:
    found = sorted((number(q), n, t) for q, e in content.items.items() for n, t in e.labels.items())
    return [
        {"rowid_": i, "item": item, "language": language, "label": text}
        for i, (item, language, text) in enumerate(found, start=1)
    ]


def _ancestor_rows(graph: Mapping[int, list[int]]) -> list[dict[str, Any]]:
    return [
        {"item": item, "ancestor": ancestor, "hops": hops}
        for item, above in sorted(closure(graph).items())
        for ancestor, hops in sorted(above.items())
    ]


def _duplicate_rows(content: Content) -> list[dict[str, Any]]:
    pairs = sorted((number(q), number(r)) for q, r in content.duplicates.items())
    return [{"item": item, "representative": other} for item, other in pairs]


def _listed_rows(content: Content) -> list[dict[str, Any]]:
    found = sorted({(row.list, number(row.qid)): row.reason for row in content.listed}.items())
    return [{"list": name, "item": item, "reason": reason} for (name, item), reason in found]


def _fingerprint(rows: Rows) -> str:
    text = json.dumps(rows, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _counted(rows: Rows) -> list[str]:
    return [*schema.COUNTED_TABLES, *(name for name in schema.OPTIONAL_TABLES if name in rows)]


def _manifest(rows: Rows, content: Content, snapshot: str, dropped: int) -> list[dict[str, Any]]:
    own = {"schema_version": schema.VERSION, "date": content.date, "snapshot": snapshot}
    found = {"edges_in_cycles": str(dropped)} if content.origin else {}
    values = {**content.origin, **found, **own}
    values |= {f"rows:{name}": str(len(rows[name])) for name in _counted(rows)}
    return [{"key": key, "value": value} for key, value in sorted(values.items())]


def _write(rows: Rows, out: Path) -> None:
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        _fill(rows, temporary)
        temporary.chmod(0o644)
        temporary.replace(out)
    except (OSError, sqlite3.Error) as error:
        raise ArtefactError(f"{out}: the catalog cannot be written: {error}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _fill(rows: Rows, path: Path) -> None:
    database = sqlite_utils.Database(path)
    try:
        for name in (n for n in schema.TABLES if n in rows):
            columns = schema.TABLES[name]
            table = database.table(name)
            table.create(columns, pk=schema.KEYS[name])
            table.insert_all(rows[name])
        _index(database)
        database.vacuum()
    finally:
        database.close()


def _index(database: sqlite_utils.Database) -> None:
    database.table("label").create_index(["item", "language"])
    database.table("label").enable_fts(["label"], tokenize="unicode61 remove_diacritics 2")
    database.table("edge").create_index(["parent"])
    database.table("ancestor").create_index(["ancestor"])
