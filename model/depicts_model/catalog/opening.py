"""Opens a catalog file and makes sure that it is whole before anybody relies on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from depicts_model.catalog import schema
from depicts_model.errors import ArtefactError

_MMAP_BYTES: Final = 1 << 30
_MAGIC: Final = b"SQLite format 3\0"


def connect(path: Path, mapped: bool = True) -> tuple[sqlite3.Connection, dict[str, str]]:
    """A checked read-only connection, and the file's manifest. ``mapped``: into memory.

    Raises ArtefactError naming the path and the fault.
    """
    _check_head(path)
    # a catalog is replaced and never changed: without locks a connection may cross a fork
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        connection.execute("PRAGMA query_only = 1")
        manifest = _checked_manifest(connection, path)
        if mapped:  # only now: the check reads every page, and would keep them all in memory
            connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
        return connection, manifest
    except sqlite3.Error as error:
        fault = ArtefactError(f"{path}: not a whole catalog: {error}")
    except ArtefactError as error:
        fault = error
    if connection is not None:
        connection.close()
    raise fault


def is_catalog(path: Path) -> bool:
    """Whether the file is a catalog of ours, of whatever version, as far as its manifest tells."""
    try:
        _check_head(path)
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            query = "SELECT 1 FROM manifest WHERE key = 'schema_version'"
            return connection.execute(query).fetchone() is not None
    except (ArtefactError, sqlite3.Error):
        return False


def _check_head(path: Path) -> None:
    """SQLite takes an empty file for an empty database, and a missing one for a riddle."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise ArtefactError(f"{path}: the catalog cannot be read: {error.strerror}") from None
    if head != _MAGIC:
        raise ArtefactError(f"{path}: not a catalog: {'empty' if not head else 'not SQLite'}")


def _checked_manifest(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    manifest = dict(connection.execute("SELECT key, value FROM manifest").fetchall())
    version = manifest.get("schema_version")
    if version != schema.VERSION:
        wanted = f"this program reads version {schema.VERSION}"
        raise ArtefactError(f"{path}: catalog of version {version}; {wanted}")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise ArtefactError(f"{path}: damaged: {' '.join(str(verdict).split())}")
    _check_counts(connection, manifest, path)
    return manifest


def _check_counts(connection: sqlite3.Connection, manifest: dict[str, str], path: Path) -> None:
    optional = [name for name in schema.OPTIONAL_TABLES if f"rows:{name}" in manifest]
    for table in (*schema.COUNTED_TABLES, *optional):
        (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        stated = manifest.get(f"rows:{table}")
        if str(found) != stated:
            fault = f"table {table} has {found} rows where the manifest says {stated}"
            raise ArtefactError(f"{path}: damaged: {fault}")
    if "snapshot" not in manifest:
        raise ArtefactError(f"{path}: damaged: the manifest names no snapshot")
