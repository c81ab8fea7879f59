"""``depicts-model approve``: makes the file of approved images, which vote at once.

A vote raises an item's score. What the model shows is certified by its calibration photos all the
same: an item that too few of them showed is not shown, however many votes it gets.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depicts_model.cli_models import (
    FILE,
    FOLDER,
    config_option,
    open_memory,
    path_of,
    settings_with,
)

if TYPE_CHECKING:
    from depicts_model.linker.artefact import Artefact
    from depicts_model.linker.encoder import Encoder
    from depicts_model.settings import Settings
    from depicts_model.types import Qid

CHUNK = 64
"""Images in memory at a time."""


@click.command()
@click.argument("listed", metavar="LIST", type=FILE, required=False)
@click.option("--from-store", is_flag=True, help="What people approved, of the settings' store.")
@click.option("--model", type=FOLDER, help="Folder of the model; that of the settings without it.")
@click.option("--catalog", "path", type=FILE, help="Catalog file; that of the settings without it.")
@config_option
@click.option("--out", type=FILE, help="File to write; that of the setting `approved` without it.")
def approve(
    listed: Path | None,
    from_store: bool,
    model: Path | None,
    path: Path | None,
    config: Path | None,
    out: Path | None,
) -> None:
    """Make the file of approved images, from a table or from what people approved.

    LIST (CSV) has the columns file, relative to LIST, and items, with | between. What is near an
    approved image is likely to show the same: its items get votes at once, before any training.
    An image that cannot be read is left out, and said. People get no votes.

    From the store only what an edit confirmed counts, and nothing that two people refused. Vectors
    that the file or the cache holds are kept, other images fetched from the wiki. The bot takes the
    new file up within a minute.
    """
    if (listed is None) is not from_store:
        raise click.UsageError("either LIST or --from-store")
    settings = settings_with(config, model=model, catalog=path, approved=out)
    if not settings.approved:
        raise click.UsageError("no file to write: say --out, or set `approved`")
    if listed is None:
        _of_the_store(settings)
    else:
        _of_a_table(listed, settings)


def _of_the_store(settings: Settings) -> None:
    from depicts_model.catalog import Catalog
    from depicts_model.cli_images import fetched
    from depicts_model.linker.cached import seen_by
    from depicts_model.linker.feedback import approvals, vote
    from depicts_model.store import Store
    from depicts_model.wiki.thumbnails import Thumbnails

    with Store.open_to_read(settings.database_url) as store:
        wanted = approvals(store.confirmed_decisions(), store.all_refusals())
    out = Path(settings.approved)
    loaded, encoder = _model(settings)
    with (
        open_memory(settings) as memory,
        Thumbnails(settings.contact) as thumbnails,
        Catalog.open(path_of(settings.catalog)) as catalog,
    ):
        seeing = seen_by(encoder, loaded, settings, memory)
        done = vote(out, wanted, loaded, seeing, partial(fetched, thumbnails))
        for sha1, fault in done.faults.items():
            _warn(f"{sha1}: left out: {fault}")
        _tell(out, {qid for one in wanted for qid in one.items}, loaded, catalog.people)
    click.echo(f"{out}: {done.images} of {len(wanted)} images")


def _model(settings: Settings) -> tuple[Artefact, Encoder]:
    """The model of the settings, as it sees."""
    from depicts_model.linker import artefact as artefacts
    from depicts_model.linker.encoder import Encoder
    from depicts_model.linker.link import shipped

    folder = (path_of(settings.model_folder) or shipped()).resolve()
    loaded = artefacts.load(folder, None)
    seeing = loaded.items.projection, settings.max_megapixels, settings.precision
    return loaded, Encoder.load(folder, *seeing)


def _of_a_table(listed: Path, settings: Settings) -> None:
    from depicts_model.catalog import Catalog
    from depicts_model.errors import ArtefactError
    from depicts_model.linker.approved_file import save_approved

    out = Path(settings.approved)
    loaded, encoder = _model(settings)
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
    with Catalog.open(path_of(settings.catalog)) as catalog:
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
