"""``depicts-model approve``: makes the file of approved images, which vote at once."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from depicts_model.types import Qid

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
CHUNK = 64
"""Images in memory at a time."""


@click.command()
@click.argument("listed", metavar="LIST", type=FILE)
@click.option("--model", type=FOLDER, help="Folder of the model; the shipped one without it.")
@click.option("--out", type=FILE, required=True, help="File to write; name it as `approved`.")
def approve(listed: Path, model: Path | None, out: Path) -> None:
    """Make the file of approved images from a table of images and the items they show.

    LIST (CSV) has the columns file, relative to LIST, and items, with | between. What is near an
    approved image is likely to show the same: its items get votes at once, before any training.
    An image that cannot be read is left out, and said.
    """
    from depicts_model.errors import ArtefactError
    from depicts_model.linker import artefact as artefacts
    from depicts_model.linker.approved_file import save_approved
    from depicts_model.linker.encoder import Encoder
    from depicts_model.linker.link import shipped

    folder = model or shipped()
    loaded = artefacts.load(folder, None)
    encoder = Encoder.load(folder, loaded.items.projection)
    rows = list(_rows(listed))
    vectors, shown = [], []
    with click.progressbar(range(0, len(rows), CHUNK), file=sys.stderr) as bar:
        for start in bar:
            part = rows[start : start + CHUNK]
            found, errors = encoder.encode([_read(path) for path, _ in part])
            for at, error in errors.items():
                click.echo(f"warning: {part[at][0]}: left out: {error}", err=True)
            kept = [at for at in range(len(part)) if at not in errors]
            vectors.append(found[kept])
            shown += [part[at][1] for at in kept]
    if not shown:
        raise ArtefactError(f"{listed}: no image that can be read")
    save_approved(out, vectors, shown, loaded)
    click.echo(f"{out}: {len(shown)} of {len(rows)} images")


def _read(path: Path) -> bytes:
    from depicts_model.errors import ArtefactError

    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be read: {error.strerror}") from None


def _rows(listed: Path) -> Iterator[tuple[Path, list[Qid]]]:
    from depicts_model.errors import ArtefactError
    from depicts_model.types import parse_qid

    try:
        with listed.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            for column in ("file", "items"):
                if column not in (reader.fieldnames or ()):
                    raise ArtefactError(f"{listed}: line 1: no column {column!r}")
            for row in reader:
                try:
                    items = [parse_qid(text) for text in (row["items"] or "").split("|")]
                except ValueError as error:
                    raise ArtefactError(f"{listed}: line {reader.line_num}: {error}") from None
                yield listed.parent / row["file"], items
    except OSError as error:
        raise ArtefactError(f"{listed}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ArtefactError(f"{listed}: not a CSV table in UTF-8: {error}") from None
