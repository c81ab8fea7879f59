"""Rows from a Commons MediaInfo JSON dump: an array with one entity a line, read as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depicts_model import claims
from depicts_model.catalog.dump_reading import entity_of, lines
from depicts_model.dataset.inputs import file_input, size_of
from depicts_model.dataset.progress import Progress
from depicts_model.dataset.rows import Row, Told
from depicts_model.types import Qid, parse_mid, parse_qid


@dataclass(frozen=True, slots=True)
class MediaInfoDump:
    """The dump in a file: plain, .gz or .bz2. It holds no pictures."""

    path: Path
    progress: Progress
    name: str = "mediainfo"
    licence: str = "Structured data of Wikimedia Commons: CC0. It holds no pictures."
    lacks: str = "uploader, time, sha1 and pictures: files are parted by themselves alone"

    def inputs(self) -> list[dict[str, Any]]:
        """The dump."""
        return [file_input(self.path)]

    def rows(self, told: Told, images: bool) -> Iterator[Row]:
        """Each file that depicts something known; memory does not grow with the dump."""
        with self.progress("dump", size_of(self.path), "B") as bar:
            for line in lines(self.path):
                bar.update(line.done - bar.n)
                try:
                    entity = entity_of(line)
                    row = None if entity is None else _row(entity, told)
                except ValueError as error:
                    where = f"{self.path.name}: line {line.number}"
                    told.leave_out("damaged lines", where, str(error))
                    continue
                if row is not None:
                    yield row


def _row(entity: Mapping[str, Any], told: Told) -> Row | None:
    """None where it is no file, or depicts nothing. Raises ValueError: not the shape of one."""
    told.count("entities")
    if entity.get("type") != "mediainfo":
        told.count("entities of another kind")
        return None
    try:
        things = tuple((qid,) for qid in depicted(entity))
        if not things:
            told.count("files without depicts")
            return None
        mid, texts = parse_mid(entity["id"]), _captions(entity)
        return Row(mid, "mediainfo", things, texts=texts, location=str(entity.get("title", "")))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not the shape of a file: {type(error).__name__} {error}") from None


def depicted(entity: Mapping[str, Any]) -> tuple[Qid, ...]:
    """The items that its depicts statements name, each once; not those of deprecated rank.

    Neither somevalue nor novalue. A preferred one does not hide the others: a picture shows all.
    """
    statements = claims.statements_of(entity).get(claims.DEPICTS, [])
    snaks = (one["mainsnak"] for one in statements if one["rank"] != "deprecated")
    known = (snak["datavalue"]["value"]["id"] for snak in snaks if snak["snaktype"] == "value")
    return tuple(dict.fromkeys(map(parse_qid, known)))


def _captions(entity: Mapping[str, Any]) -> dict[str, str]:
    """By language, sorted; PHP writes an empty object as an empty list."""
    labels = entity.get("labels") or {}
    texts = {tag: labels[tag]["value"] for tag in sorted(labels)}
    for text in texts.values():
        text.encode()  # JSON can spell half a character
    return texts
