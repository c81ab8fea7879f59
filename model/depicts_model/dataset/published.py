"""Rows from the published data set ``vel_commons_wikidata`` (HPI, 2024), in its own layout.

Below its folder lie webdataset tars (``123.jpg``, ``123.png``, ``123.json`` of one sample) or the
Parquet files that the hub makes of them (columns ``__key__``, ``jpg``, ``png``, ``json``). The key
is the page id on Commons. Every sample has both pictures, of which the one not meant is 1×1.

Of the metadata these names are used: `LABELS`, `AUTHOR`, `DESCRIPTION`. They are from memory of its
card, whose list of fields could not be reached here (2026-11-22): a sample that has no such field
is left out with the names that it does have, and other fields of labels and author can be named.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from depicts_model.dataset.inputs import file_input
from depicts_model.dataset.pictures import UNREADABLE, hash_of, unreadable
from depicts_model.dataset.progress import Progress
from depicts_model.dataset.rows import Row, Told, hashed
from depicts_model.errors import ArtefactError, ImageError
from depicts_model.types import Qid, parse_mid, parse_qid

LABELS: Final = "f0_labels"
"""Items without any threshold, numbers without their Q; ``f10_labels`` have the rule applied."""
AUTHOR: Final = "img_author"
DESCRIPTION: Final = "description"
IMAGES: Final = "commons_images"
"""The folder of its configuration with the photos; the others hold items."""
PICTURES: Final = ("jpg", "png")
TRIED: Final = 100
"""Samples of which one at least must be sound."""
_BATCH: Final = 64
"""Rows in memory at a time: pictures of up to a megabyte each."""
_END: Final = bytes(1024)
"""What a tar that is whole ends with."""

Sample = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """The data set below a folder."""

    folder: Path
    progress: Progress
    labels: str = LABELS
    author: str = AUTHOR
    name: str = "vel_commons_wikidata"
    licence: str = "vel_commons_wikidata: CC BY-SA 4.0; each picture has its author's licence."
    lacks: str = "time and sha1 of the originals: its pictures were made smaller"

    def inputs(self) -> list[dict[str, Any]]:
        """Every tar and Parquet file."""
        return [file_input(path, self._named(path)) for path in self._files()]

    def rows(self, told: Told, images: bool) -> Iterator[Row]:
        """Each sample once, by file.

        A file that is cut short is an ArtefactError; so are `TRIED` samples of which none is sound.
        """
        seen: set[tuple[str, Any]] = set()
        files = self._files()
        with self.progress("published", len(files), "files") as bar:
            for path in files:
                bar.update()
                for sample in _samples(path):
                    row = self._read(path, sample, told, images)
                    if row is None:
                        self._check_any(told, bool(seen))
                        continue
                    if (row.file, row.things) in seen:
                        told.count("samples that are repeated")
                        continue
                    seen.add((row.file, row.things))
                    yield row
        if count := told.counts[self._no_author]:
            told.warn(f"{self._no_author}: {count} of {told.counts['samples']}; not parted by it")

    @property
    def _no_author(self) -> str:
        return f"samples without a field {self.author!r}"

    def _check_any(self, told: Told, any_sound: bool) -> None:
        """Hours of samples would follow, of which each lacks the same."""
        if not any_sound and told.counts["damaged samples"] == TRIED:
            last = told.examples["damaged samples"][-1]
            raise ArtefactError(f"{self.folder}: none of {TRIED} samples is sound, such as {last}")

    def _files(self) -> list[Path]:
        inner = self.folder / IMAGES
        top = inner if inner.is_dir() else self.folder
        every = (path for end in ("tar", "parquet") for path in top.rglob(f"*.{end}"))
        found = sorted(path for path in every if not _is_hidden(path.relative_to(self.folder)))
        if not found:
            raise ArtefactError(f"{self.folder}: no .tar or .parquet of the published set below it")
        return found

    def _named(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _read(self, path: Path, sample: Sample, told: Told, images: bool) -> Row | None:
        told.count("samples")
        try:
            return self._row(self._named(path), sample, told, images)
        except (ValueError, ImageError) as error:
            where = f"{self._named(path)}: {sample.get('__key__')}"
            told.leave_out("damaged samples", where, str(error))
            return None

    def _row(self, place: str, sample: Sample, told: Told, images: bool) -> Row:
        """Raises ValueError or ImageError naming what is wrong with the sample."""
        key, about = str(sample["__key__"]), _metadata(sample)
        name, data = _picture(sample)
        text = about.get(DESCRIPTION)
        row = Row(
            parse_mid(f"M{key.rpartition('/')[2]}"),
            f"{self.name}/{place.rpartition('/')[0] or '.'}",
            tuple((qid,) for qid in self._labelled(about)),
            uploader=hashed(str(about.get(self.author) or "")),
            texts={"en": text} if isinstance(text, str) and text else {},
            location=f"{place}!{key}.{name}",
            image=data if images else None,
            hash=hash_of(data) if images else None,
        )
        if self.author not in about:
            told.count(self._no_author)
        return row

    def _labelled(self, about: Mapping[str, Any]) -> tuple[Qid, ...]:
        found = about.get(self.labels)
        if not isinstance(found, list):
            raise ValueError(f"no list {self.labels!r} among {', '.join(sorted(about)):.200}")
        return tuple(dict.fromkeys(parse_qid(f"Q{str(one).removeprefix('Q')}") for one in found))


def _is_hidden(path: Path) -> bool:
    """The hub's client keeps a hidden folder beside what it fetched."""
    return any(part.startswith(".") for part in path.parts)


def _metadata(sample: Sample) -> Mapping[str, Any]:
    """Text in a tar; the hub's Parquet has it as a structure."""
    found = sample.get("json")
    if isinstance(found, bytes | str):
        found = json.loads(found)
    if not isinstance(found, Mapping):
        raise ValueError("no JSON object")
    return found


def _picture(sample: Sample) -> tuple[str, bytes]:
    """Which of the two is the picture, and its bytes. Raises ImageError."""
    for name in PICTURES:
        data = sample.get(name)
        if isinstance(data, Mapping):  # as the hub packs pictures
            data = data.get("bytes")
        if data and _size(data) != (1, 1):
            return name, data
    raise ImageError("neither jpg nor png is more than 1×1")


def _size(data: bytes) -> tuple[int, int]:
    """From the header alone."""
    try:
        with Image.open(BytesIO(data)) as image:
            return image.size
    except UNREADABLE as error:
        raise unreadable(error) from None


def _samples(path: Path) -> Iterator[Sample]:
    try:
        yield from _of_tar(path) if path.suffix == ".tar" else _of_parquet(path)
    except (OSError, tarfile.TarError, EOFError, pa.ArrowException) as error:
        raise ArtefactError(f"{path}: cannot be read: {error}") from None


def _of_tar(path: Path) -> Iterator[Sample]:
    from webdataset.tariterators import group_by_keys, tar_file_iterator  # loads torch, if it can

    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(_END)))
        if file.read() != _END:  # tarfile takes one that was cut between two members for whole
            raise ArtefactError(f"{path}: cut short: no end of a tar")
        file.seek(0)
        members = ({**member, "__url__": path.name} for member in tar_file_iterator(file))
        yield from group_by_keys(members)


def _of_parquet(path: Path) -> Iterator[Sample]:
    with pq.ParquetFile(path) as file:
        names = {"__key__", "json", *PICTURES}
        if missing := sorted(names - {*file.schema_arrow.names}):
            raise ArtefactError(f"{path}: no column {missing[0]!r}")
        for batch in file.iter_batches(_BATCH, columns=sorted(names)):
            yield from batch.to_pylist()
