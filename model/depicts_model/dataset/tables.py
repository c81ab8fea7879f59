"""Rows from a table (CSV) of files and the items they show, with their pictures beside it.

Columns: ``file`` and ``items`` (alternatives, ``|`` between, with spaces round it or without); and,
where there are: ``label``, ``set``, ``confidence``, ``sha1``, ``uploader``, ``time`` (ISO 8601 with
its zone). A file on several rows shows several things. Rows of ``low`` confidence are left out.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from depicts_model.catalog.csv_tables import item_id, table_rows
from depicts_model.dataset import pictures
from depicts_model.dataset.inputs import file_input
from depicts_model.dataset.pictures import Pictures
from depicts_model.dataset.progress import Progress
from depicts_model.dataset.rows import Row, Told, hashed
from depicts_model.errors import ArtefactError, ImageError
from depicts_model.types import Qid


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the folder or zip of its pictures."""

    path: Path
    pictures: Path | None
    progress: Progress
    name: str = "table"
    licence: str = "A table of its owner's: see there for the licences of the pictures."

    @property
    def lacks(self) -> str:
        """Of what it could say of a file, what it has no column for."""
        with self.path.open(encoding="utf-8", newline="") as file:
            named = next(csv.reader(file), [])
        return ", ".join(column for column in ("uploader", "time", "sha1") if column not in named)

    def inputs(self) -> list[dict[str, Any]]:
        """The table and the pictures."""
        beside = [pictures.input_of(self.pictures)] if self.pictures else []
        return [file_input(self.path), *beside]

    def rows(self, told: Told, images: bool) -> Iterator[Row]:
        """Each file once, in the table's order. Raises ArtefactError naming the line."""
        found: dict[str, Row] = {}
        for line, row in table_rows(self.path, ("file", "items")):
            told.count("rows of the table")
            if row.get("confidence") == "low":
                told.count("rows of low confidence")
                continue
            made = _row(row, self.path, line)
            found[made.file] = _joined(found[made.file], made) if made.file in found else made
        if images and self.pictures:
            yield from self._with_pictures(self.pictures, found, told)
        else:
            yield from found.values()

    def _with_pictures(self, path: Path, rows: Mapping[str, Row], told: Told) -> Iterator[Row]:
        """With picture and sha1; one without a readable picture is left out."""
        with pictures.opened(path) as opened, self.progress("pictures", len(rows), "files") as bar:
            for row in rows.values():
                bar.update()
                try:
                    yield _with_picture(row, opened)
                except ImageError as error:
                    told.leave_out("files without a readable picture", row.file, str(error))


def _with_picture(row: Row, source: Pictures) -> Row:
    data = source.read(row.file)
    made = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return replace(row, image=data, sha1=made, hash=pictures.hash_of(data))


def _joined(one: Row, other: Row) -> Row:
    """What a file shows by several rows: of its other values the first row's count."""
    return replace(one, things=tuple(dict.fromkeys((*one.things, *other.things))))


def _row(row: Mapping[str, str], path: Path, line: int) -> Row:
    if not row["file"]:
        raise ArtefactError(f"{path}: line {line}: no file")
    items = dict.fromkeys(item_id(text.strip(), path, line) for text in row["items"].split("|"))
    try:
        return Row(
            row["file"],
            row.get("set") or path.stem,
            (tuple[Qid, ...](items),),
            sha1=_sha1(row.get("sha1", "")),
            uploader=hashed(row.get("uploader", "")),
            time=_time(row.get("time", "")),
            texts={"en": row["label"]} if row.get("label") else {},
            location=row["file"],
        )
    except ValueError as error:
        raise ArtefactError(f"{path}: line {line}: {error}") from None


def _sha1(text: str) -> str:
    if text and not re.fullmatch("[0-9a-f]{40}", text):
        raise ValueError(f"sha1: not 40 hexadecimal digits: {text[:60]!r}")
    return text


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"time: not ISO 8601: {text[:60]!r}") from None
    if time.tzinfo is None:
        raise ValueError(f"time: without its zone: {text[:60]!r}")
    return time
