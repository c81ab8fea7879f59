"""The starter catalog with images of its items, which it has none of itself."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

import sqlite_utils

from depicts_model.catalog import schema
from depicts_model.catalog.builder import Detail, detail_row, number
from depicts_model.types import Qid


def starter(path: Path, images: Mapping[Qid, str]) -> Path:
    """A copy of the starter at ``path`` whose table of details says this; returns ``path``."""
    with as_file(files("depicts_model") / "data" / "starter.sqlite") as shipped:
        shutil.copy(shipped, path)
    database = sqlite_utils.Database(path)
    columns = schema.TABLES["detail"]
    rows = [detail_row(number(qid), Detail({}, image=name)) for qid, name in images.items()]
    database.table("detail").create(columns, pk=schema.KEYS["detail"])
    database.table("detail").insert_all(dict(zip(columns, row, strict=True)) for row in rows)
    database.table("manifest").insert({"key": "rows:detail", "value": str(len(rows))})
    database.close()
    return path
