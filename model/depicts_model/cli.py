"""The maintainer's commands. Nothing heavy is imported before the arguments are parsed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from depicts_model.cli_approve import approve
from depicts_model.cli_catalog import catalog, tags_of
from depicts_model.cli_dataset import dataset
from depicts_model.cli_evaluate import evaluate
from depicts_model.cli_explain import explain
from depicts_model.cli_models import list_models, promote, rollback
from depicts_model.cli_retrain import retrain
from depicts_model.cli_tune import tune
from depicts_model.commands import Commands

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(cls=Commands)
@click.version_option(package_name="suggest-depicts")
def main() -> None:
    """Build catalogs, train and judge models for depicts suggestions."""


main.add_command(approve)
main.add_command(catalog)
main.add_command(dataset)
main.add_command(evaluate)
main.add_command(explain)
main.add_command(list_models)
main.add_command(promote)
main.add_command(retrain)
main.add_command(rollback)
main.add_command(tune)


@main.command()
@click.option(
    "--from-scratch",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Train the image tower too (said openly: there is no other way yet).",
)
@click.option("--photos", type=FILE, required=True, help="Zip of the photos.")
@click.option("--list", "listed", type=FILE, required=True, help="Table of the photos (CSV).")
@click.option("--teacher", type=FILE, help="MobileNetV2 that teaches too (tflite).")
@click.option("--classes", type=FILE, help="The teacher's class names, a line each.")
@click.option("--exclude", type=FILE, multiple=True, help="Image to keep out; may be repeated.")
@click.option("--catalog", "catalog_path", type=FILE, help="Catalog file; the starter without it.")
@click.option(
    "--work",
    type=FOLDER,
    default=Path("var/fit"),
    show_default=True,
    help="Folder of caches and checkpoints; a killed fit takes up again from it.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="Where the tower is trained.",
)
@click.option("--out", type=FOLDER, required=True, help="Folder of the artefact.")
def fit(
    photos: Path,
    listed: Path,
    teacher: Path | None,
    classes: Path | None,
    exclude: tuple[Path, ...],
    catalog_path: Path | None,
    work: Path,
    device: str,
    out: Path,
) -> None:
    """Train the tiny CLIP, calibrate it, and write the artefact with its card."""
    from depicts_model.catalog import Catalog
    from depicts_model.linker.training.knobs import Knobs
    from depicts_model.linker.training.lot import Sources
    from depicts_model.linker.training.run import run

    if (teacher is None) != (classes is None):
        raise click.UsageError("--teacher and --classes go together")
    sources = Sources(photos, listed, teacher, classes, exclude)
    with Catalog.open(catalog_path) as catalog:
        manifest = run(sources, catalog, out, work, Knobs(), device)
    click.echo(f"{out}: {manifest.version}")
    for name, value in manifest.metrics.items():
        click.echo(f"  {name}: {value:g}")


@main.command()
@click.option("--encoder", "name", required=True, help="A name that is known, or owner/name.")
@click.option("--revision", help="Commit of the hub's repository; the pinned one without it.")
@click.option("--catalog", "catalog_path", type=FILE, help="Catalog file; the starter without it.")
@click.option("--languages", default="en", show_default=True, help="Of labels; commas between.")
@click.option("--cache", type=FOLDER, help="The hub's cache of checkpoints; its own without it.")
@click.option(
    "--work",
    type=FOLDER,
    default=Path("var/index"),
    show_default=True,
    help="Folder of what is done so far; a killed run takes up again from it.",
)
@click.option("--out", type=FOLDER, required=True, help="Folder of the artefact.")
def index(
    name: str,
    revision: str | None,
    catalog_path: Path | None,
    languages: str,
    cache: Path | None,
    work: Path,
    out: Path,
) -> None:
    """Make an artefact of an encoder of the hub: its vision tower, and vectors of the items.

    It is not calibrated: it ranks, but shows nothing.
    """
    from depicts_model.catalog import Catalog
    from depicts_model.hub import snapshot
    from depicts_model.linker.encoders import source_of

    chosen = tags_of(languages)
    source = source_of(name, revision)
    with Catalog.open(catalog_path) as catalog:
        for tag in sorted({*chosen} - {*catalog.languages}):
            click.echo(f"warning: catalog {catalog.snapshot}: no label in {tag}", err=True)
        folder = snapshot(source.repository, source.revision, cache, partial(click.echo, err=True))
        from depicts_model.linker.training.index import Order  # seconds, and of use only now
        from depicts_model.linker.training.index import index as make

        manifest = make(Order(source, chosen, work, out), folder, catalog)
    click.echo(f"{out}: {manifest.version}, {source.repository} at {source.revision}")
    click.echo("  not calibrated: it shows nothing until photos have calibrated it")
