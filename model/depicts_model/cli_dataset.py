"""``depicts-model dataset``: makes data sets to train and judge on, and checks them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from depicts_model.dataset.decisions import Decisions
    from depicts_model.dataset.manifest import DatasetManifest
    from depicts_model.dataset.rows import Source

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
EITHER = click.Path(path_type=Path)


@click.group()
def dataset() -> None:
    """Make data sets to train and judge on, and check them."""


@dataset.command("build")
@click.option("--dump", type=FILE, help="Commons MediaInfo JSON dump: plain, .gz or .bz2.")
@click.option("--published", type=FOLDER, help="Folder of the published vel_commons_wikidata.")
@click.option("--labels", default="f0_labels", show_default=True, help="Its field of items.")
@click.option("--author", default="img_author", show_default=True, help="Its field of authors.")
@click.option("--table", type=FILE, help="Table of files and the items they show (CSV).")
@click.option("--images", type=EITHER, help="Folder or zip of the table's pictures.")
@click.option("--decisions", is_flag=True, help="What people decided, from the store.")
@click.option("--config", type=FILE, help="The bot's TOML file of settings, for the store.")
@click.option("--catalog", "catalog_path", type=FILE, help="Catalog file; the starter without it.")
@click.option("--items", type=FILE, help="Table of items whose edges vel2024 climbs (CSV).")
@click.option(
    "--profile",
    type=click.Choice(["commons", "vel2024"]),
    default="commons",
    show_default=True,
    help="Which items a file keeps.",
)
@click.option(
    "--split",
    type=click.Choice(["units", "random"]),
    default="units",
    show_default=True,
    help="random: file by file, as in the papers.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the lots drawn.")
@click.option("--hashes/--no-hashes", default=True, help="Read pictures, find near-duplicates.")
@click.option("--embed", is_flag=True, help="Keep the pictures in the data set.")
@click.option(
    "--rows-per-shard", type=click.IntRange(1), default=10_000, show_default=True, help="At most."
)
@click.option("--out", type=FOLDER, required=True, help="Folder to make; it must not be there.")
def build_dataset(
    dump: Path | None,
    published: Path | None,
    labels: str,
    author: str,
    table: Path | None,
    images: Path | None,
    decisions: bool,
    config: Path | None,
    catalog_path: Path | None,
    items: Path | None,
    profile: Literal["commons", "vel2024"],
    split: Literal["units", "random"],
    seed: int,
    hashes: bool,
    embed: bool,
    rows_per_shard: int,
    out: Path,
) -> None:
    """Make a data set (Parquet and a manifest) from one source or several.

    commons keeps rare items, and drops what is never suggested and what lies above another item
    of the same file. vel2024 is the VEL paper's rule: an item with fewer than 10 uses gives way
    to parents within 3 steps, or is dropped.

    By units, no uploader, no content and no near-duplicate is on two sides, and of the files that
    have a time, test is the newest. A killed build leaves nothing, and is started anew.
    """
    from depicts_model.catalog import Catalog
    from depicts_model.dataset import building, progress
    from depicts_model.dataset.edges import of_table

    _check_pictures(embed, hashes, bool(published or images))
    sources = _sources(dump, (published, labels, author), (table, images), _read(config, decisions))
    plan = building.Plan(sources, profile, split, seed, hashes, embed, rows_per_shard)
    with Catalog.open(catalog_path) as catalog:
        edges = of_table(items) if items else None
        around = building.Surroundings(catalog, edges, progress.shown, _warn)
        made = building.build(plan, around, out)
    _say(out, made)


def _check_pictures(embed: bool, hashes: bool, any_source: bool) -> None:
    """Usage errors: pictures are to be kept that nobody has, or that are not to be read."""
    if embed and not any_source:
        raise click.UsageError("--embed goes with --images or --published: no other has pictures")
    if embed and not hashes:
        raise click.UsageError("--embed reads the pictures: it does not go with --no-hashes")


def _sources(
    dump: Path | None,
    published: tuple[Path | None, str, str],
    table: tuple[Path | None, Path | None],
    decisions: Decisions | None,
) -> tuple[Source, ...]:
    """Those that are named. Usage errors: none, or pictures without their table."""
    from depicts_model.dataset.mediainfo import MediaInfoDump
    from depicts_model.dataset.progress import shown
    from depicts_model.dataset.published import Published
    from depicts_model.dataset.tables import Table

    if table[0] is None and table[1] is not None:
        raise click.UsageError("--images goes with --table")
    sources: list[Source | None] = [
        MediaInfoDump(dump, shown) if dump else None,
        Published(published[0], shown, *published[1:]) if published[0] else None,
        Table(table[0], table[1], shown) if table[0] else None,
        decisions,
    ]
    found = tuple(source for source in sources if source)
    if not found:
        raise click.UsageError("name a source: --dump, --published, --table or --decisions")
    return found


def _read(config: Path | None, wanted: bool) -> Decisions | None:
    """What the store's people decided, as values."""
    if not wanted:
        if config:
            raise click.UsageError("--config goes with --decisions")
        return None
    from depicts_model.dataset.decisions import Decisions
    from depicts_model.settings import load
    from depicts_model.store import Store

    with Store.open_to_read(load(config).database_url) as store:
        return Decisions(store.confirmed_decisions(), store.all_refusals())


def _warn(line: str) -> None:
    click.echo(f"warning: {line}", err=True)


def _say(out: Path, made: DatasetManifest) -> None:
    from depicts_model.dataset.shards import SPLITS

    sides = ", ".join(f"{made.rows(split)} {split}" for split in SPLITS)
    click.echo(f"{out}: {made.profile}, {sides}")
    click.echo(f"  split: {made.split}, by {', '.join(made.unit)}")
    for source, lacks in made.lacks.items():
        click.echo(f"  {source} lacks: {lacks}")
    for name, counts in (("counts", made.counts), ("on both sides", made.leaks)):
        for what, number in sorted(counts.items()):
            click.echo(f"  {name}: {what}: {number}")
    for split in SPLITS:
        if not made.rows(split):
            _warn(f"{out}: no file in {split}")


@dataset.command("check")
@click.argument("folder", metavar="DIR", type=FOLDER)
def check_dataset(folder: Path) -> None:
    """Verify a data set: every shard is the manifest's, and nothing is on two sides."""
    from depicts_model.dataset import reading

    opened = reading.open_dataset(folder)
    reading.check(opened)
    _say(folder, opened.manifest)
