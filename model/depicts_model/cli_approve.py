"""``depicts-model approve``: makes the file of approved images, which vote at once.

A vote raises an item's score. What the model shows is certified by its calibration photos all the
same: an item that too few of them showed is not shown, however many votes it gets.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from depicts_model.linker.artefact import Artefact
    from depicts_model.types import Qid

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
CHUNK = 64
"""Images in memory at a time."""


@click.command()
@click.argument("listed", metavar="LIST", type=FILE)
@click.option("--model", type=FOLDER, help="Folder of the model; the shipped one without it.")
@click.option("--catalog", "path", type=FILE, help="Catalog file; the starter without it.")
@click.option("--out", type=FILE, required=True, help="File to write; name it as `approved`.")
def approve(listed: Path, model: Path | None, path: Path | None, out: Path) -> None:
    """Make the file of approved images from a table of images and the items they show.

    LIST (CSV) has the columns file, relative to LIST, and items, with | between. What is near an
    approved image is likely to show the same: its items get votes at once, before any training.
    An image that cannot be read is left out, and said. People get no votes.
    """
    from depicts_model.catalog import Catalog
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
            part = _there(rows[start : start + CHUNK])
            found, errors = encoder.encode([image for _, image, _ in part])
            for at, error in errors.items():
                _warn(f"{part[at][0]}: left out: {error}")
            kept = [at for at in range(len(part)) if at not in errors]
            vectors.append(found[kept])
            shown += [part[at][2] for at in kept]
    if not shown:
        raise ArtefactError(f"{listed}: no image that can be read")
    with Catalog.open(path) as catalog:
        _tell(listed, {qid for items in shown for qid in items}, loaded, catalog.people)
    save_approved(out, vectors, shown, loaded)
    click.echo(f"{out}: {len(shown)} of {len(rows)} images")


def _tell(listed: Path, items: Collection[Qid], model: Artefact, people: Collection[Qid]) -> None:
    """Warn of items whose approval changes nothing, or nothing yet."""
    known = {*model.items.qids}
    supported = model.calibration.supported_nodes()
    unshown = set() if supported is None else (known & {*items}) - {*people} - {*supported}
    _count(listed, {*items} - known - {*people}, items, "unknown to the model, so without votes")
    _count(listed, {*items} & {*people}, items, "people, so without votes")
    _count(
        listed, unshown, items, "not shown by this model yet: too few calibration photos show them"
    )


def _count(listed: Path, some: Collection[Qid], items: Collection[Qid], what: str) -> None:
    if some:
        examples = ", ".join(sorted(some, key=lambda qid: int(qid[1:]))[:3])
        more = " …" if len(some) > 3 else ""
        _warn(f"{listed}: {len(some)} of {len(items)} items are {what} ({examples}{more})")


def _warn(line: str) -> None:
    click.echo(f"warning: {line}", err=True)


def _there(rows: Sequence[tuple[Path, list[Qid]]]) -> list[tuple[Path, bytes, list[Qid]]]:
    """The rows whose file can be read, with its bytes."""
    found = []
    for path, items in rows:
        try:
            found.append((path, path.read_bytes(), items))
        except (OSError, ValueError) as error:  # a name may hold a null byte
            _warn(f"{path}: left out: {getattr(error, 'strerror', None) or error}")
    return found


def _rows(listed: Path) -> Iterator[tuple[Path, list[Qid]]]:
    from depicts_model.catalog.csv_tables import item_id, table_rows

    for line, row in table_rows(listed, ("file", "items")):
        items = [item_id(text, listed, line) for text in row["items"].split("|")]
        yield listed.parent / row["file"], items
