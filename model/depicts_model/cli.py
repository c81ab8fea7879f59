"""The maintainer's commands. Nothing heavy is imported before the arguments are parsed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depicts_model.cli_approve import approve
from depicts_model.cli_explain import explain
from depicts_model.commands import Commands, peak_mb

if TYPE_CHECKING:
    from depicts_model.catalog.writing import Summary

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(cls=Commands)
@click.version_option(package_name="suggest-depicts")
def main() -> None:
    """Build catalogs, train and judge models for depicts suggestions."""


main.add_command(approve)
main.add_command(explain)


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
    _say(made)


@catalog.command("build")
@click.argument("source", required=False)
@click.option(
    "--source",
    "kind",
    type=click.Choice(["dump", "sparql", "csv"]),
    required=True,
    help="What it is.",
)
@click.option("--out", type=FILE, required=True, help="Catalog file to write.")
@click.option("--languages", default="en,mul", show_default=True, help="Of labels; commas between.")
@click.option(
    "--min-sitelinks",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Fewer pages in all wikis, and an item is not suggested.",
)
@click.option(
    "--pause",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Seconds from an answer of a SPARQL service to the next query.",
)
def build_catalog(
    source: str | None, kind: str, out: Path, languages: str, min_sitelinks: int, pause: float
) -> None:
    """Make a catalog from a Wikidata JSON dump, a SPARQL service, or a table of items.

    A dump may be plain, .gz or .bz2. A SPARQL service is named by its address; without one it is
    DEPICTS_QUERY_SERVICE, which is Wikidata's own where nothing else is set. It is asked for what
    lies below 21 super-entities, one query at a time; this is untried on the live service. A run
    of either that was killed is taken up again. A table (CSV) is taken whole, with details where
    it has columns for them; it has English labels only, and --languages and --min-sitelinks do
    not apply.
    """
    if kind == "sparql":
        _build_from_service(source, out, _tags(languages), min_sitelinks, pause)
        return
    if source is None:
        raise click.UsageError("Missing argument 'SOURCE'.")
    if kind == "csv":
        from depicts_model.catalog.starter import build_table

        made = build_table(Path(source), out)
        _say(made.summary)
        click.echo(f"  rows: {made.rows}, of which dropped as in a dump: {made.dropped}")
        click.echo(f"  edges to items that are no row: {made.unknown}")
        return
    _build_from_dump(Path(source), out, _tags(languages), min_sitelinks)


def _tags(languages: str) -> tuple[str, ...]:
    """Language tags, sorted, each once."""
    chosen = {tag.strip() for tag in languages.split(",") if tag.strip()}
    strange = sorted(tag for tag in chosen if not re.fullmatch("[A-Za-z]{2,}(-[A-Za-z0-9]+)*", tag))
    if strange or not chosen:
        fault = f"not a language code: {strange[0]!r}" if strange else "no language"
        raise click.BadParameter(fault, param_hint="--languages")
    return tuple(sorted(chosen))


def _build_from_dump(source: Path, out: Path, languages: tuple[str, ...], least: int) -> None:
    from depicts_model.catalog.dump import Options, build_dump

    made = build_dump(source, out, Options(languages, least), _progress)
    _report_damage(source, made.damaged)
    about = f"{made.items} items and {made.others} others read, {made.dropped} dropped"
    _say_read(made.summary, f"{about}, {len(made.damaged)} damaged lines")


def _build_from_service(
    url: str | None, out: Path, languages: tuple[str, ...], least: int, pause: float
) -> None:
    from depicts_model.catalog.sparql_source import Crawl, build_sparql
    from depicts_model.settings import is_address, load
    from depicts_model.wiki.sparql import Endpoint, Manners

    settings = load()
    if url is not None and not is_address(url):
        raise click.BadParameter(f"not an http(s) address: {url!r}", param_hint="SOURCE")
    address = url or settings.query_service
    with Endpoint(address, settings.contact, Manners(pause=pause)) as service:
        crawl = Crawl(languages, least)
        made = build_sparql(service.ask, service.url, out, crawl, _progress_of_pages)
    for qid, reason in made.left_out:
        click.echo(f"warning: {qid}: what lies below it is left out: {reason}", err=True)
    about = f"{made.items} items read, {made.unknown} unknown there, {made.dropped} dropped"
    _say_read(made.summary, f"{about}, {len(made.left_out)} classes left out")


def _progress_of_pages(step: int, done: int, known: int) -> None:
    click.echo(f"step {step} of 3: {done} of {known} known so far", err=True)


def _say_read(made: Summary, about: str) -> None:
    click.echo(f"{made.path}: {made.snapshot}, {made.visual} visual items")
    click.echo(f"  {about}; peak memory {peak_mb():.0f} MB")
    for table, count in made.counts.items():
        click.echo(f"  {table}: {count}")


def _say(made: Summary) -> None:
    click.echo(f"{made.path}: {made.snapshot}, {made.visual} visual items, {made.size} bytes")
    for table, count in made.counts.items():
        click.echo(f"  {table}: {count}")
    click.echo(f"  edges left out inside cycles: {made.dropped_in_cycles}")


def _progress(step: int, done: int, total: int) -> None:
    share = done / total if total else 1
    click.echo(f"pass {step} of 2: {done} of {total} bytes ({share:.1%})", err=True)


def _report_damage(source: Path, damaged: tuple[tuple[int, str], ...], most: int = 20) -> None:
    for line, reason in damaged[:most]:
        click.echo(f"warning: {source}: line {line}: left out: {reason}", err=True)
    if len(damaged) > most:
        click.echo(f"warning: {source}: and {len(damaged) - most} damaged lines more", err=True)


@catalog.command("check")
@click.argument("path", metavar="FILE", type=FILE)
@click.option(
    "--show",
    "most",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Examples of each finding.",
)
def check_catalog(path: Path, most: int) -> None:
    """Report orphans, cycles, duplicates by label, and labels missing by language."""
    from depicts_model.catalog.checking import check
    from depicts_model.errors import ArtefactError

    found = check(path)
    click.echo(f"{path}: {found.snapshot}, {found.visual} visual items")
    _show("with nothing above", list(found.orphans), most)
    _show("cycles", [" ".join(members) for members in found.cycles], most)
    names = [f"{tag} {label!r}: {' '.join(q)}" for (tag, label), q in found.namesakes.items()]
    _show("labels of more than one", names, most)
    for language, missing in found.unlabelled.items():
        click.echo(f"  without a label in {language}: {missing}")
    if found.cycles:
        raise ArtefactError(f"{path}: {len(found.cycles)} cycles in the hierarchy")


def _show(what: str, found: Sequence[str], most: int) -> None:
    click.echo(f"  {what}: {len(found)}")
    for example in found[:most]:
        click.echo(f"    {example}")
    if len(found) > most > 0:
        click.echo(f"    and {len(found) - most} more")


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
        if names := opened.aliases(wanted, language):
            click.echo(f"also called: {', '.join(names)}")
        click.echo(f"above: {', '.join(above) or 'nothing'}")
        click.echo(f"visual items below: {opened.visual_descendants(wanted)}")
        named = "only where words name them" if wanted in opened.people else "no"
        click.echo(f"may be suggested: {'yes' if wanted in opened.visual else named}")


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
@click.option("--out", type=FOLDER, required=True, help="Folder of the artefact.")
def fit(
    photos: Path,
    listed: Path,
    teacher: Path | None,
    classes: Path | None,
    exclude: tuple[Path, ...],
    catalog_path: Path | None,
    work: Path,
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
        manifest = run(sources, catalog, out, work, Knobs())
    click.echo(f"{out}: {manifest.version}")
    for name, value in manifest.metrics.items():
        click.echo(f"  {name}: {value:g}")


@main.command()
@click.option("--photos", type=FILE, required=True, help="Zip of the photos.")
@click.option("--list", "listed", type=FILE, required=True, help="Table of the photos (CSV).")
@click.option("--set", "name", default="tiny/val", show_default=True, help="Set to judge on.")
@click.option("--model", type=FOLDER, help="Folder of the model; the shipped one without it.")
@click.option("--catalog", "catalog_path", type=FILE, help="Catalog file; the starter without it.")
def evaluate(
    photos: Path, listed: Path, name: str, model: Path | None, catalog_path: Path | None
) -> None:
    """Judge a model on a set of photos: top-1 and top-10 by text vectors among its kinds.

    At last the safety set: the catalog's people are put next to the first 50 photos, and none may
    appear. One that does ends it with exit status 1.
    """
    from depicts_model.catalog import Catalog
    from depicts_model.linker.training.evaluate import SAFETY, evaluate_set

    with Catalog.open(catalog_path) as catalog:
        figures = evaluate_set(photos, listed, name, model, catalog)
    for key, value in figures.items():
        click.echo(f"{key}: {value:g}")
    if figures[SAFETY]:
        raise click.exceptions.Exit(1)


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

    chosen = tuple(dict.fromkeys(tag.strip() for tag in languages.split(",") if tag.strip()))
    if not chosen:
        raise click.BadParameter("no language", param_hint="--languages")
    source = source_of(name, revision)
    with Catalog.open(catalog_path) as catalog:
        folder = snapshot(source.repository, source.revision, cache)
        from depicts_model.linker.training.index import Order  # seconds, and of use only now
        from depicts_model.linker.training.index import index as make

        manifest = make(Order(source, chosen, work, out), folder, catalog)
    click.echo(f"{out}: {manifest.version}, {source.repository} at {source.revision}")
    click.echo("  not calibrated: it shows nothing until photos have calibrated it")
