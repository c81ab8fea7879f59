"""``depicts-model tune``: the trials by which each compared system gets its knobs."""

from __future__ import annotations

from pathlib import Path

import click

from depicts_model.cli_inputs import folder_there

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option(
    "--photos",
    type=FOLDER,
    required=True,
    help="Folder of photos.zip, photos.csv, items.csv and encoders/.",
)
@click.option("--systems", "names", default="all", show_default=True, help="Names; commas between.")
@click.option(
    "--work",
    type=FOLDER,
    default=Path("var/experiments"),
    show_default=True,
    help="Folder of what was computed from the photos; it is made once.",
)
@click.option("--out", type=FILE, required=True, help="File of trials; those in it are kept.")
def tune(photos: Path, names: str, work: Path, out: Path) -> None:
    """Try twelve choices of knobs for every system, on the validation part of vel-shaped, seed 0.

    A trial is kept as soon as it is done: a killed run goes on with the next one. Trials of other
    photos or other knobs are made anew.
    """
    folder_there(photos, "photos.zip, photos.csv, items.csv and encoders/")
    from depicts_model.linker.experiments.systems import named

    systems = named(names)
    from depicts_model.linker.experiments.tune import tune_folder  # seconds, and of use only now

    tune_folder(photos, work, systems, click.echo, out)
