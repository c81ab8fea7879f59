"""The maintainer's commands. Nothing heavy is imported before the arguments are parsed."""

from __future__ import annotations

from pathlib import Path

import click

from depicts_model.commands import Commands

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=Commands)
@click.version_option(package_name="suggest-depicts")
def main() -> None:
    """Build catalogs, train and judge models for depicts suggestions."""


@main.group()
def catalog() -> None:
    """Make and inspect catalogs of items."""


@catalog.command()
@click.option("--items", type=FILE, required=True, help="Table of items (CSV).")
@click.option("--photos", type=FILE, help="Table of photos whose items must be in (CSV).")
@click.option("--out", type=FILE, required=True, help="Catalog file to write.")
def starter(items: Path, photos: Path | None, out: Path) -> None:
    """Make the starter catalog from a table of items."""
    from depicts_model.catalog.starter import build_starter

    made = build_starter(items, photos, out)
    click.echo(f"{made.path}: {made.snapshot}, {made.visual} visual items, {made.size} bytes")
    for table, count in made.counts.items():
        click.echo(f"  {table}: {count}")
    click.echo(f"  edges left out inside cycles: {made.dropped_in_cycles}")


@catalog.command()
@click.argument("qid")
@click.option("--catalog", "path", type=FILE, help="Catalog file; the starter without it.")
@click.option("--language", default="en", show_default=True, help="Language of labels.")
def show(qid: str, path: Path | None, language: str) -> None:
    """Print an item: label, description, what lies above, how much lies below."""
    from depicts_model.catalog import Catalog
    from depicts_model.errors import ArtefactError
    from depicts_model.types import parse_qid

    try:
        wanted = parse_qid(qid)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="QID") from None
    with Catalog.open(path) as opened:
        found = opened.item(wanted, language)
        if found is None:
            raise ArtefactError(f"{qid} is not in catalog {opened.snapshot}")
        above = (opened.label(q, language) or q for q in sorted(opened.ancestors(wanted)))
        click.echo(f"{qid} {found.label}: {found.description or 'no kind known'}")
        click.echo(f"above: {', '.join(above) or 'nothing'}")
        click.echo(f"visual items below: {opened.visual_descendants(wanted)}")
        click.echo(f"may be suggested: {'yes' if wanted in opened.visual else 'no'}")
