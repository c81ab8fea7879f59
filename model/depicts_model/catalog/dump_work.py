"""The work file beside a catalog in the making: what was read, and how far, in one commit.

A process may be killed at any time: the next one goes on after the last commit.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from depicts_model.catalog.dump_entities import Facts
from depicts_model.errors import ArtefactError

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), value TEXT);
CREATE TABLE IF NOT EXISTS class_edge (child INTEGER, parent INTEGER, kind TEXT,
  PRIMARY KEY (child, parent, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seed (id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS entity (id INTEGER PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS damage (line INTEGER PRIMARY KEY, reason TEXT);
"""
_BELOW: Final = """
WITH RECURSIVE below(id) AS (
  SELECT value FROM json_each(?)
  UNION SELECT child FROM class_edge JOIN below ON parent = below.id WHERE kind = 'p279')
SELECT id FROM below"""
_ABOVE: Final = """
WITH RECURSIVE above(id) AS (
  SELECT id FROM seed UNION SELECT value FROM json_each(?)
  UNION SELECT parent FROM class_edge JOIN above ON child = above.id WHERE kind <> 'p31')
SELECT id FROM above"""


@dataclass(frozen=True, slots=True)
class State:
    """How far the work is. ``step``: 1 class graph, 2 entities, 3 all read."""

    key: str
    """Names source and rules; work done for others is worth nothing."""
    step: int = 1
    line: int = 0
    offset: int = 0
    items: int = 0
    others: int = 0
    """Entities that are no items."""
    dropped: int = 0
    modified: str = ""
    """Latest day that an item was modified."""
    unfit: int = 0
    """Items that lack what made no sense; for sources without lines to name."""
    after: str = ""
    """Last key of a page that another follows; for sources that are read in pages."""


Warn = Callable[[str], None]


def key_of(**values: Any) -> str:
    """A key of what a run goes by: name to value, as JSON has it."""
    return json.dumps(values)


def _differing(before: str, now: str) -> str:
    """In words, what two keys differ in."""
    old, new = json.loads(before), json.loads(now)
    if not isinstance(old, dict) or old.keys() != new.keys():
        return "it was begun by other rules, or from another kind of source"
    names = [name.replace("_", " ") for name in new if old[name] != new[name]]
    return f"it was begun with other {', '.join(names)}"


class Work:
    """The work file, open. Nothing is kept until ``commit``."""

    schema: ClassVar[str] = _SCHEMA
    tables: ClassVar[tuple[str, ...]] = ("class_edge", "seed", "entity", "damage")
    """What work for another source is emptied of."""

    def __init__(self, path: Path, key: str, warn: Warn | None = None) -> None:
        """``key``: `key_of`. ``warn``: told of work of a killed run that is of no use here."""
        self._path = path
        self._warn = warn
        if not path.parent.is_dir():
            raise ArtefactError(f"{path.parent}: no such folder, named by --out")
        try:
            self._connection = self._open()
        except sqlite3.OperationalError as error:
            raise ArtefactError(f"{path}: in use, or cannot be written: {error}") from None
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)  # not whole, so of no use
            self._connection = self._open()
        self.state = self._found(key)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=1)
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # one run at a time
            connection.executescript("BEGIN EXCLUSIVE;" + self.schema + "COMMIT;")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _found(self, key: str) -> State:
        row = self._connection.execute("SELECT value FROM state").fetchone()
        found = State(**json.loads(row[0])) if row else State(key)
        if found.key == key:
            return found
        if self._warn and found.key:
            self._warn(
                f"{self._path}: work of a killed run is given up: {_differing(found.key, key)}"
            )
        for table in self.tables:
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        return State(key)

    def add_class(self, facts: Facts) -> None:
        """The class edges of an item, and what must be in if the item is."""
        edges = [(facts.id, p, "p279") for p in facts.p279]
        edges += [(facts.id, p, "p171") for p in facts.p171]
        self._many("INSERT OR IGNORE INTO class_edge VALUES (?, ?, ?)", edges)
        if facts.image:
            needed = {*facts.p31, *facts.p279, *facts.p171}
            self._many("INSERT OR IGNORE INTO seed VALUES (?)", ((n,) for n in needed))

    def add_kinds(self, facts: Facts) -> None:
        """Of what a class is an instance; of one that is dropped too, for what lies below it."""
        edges = [(facts.id, p, "p31") for p in facts.p31]
        self._many("INSERT OR IGNORE INTO class_edge VALUES (?, ?, ?)", edges)

    def add_entity(self, facts: Facts) -> bool:
        """An item that may come into the catalog; False, and not added, where it is in already."""
        text = json.dumps(facts.stored(), ensure_ascii=False, separators=(",", ":"))
        return self._many("INSERT OR IGNORE INTO entity VALUES (?, ?)", [(facts.id, text)]) == 1

    def add_damage(self, line: int, reason: str) -> None:
        """A line that could not be read."""
        self._many("INSERT OR REPLACE INTO damage VALUES (?, ?)", [(line, reason)])

    def commit(self, state: State) -> None:
        """Keep what was added together with how far we are."""
        self._many("INSERT OR REPLACE INTO state VALUES (1, ?)", [(json.dumps(asdict(state)),)])
        self._connection.commit()
        self.state = state

    def index(self) -> None:
        """Make the way down quick, once all class edges are in."""
        self._connection.execute("CREATE INDEX IF NOT EXISTS down ON class_edge (parent, kind)")

    def below(self, roots: Iterable[int]) -> frozenset[int]:
        """These classes and all below them by P279."""
        return self._ids(_BELOW, roots)

    def above(self, more: Iterable[int]) -> frozenset[int]:
        """``more``, the classes of all pictured items, and all above them."""
        return self._ids(_ABOVE, more)

    def one_below(self, item: int) -> list[tuple[int, bool]]:
        """What lies one step below a class; True where by P31, of classes only."""
        query = "SELECT child, kind = 'p31' FROM class_edge WHERE parent = ? ORDER BY child, kind"
        return [(child, bool(p31)) for child, p31 in self._connection.execute(query, (item,))]

    def entities(self) -> Iterator[Facts]:
        """The items added, by number."""
        for (text,) in self._connection.execute("SELECT value FROM entity ORDER BY id"):
            yield Facts(**json.loads(text))

    def damages(self) -> list[tuple[int, str]]:
        """Line number and reason of every damaged line."""
        return self._connection.execute("SELECT line, reason FROM damage ORDER BY line").fetchall()

    def close(self) -> None:
        """Close the file and leave it for the next process."""
        self._connection.close()

    def finish(self) -> None:
        """Close the file and remove it."""
        self.close()
        self._path.unlink(missing_ok=True)

    def _ids(self, query: str, roots: Iterable[int]) -> frozenset[int]:
        found = self._connection.execute(query, (json.dumps(sorted(roots)),))
        return frozenset(row[0] for row in found)

    def _many(self, query: str, rows: Iterable[tuple[Any, ...]]) -> int:
        """How many rows that changed."""
        try:
            return self._connection.executemany(query, rows).rowcount
        except sqlite3.Error as error:
            raise ArtefactError(f"{self._path}: cannot be written: {error}") from None
