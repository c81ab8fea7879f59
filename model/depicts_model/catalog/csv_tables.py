"""Reads a table of items (CSV): its rows, and what else of an item it may hold beside its names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from depicts_model.catalog.builder import Detail
from depicts_model.catalog.coordinates import Place, on_earth, point_of
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid, parse_qid

_PICTURES: Final = ("p18", "image_p18")
_DETAILS: Final = ("description", *_PICTURES, "p625", "p373", "p225", "sitelinks")


def table_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and values by column. Raises ArtefactError naming the file and the line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            for column in columns:
                if column not in (reader.fieldnames or ()):
                    raise ArtefactError(f"{path}: line 1: no column {column!r}")
            for row in reader:
                if None in row or None in row.values():
                    raise ArtefactError(f"{path}: line {reader.line_num}: wrong number of fields")
                yield reader.line_num, row
    except OSError as error:
        raise ArtefactError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ArtefactError(f"{path}: not a CSV table in UTF-8: {error}") from None


def item_id(text: str, path: Path, line: int) -> Qid:
    """The item id in a field."""
    try:
        return parse_qid(text)
    except ValueError as error:
        raise ArtefactError(f"{path}: line {line}: {error}") from None


def read_details(path: Path) -> dict[Qid, Detail]:
    """What the table says of its items beside labels and edges; empty where it has no such column.

    Columns, each of which may be missing: description (English), p18 or image_p18 (file names),
    p625 (``Point(longitude latitude)``, degrees), p373, p225, sitelinks (a count). Of several
    values, with ``|`` between them, the first counts.
    """
    found: dict[Qid, Detail] = {}
    for line, row in table_rows(path, ("qid",)):
        if row.keys().isdisjoint(_DETAILS):
            break
        try:
            found[item_id(row["qid"], path, line)] = _detail(row)
        except ValueError as error:
            raise ArtefactError(f"{path}: line {line}: {error}") from None
    return found


def _detail(row: Mapping[str, str]) -> Detail:
    first = {column: row.get(column, "").split("|")[0].strip() or None for column in _DETAILS}
    description = row.get("description", "")  # a sentence: a bar in it parts no values
    picture = next((first[column] for column in _PICTURES if first[column]), None)
    latitude, longitude = _place(first["p625"])
    return Detail(
        {"en": description} if description else {},
        picture and picture.replace("_", " "),  # one and the same to the wiki
        latitude,
        longitude,
        first["p373"],
        first["p225"],
        _count(first["sitelinks"]),
    )


def _place(text: str | None) -> Place | tuple[None, None]:
    """Latitude, longitude."""
    if text is None:
        return None, None
    try:
        globe, *degrees = point_of(text)
        if globe is not None:
            raise ValueError(f"not on Earth: {text[:80]!r}")
        return on_earth(*degrees)
    except ValueError as error:
        raise ValueError(f"p625: {error}") from None


def _count(text: str | None) -> int:
    if text and not re.fullmatch("[0-9]{1,9}", text):
        raise ValueError(f"sitelinks: not a count: {text!r:.60}")
    return int(text or 0)
