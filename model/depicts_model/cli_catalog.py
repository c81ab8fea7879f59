"""``depicts-model catalog``: makes catalogs of items, and looks into them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depicts_model.commands import peak_mb

if TYPE_CHECKING:
    from depicts_model.catalog.writing import Summary

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
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
        _build_from_service(source, out, tags_of(languages), min_sitelinks, pause)
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
    _build_from_dump(Path(source), out, tags_of(languages), min_sitelinks)


def tags_of(languages: str) -> tuple[str, ...]:
    """Language tags, sorted, each once."""
    chosen = {tag.strip() for tag in languages.split(",") if tag.strip()}
    strange = sorted(tag for tag in chosen if not re.fullmatch("[A-Za-z]{2,}(-[A-Za-z0-9]+)*", tag))
    if strange or not chosen:
        fault = f"not a language code: {strange[0]!r}" if strange else "no language"
        raise click.BadParameter(fault, param_hint="--languages")
    return tuple(sorted(chosen))


def _build_from_dump(source: Path, out: Path, languages: tuple[str, ...], least: int) -> None:
    from depicts_model.catalog.dump import Options, build_dump

    made = build_dump(source, out, Options(languages, least), _progress, _warn)
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
        made = build_sparql(service.ask, service.url, out, crawl, _progress_of_pages, _warn)
    for qid, reason in made.left_out:
        click.echo(f"warning: {qid}: what lies below it is left out: {reason}", err=True)
    about = f"{made.items} items read, {made.unknown} unknown there, {made.dropped} dropped"
    lacking = f"{len(made.left_out)} classes left out, {made.unfit} places that are none"
    _say_read(made.summary, f"{about}, {lacking}")


def _warn(line: str) -> None:
    click.echo(f"warning: {line}", err=True)


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
        edges = [
            f"{opened.label(q, language) or q} ({'/'.join(opened.edge_kinds(wanted, q))})"
            for q in found.parents
        ]
        click.echo(f"{qid} {found.label}: {found.description or 'no kind known'}")
        if names := opened.aliases(wanted, language):
            click.echo(f"also called: {', '.join(names)}")
        click.echo(f"next above: {', '.join(edges) or 'nothing'}")
        click.echo(f"all above: {', '.join(above) or 'nothing'}")
        click.echo(f"visual items below: {opened.visual_descendants(wanted)}")
        named = "only where words name them" if wanted in opened.people else "no"
        click.echo(f"may be suggested: {'yes' if wanted in opened.visual else named}")
