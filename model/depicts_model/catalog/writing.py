"""Writes a catalog file with sqlite-utils, row by row: memory does not grow with the tables.

The same rows give the same bytes; the file appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlite_utils

from depicts_model.catalog import schema
from depicts_model.errors import ArtefactError

Row = tuple[Any, ...]
"""Values in the order of the table's columns in ``schema.TABLES``."""

_UNKNOWN: Final = """
SELECT id FROM (
  SELECT child AS id FROM edge UNION ALL SELECT parent FROM edge
  UNION ALL SELECT item FROM ancestor UNION ALL SELECT ancestor FROM ancestor
  UNION ALL SELECT item FROM duplicate_of UNION ALL SELECT representative FROM duplicate_of)
WHERE id NOT IN (SELECT id FROM item) ORDER BY id LIMIT 1"""
_SPOILT: Final = """
SELECT id FROM item WHERE visual AND (NOT EXISTS (SELECT 1 FROM label WHERE item = id)
  OR id IN (SELECT item FROM listed WHERE list IN (:never, :people))
  OR id IN (SELECT item FROM duplicate_of)) ORDER BY id LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Streams:
    """All that goes into a catalog. ``date``: of the facts, ISO 8601."""

    date: str
    tables: Mapping[str, Iterable[Row]]
    """Rows by the order of the table's key; read once, table after table as in ``schema``."""
    dropped_in_cycles: int
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


def write(streams: Streams, out: Path) -> Summary:
    """Write the catalog to ``out``.

    Raises ArtefactError where the rows contradict themselves (an edge to an unknown item; marked
    visual what has no label, is never to be suggested or is a person) or the file cannot be
    written; an existing file then stays as it was.
    """
    temporary: Path | None = None
    try:
        _sweep(out)
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        tally, visual = _fill(streams, temporary)
        _settle(temporary, out)
    except (OSError, sqlite3.Error) as error:
        raise ArtefactError(f"{out}: the catalog cannot be written: {error}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    snapshot = tally.snapshot(streams.date)
    size = out.stat().st_size
    return Summary(out, snapshot, visual, tally.counts, streams.dropped_in_cycles, size)


def _sweep(out: Path) -> None:
    """Remove what a writer of the same file left that was killed; two at a time are a mistake."""
    ours = re.compile(rf"\.{re.escape(out.name)}\.[a-z0-9_]{{8}}\.part(-journal|-wal|-shm)?")
    for path in out.parent.iterdir():
        if ours.fullmatch(path.name):
            path.unlink(missing_ok=True)


class _Tally:
    """Counts rows and takes their fingerprint on the way."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._digest = hashlib.sha256()

    def pass_on(self, name: str, rows: Iterable[Row]) -> Iterator[Row]:
        """``rows``, each noted before it is handed on."""
        self._digest.update(name.encode())
        self.counts[name] = 0
        for row in rows:
            self._digest.update(ascii(row).encode())
            self.counts[name] += 1
            yield row

    def snapshot(self, date: str) -> str:
        """The id of what was counted."""
        return f"{date}-{self._digest.hexdigest()[:12]}"


def _fill(streams: Streams, path: Path) -> tuple[_Tally, int]:
    """What was written, and how many items may be suggested."""
    database, tally = sqlite_utils.Database(path), _Tally()
    try:
        database.execute("PRAGMA synchronous = OFF")  # nobody sees the file before it is whole
        with database.atomic():
            for name in (n for n in schema.TABLES if n in streams.tables or n == "manifest"):
                columns = schema.TABLES[name]
                database.table(name).create(columns, pk=schema.KEYS[name])
            for name in (n for n in schema.TABLES if n in streams.tables):
                _insert(database, name, tally.pass_on(name, streams.tables[name]))
            database.table("manifest").insert_all(_manifest(streams, tally))
        _index(database)
        _check(database)
        database.vacuum()
        return tally, database.execute("SELECT count(*) FROM item WHERE visual").fetchone()[0]
    finally:
        database.close()


def _insert(database: sqlite_utils.Database, name: str, rows: Iterator[Row]) -> None:
    """Four times as fast as ``insert_all``, which asks of every value whether it is a JSON one."""
    places = ", ".join("?" * len(schema.TABLES[name]))
    database.conn.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608 - ours


def _manifest(streams: Streams, tally: _Tally) -> list[dict[str, str]]:
    snapshot = tally.snapshot(streams.date)
    own = {"schema_version": schema.VERSION, "date": streams.date, "snapshot": snapshot}
    found = {"edges_in_cycles": str(streams.dropped_in_cycles)} if streams.origin else {}
    values = {**streams.origin, **found, **own}
    values |= {f"rows:{name}": str(count) for name, count in tally.counts.items()}
    return [{"key": key, "value": value} for key, value in sorted(values.items())]


def _index(database: sqlite_utils.Database) -> None:
    database.table("label").create_index(["item", "language"])
    database.table("label").enable_fts(["label"], tokenize=schema.TOKENIZER)
    if database.table("alias").exists():
        database.execute(
            f"CREATE VIRTUAL TABLE {schema.ALIAS_WORDS} USING fts5(alias, item UNINDEXED,"
            f" language UNINDEXED, tokenize='{schema.TOKENIZER}')"
        )
        copied = f"INSERT INTO {schema.ALIAS_WORDS}(alias, item, language)"
        with database.atomic():
            database.execute(f"{copied} SELECT alias, item, language FROM alias")  # noqa: S608
    database.table("edge").create_index(["parent"])
    database.table("ancestor").create_index(["ancestor"])


def _check(database: sqlite_utils.Database) -> None:
    for (item,) in database.execute(_UNKNOWN):
        raise ArtefactError(f"catalog content: Q{item} is named but is no item of the catalog")
    for (item,) in database.execute(
        _SPOILT, {"never": schema.NEVER_SUGGEST, "people": schema.PEOPLE}
    ):
        fault = "visual, yet without a label, never to be suggested, a person, or a duplicate"
        raise ArtefactError(f"catalog content: Q{item} is {fault}")


def _settle(temporary: Path, out: Path) -> None:
    """Put the whole file in its place."""
    temporary.chmod(0o644)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(out)
