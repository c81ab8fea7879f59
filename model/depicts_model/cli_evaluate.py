"""``depicts-model evaluate``: a served model on photos, or all systems on the same work."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depicts_model.cli_about import origin
from depicts_model.cli_inputs import file_there, folder_there

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from depicts_model.linker.experiments.report_about import About
    from depicts_model.linker.experiments.results import Results
    from depicts_model.linker.experiments.towers import Towers
    from depicts_model.linker.link import Linker
    from depicts_model.linker.training.overlap import Overlap
    from depicts_model.types import Qid

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
ANY = click.Path(path_type=Path)


@click.command()
@click.option("--photos", type=ANY, help="Folder of photos.zip, photos.csv, items.csv, encoders/.")
@click.option("--list", "listed", type=FILE, help="Table of the photos (CSV): --photos is the zip.")
@click.option("--set", "name", default="tiny/val", show_default=True, help="Set to judge on.")
@click.option("--model", type=FOLDER, help="Folder of the model; the shipped one without it.")
@click.option("--catalog", type=FILE, help="Catalog file; the starter without it.")
@click.option("--systems", help="Experiments: `all`, or names with commas between.")
@click.option("--settings", default="all", show_default=True, help="Theirs: `all`, or names.")
@click.option(
    "--seeds",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="Theirs: how many of vel-shaped; the other settings have one.",
)
@click.option("--encoder", help="Theirs: CLIP or SigLIP of a hub, instead of the one beside.")
@click.option("--test-csv", type=FILE, help="Test set of your own: columns file,items.")
@click.option("--images", type=FOLDER, help="Folder of its images.")
@click.option("--out", type=FOLDER, help="Folder of metrics.json and report.html.")
def evaluate(
    photos: Path | None,
    listed: Path | None,
    name: str,
    model: Path | None,
    catalog: Path | None,
    systems: str | None,
    settings: str,
    seeds: int,
    encoder: str | None,
    test_csv: Path | None,
    images: Path | None,
    out: Path | None,
) -> None:
    """Judge a model on photos, or compare systems.

    On a set of the photos: top-1 and top-10 by text vectors among its kinds, and at last the safety
    set: the catalog's people are put next to the first 50 photos, and none may appear. One that
    does ends it with exit status 1.

    With --test-csv and --images: how the model ranks, and what it would show, on images from
    elsewhere; alternatives have | between, and several rows of a file are several things. Images
    that the model was made of are counted, and warned of.

    With --systems: the papers' systems, the baselines and ours, on the same work.
    """
    if (test_csv is None) != (images is None):
        raise click.UsageError("--test-csv and --images go together")
    if systems is not None and test_csv is not None:
        raise click.UsageError("--systems and --test-csv do not go together")
    if systems is not None:
        _compare(photos, systems, settings, seeds, encoder, out)
    elif test_csv is not None and images is not None:
        _outside(test_csv, images, model, catalog, out)
    else:
        _on_a_set(photos, listed, name, model, catalog)


def _named(photos: Path | None) -> Path:
    """The photos; one line where none are named."""
    from depicts_model.errors import ConfigurationError

    if photos is None:
        raise ConfigurationError("no photos: say --photos DIR, the folder of photos.zip")
    return photos


def _zip_and_list(photos: Path | None, listed: Path | None) -> tuple[Path, Path]:
    """Both, and they are there."""
    given = _named(photos)
    if listed is None:
        folder_there(given, "photos.zip and photos.csv")
        given, listed = given / "photos.zip", given / "photos.csv"
    return file_there(given), file_there(listed)


def _on_a_set(
    photos: Path | None, listed: Path | None, name: str, model: Path | None, catalog: Path | None
) -> None:
    archive, table = _zip_and_list(photos, listed)
    from depicts_model.catalog import Catalog
    from depicts_model.linker.training.evaluate import SAFETY, evaluate_set

    with Catalog.open(catalog) as opened:
        figures = evaluate_set(archive, table, name, model, opened)
    for key, value in figures.items():
        click.echo(f"{key}: {value:g}")
    if figures[SAFETY]:
        raise click.exceptions.Exit(1)


def _compare(
    photos: Path | None,
    systems: str,
    settings: str,
    seeds: int,
    encoder: str | None,
    out: Path | None,
) -> None:
    folder = _named(photos)
    if out is None:
        raise click.UsageError("--systems needs --out, the folder of what they answer")
    folder_there(folder, "photos.zip, photos.csv, items.csv and encoders/")
    from depicts_model.linker.experiments.run import picture_of, run_all
    from depicts_model.linker.experiments.told import settings_named, shown_lines, write
    from depicts_model.linker.experiments.world import World

    asked = settings_named(settings)
    say = partial(click.echo, err=True)
    towers = None if encoder is None else _towers(encoder, say)
    results = run_all(folder, systems.split(","), asked, seeds, out, say, towers)
    world = World.read(folder / "items.csv")
    labels = dict(zip(world.items, world.labels, strict=True))
    _table(results)
    for line in shown_lines(results):
        click.echo(line)
    title = f"Systems compared: {', '.join(asked)}"
    about = _of_systems(title, results, folder, out, towers)
    write(results, labels, partial(picture_of, folder / "photos.zip"), about, out)
    _say_where(out)


def _of_systems(
    title: str, results: Results, folder: Path, out: Path, towers: Towers | None
) -> About:
    """What was compared: systems, on photos of ``folder``."""
    from depicts_model.dataset.inputs import sha256_of
    from depicts_model.linker.experiments.data import ENCODER
    from depicts_model.linker.experiments.report_about import About, counts_of
    from depicts_model.linker.experiments.report_counts import training_photos
    from depicts_model.linker.experiments.towers import MobileNetMiniLm

    encoder = (towers or MobileNetMiniLm(folder / ENCODER)).name
    facts = {
        **origin(click.get_current_context()),
        "encoder": encoder,
        "catalog": f"items.csv, sha256 {sha256_of(folder / 'items.csv')[:12]}",
    }
    learnt = training_photos(folder, out / "vectors", encoder, results.runs)
    return About(title, facts, counts_of(results.runs, learnt))


def _towers(name: str, say: Callable[[str], None]) -> Towers:
    """Both towers of a checkpoint of the hub, at its pinned revision."""
    from depicts_model.hub import snapshot
    from depicts_model.linker.encoders import source_of
    from depicts_model.linker.experiments.towers import Joined

    source = source_of(name, None)
    folder = snapshot(source.repository, source.revision, None, say)
    return Joined.read(folder, f"{source.repository} {source.revision}")


def _table(results: Results) -> None:
    from depicts_model.linker.experiments.figures import comparisons
    from depicts_model.linker.experiments.told import lines

    for line in lines(comparisons(results.runs)):
        click.echo(line)


def _outside(
    table: Path, images: Path, model: Path | None, catalog: Path | None, out: Path | None
) -> None:
    file_there(table)
    folder_there(images, f"the images of {table.name}")
    from depicts_model.catalog import Catalog
    from depicts_model.linker.experiments.told import WARNING, outside_lines, write
    from depicts_model.linker.link import Linker
    from depicts_model.linker.training.outside import evaluate_outside, read_test_set
    from depicts_model.linker.training.overlap import overlap
    from depicts_model.settings import Settings

    with Catalog.open(catalog) as opened:
        test = read_test_set(table, images, opened)
        linker = Linker.load(model, opened, Settings())
        results, along = evaluate_outside(linker, test, images)
        known = overlap(linker.artefact.folder, images, test.files)
        labels: Mapping[Qid, str] = {q: opened.label(q, "en") or "" for q in opened.qids}
        about = _of_images(linker, results, table.name, opened.snapshot, known)
    _table(results)
    for line in outside_lines(results, along, about.warnings):
        click.echo(line, err=line.startswith(WARNING))
    if out is not None:
        write(results, labels, lambda file: (images / file).read_bytes(), about, out, along)
        _say_where(out)


def _of_images(
    linker: Linker, results: Results, table: str, snapshot: str, known: Overlap | None
) -> About:
    """What was compared: one model, on images from elsewhere."""
    from depicts_model.linker.experiments.report_about import About, counts_of

    manifest = linker.artefact.manifest
    facts = {
        **origin(click.get_current_context()),
        "model": manifest.version,
        "encoder": f"{manifest.encoder}, revision {manifest.encoder_revision}",
        "catalog": snapshot,
        "made of": known.told if known else "this model does not say which images it was made of",
    }
    learnt = {(run.setting, run.seed): known.made_of for run in results.runs if known}
    warnings = (known.warning,) if known and known.warning else ()
    title = f"{linker.version} on {table}"
    return About(title, facts, counts_of(results.runs, learnt), warnings)


def _say_where(out: Path) -> None:
    from depicts_model.linker.experiments.told import METRICS, REPORT

    click.echo(f"{out / METRICS}, {out / REPORT}")
