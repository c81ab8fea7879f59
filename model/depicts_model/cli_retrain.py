"""``depicts-model retrain``: decisions and depicts in, a model that serves out, or a refusal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depicts_model.cli_models import (
    FILE,
    FOLDER,
    config_option,
    models_option,
    open_memory,
    path_of,
    registry_of,
    settings_with,
)

if TYPE_CHECKING:
    from depicts_model.catalog import Catalog
    from depicts_model.dataset.decisions import Decisions
    from depicts_model.dataset.reading import Dataset
    from depicts_model.linker.registry import Registry
    from depicts_model.linker.retraining.lessons import Lesson
    from depicts_model.linker.retraining.order import Order
    from depicts_model.linker.retraining.run import Retrained
    from depicts_model.settings import Settings
    from depicts_model.store import Store
    from depicts_model.types import Qid

    Refused = Mapping[str, Set[Qid]]

EITHER = click.Path(path_type=Path)
OF_THE_STORE = "dataset"
REFUSED = "refused"
"""Folders in that of the work."""


@click.command()
@click.option("--dataset", "data", type=FOLDER, help="Data set; the store's decisions without it.")
@click.option("--images", type=EITHER, help="Folder or zip of its images; else thumbnails.")
@click.option("--model", type=FOLDER, help="Whose encoder and items stay; the current one's.")
@models_option
@click.option("--catalog", type=FILE, help="Catalog file; that of the settings without it.")
@config_option
@click.option(
    "--work",
    type=FOLDER,
    default=Path("var/retrain"),
    show_default=True,
    help="Folder of what is done so far; a killed run takes up again from it.",
)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
def retrain(
    data: Path | None,
    images: Path | None,
    model: Path | None,
    models: Path | None,
    catalog: Path | None,
    config: Path | None,
    work: Path,
    device: str,
) -> None:
    """Fit all behind the encoder anew, and let the new model serve if the gate lets it through.

    Prior, prototypes, whitening, weights, calibrator and thresholds are fitted on vectors of the
    data set's images; a model of `index` becomes a calibrated one so. The gate compares with the
    model that serves, on images that neither was made of. Exit status 1: it was refused, for what
    the lines say; the refused model lies in the folder of the work.
    """
    settings = settings_with(config, models=models, catalog=catalog)
    registry = registry_of(settings)
    from depicts_model.linker.retraining.keeping import alone

    with alone(work):
        if _served_already(registry, work):
            return
        # before anything that takes long
        from depicts_model.linker.retraining.order import check_device

        check_device(device)
        with _opened(settings, data, work) as (known, dataset, store):
            run = _Run(settings, registry, known, dataset, work, device, _refused(store))
            made = run.retrained(run.order(model), images, store)
        _end(made, registry, work)


def _served_already(registry: Registry, work: Path) -> bool:
    """Whether a run was killed after its model began to serve; then its work is cleared."""
    for manifest in work.glob("*/steps-*/candidate/manifest.json"):
        from depicts_model.linker.artefact import load

        version = load(manifest.parent, None).manifest.version
        if version == registry.current():
            click.echo(f"{registry.folder}: {version} serves already; what was left is cleared")
            _clear(work)
            return True
    return False


@contextmanager
def _opened(
    settings: Settings, data: Path | None, work: Path
) -> Iterator[tuple[Catalog, Dataset, Store | None]]:
    """The catalog, the data set (made of the store's decisions where none is named), the store."""
    from depicts_model.catalog import Catalog
    from depicts_model.dataset.reading import open_dataset
    from depicts_model.store import Store

    with ExitStack() as stack:
        catalog = stack.enter_context(Catalog.open(path_of(settings.catalog)))
        there = not Store.is_missing(settings.database_url)
        store = None
        if there or data is None:
            store = stack.enter_context(Store.open_to_read(settings.database_url))
        if data is None and store is not None:
            data = _of_decisions(store, catalog, work / OF_THE_STORE)
        yield catalog, open_dataset(data or work), store


def _of_decisions(store: Store, catalog: Catalog, folder: Path) -> Path:
    """The data set of the store's decisions, unless a run that did not end has made it of these."""
    from depicts_model.dataset import building, progress
    from depicts_model.dataset.decisions import Decisions

    source = Decisions(store.confirmed_decisions(), store.all_refusals())
    if _made_of(folder, source, catalog):
        click.echo(f"{folder}: taken up again", err=True)
        return folder
    # of older decisions, of another catalog, or damaged: a fault in it would come back for ever
    shutil.rmtree(folder, ignore_errors=True)
    around = building.Surroundings(catalog, None, progress.shown, _say)
    building.build(building.Plan((source,)), around, folder)
    return folder


def _made_of(folder: Path, source: Decisions, catalog: Catalog) -> bool:
    """Whether a sound data set of these very decisions and this catalog lies there."""
    from depicts_model.dataset.reading import open_dataset
    from depicts_model.errors import ArtefactError

    try:
        found = open_dataset(folder).manifest
    except ArtefactError:
        return False
    inputs = [dict(one) for one in found.inputs]
    return inputs == source.inputs() and found.catalog_snapshot == catalog.snapshot


@dataclass(frozen=True, slots=True)
class _Run:
    """What all steps share."""

    settings: Settings
    registry: Registry
    catalog: Catalog
    dataset: Dataset
    work: Path
    device: str
    refused: Refused

    def order(self, model: Path | None) -> Order:
        """From the model that is named, or that serves."""
        from depicts_model.linker.link import shipped
        from depicts_model.linker.retraining.order import Order

        version = self.registry.current()
        current = None if version is None else self.registry.path(version)
        base = model or current or path_of(self.settings.model) or shipped()
        digest = sha256((self.dataset.folder / "manifest.json").read_bytes())
        digest.update(repr(sorted((sha1, sorted(q)) for sha1, q in self.refused.items())).encode())
        licences = self.dataset.manifest.licences
        held_out = self.registry.held_out()
        return Order(base, current, self.work, digest.hexdigest(), licences, held_out)

    def retrained(self, order: Order, images: Path | None, store: Store | None) -> Retrained:
        """The candidate and the gate's verdict."""
        from depicts_model import cli_images
        from depicts_model.linker.retraining import run
        from depicts_model.linker.retraining.order import Around

        with (
            cli_images.opened(images, self.dataset, store, self.settings) as everywhere,
            open_memory(self.settings) as memory,
        ):
            around = Around(self.catalog, self.settings, everywhere, _say, memory, self.device)
            lessons = partial(lessons_of, self.dataset, self.refused)
            return run.retrain(order, lessons, around)


def _refused(store: Store | None) -> Refused:
    """Content to the items that two people said it does not show."""
    from depicts_model.types import RefusalState

    found: dict[str, set[Qid]] = {}
    for one in store.all_refusals() if store else ():
        if one.state is RefusalState.SHARED:
            found.setdefault(one.sha1, set()).add(one.qid)
    return found


def lessons_of(dataset: Dataset, refused: Refused) -> Iterator[Lesson]:
    """The files of the data set, split by split, in its own order, without what people refused.

    ``refused``: content to items, beside those that the data set names itself. A file whose content
    is not known is taken for the one that they were asked about.
    """
    from depicts_model.linker.retraining.lessons import SPLITS, Lesson

    no = _with_refusals(dataset, refused)
    columns = ["file", "things", "unit", "uploader", "sha1", "source", "location", "hash"]
    for split in SPLITS:
        for batch in dataset.batches(split, columns):
            for row in batch.to_pylist():
                wrong = no.get(row["sha1"] or row["file"], frozenset())
                things = tuple(filter(None, (frozenset(one) - wrong for one in row["things"])))
                told = row["sha1"], row["source"], row["location"], row["uploader"]
                if things:
                    yield Lesson(row["file"], things, row["unit"], split, *told, row["hash"])


def _with_refusals(dataset: Dataset, refused: Refused) -> Refused:
    """By content and by file: what is given, and what any source of the data set says."""
    from depicts_model.dataset.shards import SPLITS

    found = {sha1: set(qids) for sha1, qids in refused.items()}
    for split in SPLITS:
        for batch in dataset.batches(split, ["file", "sha1", "refused"]):
            for row in batch.to_pylist():
                for name in filter(None, (row["file"], row["sha1"])) if row["refused"] else ():
                    found.setdefault(name, set()).update(row["refused"])
    return found


def _end(made: Retrained, registry: Registry, work: Path) -> None:
    """Promote, or put aside what was refused; nothing of the work is left for the next run."""
    for check in made.verdict.checks:
        click.echo(check.line())
    if made.verdict.first:
        click.echo("no model serves yet: nothing to compare with, only absolute checks were made")
    if made.verdict.passed:
        click.echo(f"{registry.folder}: {registry.promote(made.candidate)} serves")
        _clear(work)
        return
    aside = work / REFUSED
    shutil.rmtree(aside, ignore_errors=True)
    made.candidate.rename(aside)
    _clear(work)
    click.echo(f"refused; the model and its card lie in {aside}", err=True)
    raise click.exceptions.Exit(1)


def _clear(work: Path) -> None:
    from depicts_model.linker.retraining.run import clear

    clear(work)
    shutil.rmtree(work / OF_THE_STORE, ignore_errors=True)


def _say(line: str) -> None:
    click.echo(line, err=True)
