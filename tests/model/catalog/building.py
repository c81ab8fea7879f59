"""Catalogs made from dumps, and what is in them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from depicts_model.catalog.dump import Made, Options, build_dump

TABLES = ("item", "label", "edge", "ancestor", "listed", "description", "detail", "alias")


def made(folder: Path, text: str, name: str = "d.json", every: int = 7) -> tuple[Path, Made]:
    """The catalog of a dump of this text, with a commit after so many lines."""
    source, out = folder / name, folder / "c.sqlite"
    source.write_text(text, encoding="utf-8")
    return out, build_dump(source, out, Options(("en", "de"), 1, every))


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
