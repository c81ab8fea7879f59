"""The embedding cache: one local file of vectors, shared by processes, that may be killed any time.

A floor-1 room beside `store`: only the ground floor may be imported here. The cache takes keys and
bytes; what they stand for is the linker's affair (`depicts_model.linker.cached`). SQLite, because
it locks between processes and rolls back what a kill left half done. Keep the file on a local disk:
SQLite's locks do not hold on network file systems.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Self

from depicts_model.errors import ArtefactError

APPLICATION: Final = 0x44504543
"""SQLite's ``application_id`` of such a file: no other database is taken for a cache."""
PATIENCE: Final = 30.0
"""Seconds to wait for another process to finish writing."""
PART: Final = 500
"""Keys a query: SQLite binds at most 999 in old builds."""
SPARE: Final = 0.1
"""Share that is thrown out at once when the cache is full, so that not every write throws out."""
_TABLE: Final = (
    "CREATE TABLE vector (age INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL,"
    " value BLOB NOT NULL, seal BLOB NOT NULL)"
)


class EmbeddingCache:
    """Bytes by key, the oldest out; usable from many threads and processes, a context manager."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        """Open the cache at ``path``, or make it. ``max_bytes``: of the file, roughly.

        Raises ArtefactError naming the path: damaged, another program's, not to be written.
        """
        self._path = path
        self._max_bytes = max_bytes
        self._lock = Lock()
        with self._faults():
            self._connection = sqlite3.connect(
                path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
        try:
            with self._faults(), self._writing():
                self._prepare()
        except ArtefactError:
            self._connection.close()
            raise

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are there; what does not fit its seal is not."""
        found: dict[bytes, bytes] = {}
        with self._lock, self._faults():
            for start in range(0, len(keys), PART):
                part = keys[start : start + PART]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, value, seal FROM vector WHERE key IN ({marks})"  # noqa: S608
                rows = self._connection.execute(query, part)
                found |= {key: value for key, value, seal in rows if seal == _seal(key, value)}
        return found

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep the rows, all or none; a key that is there already gets the new value."""
        sealed = [(key, value, _seal(key, value)) for key, value in rows.items()]
        with self._lock, self._faults(), self._writing():
            self._connection.executemany(
                "INSERT OR REPLACE INTO vector (key, value, seal) VALUES (?, ?, ?)", sealed
            )
            self._make_room()

    def close(self) -> None:
        """Close the file; the cache answers nothing afterwards."""
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

    def _prepare(self) -> None:
        if not self._number("PRAGMA schema_version"):  # made this moment, or empty
            self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
            self._connection.execute(_TABLE)
        elif self._number("PRAGMA application_id") != APPLICATION:
            raise ArtefactError(f"{self._path}: not an embedding cache; name another file")

    def _make_room(self) -> None:
        """Throw out the oldest while the pages in use are too many."""
        while self._used() > self._max_bytes:
            count = self._number("SELECT count(*) FROM vector")
            if not count:
                return
            query = "DELETE FROM vector WHERE age IN (SELECT age FROM vector ORDER BY age LIMIT ?)"
            self._connection.execute(query, (max(1, round(SPARE * count)),))

    def _used(self) -> int:
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        return pages * self._number("PRAGMA page_size")

    def _number(self, query: str) -> int:
        (number,) = self._connection.execute(query).fetchone()
        return int(number)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction; whatever goes wrong inside leaves the file as it was."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it already
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # cannot be opened, locked, full
            raise ArtefactError(f"{self._path}: embedding cache: {error}") from None
        except sqlite3.DatabaseError as error:
            fault = f"damaged ({error}); delete it, and it is made anew"
            raise ArtefactError(f"{self._path}: embedding cache: {fault}") from None


def _seal(key: bytes, value: bytes) -> bytes:
    """A checksum of both: a value that rotted, or slipped under another key, is not believed."""
    return hashlib.blake2b(key + value, digest_size=8).digest()
