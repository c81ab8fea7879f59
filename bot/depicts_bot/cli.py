"""``depicts-bot``: the operator's command. Nothing heavy is imported before arguments are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from depicts_model.commands import Commands, extra

if TYPE_CHECKING:
    from depicts_model.settings import Settings


@click.group(cls=Commands)
@click.version_option(package_name="suggest-depicts")
def main() -> None:
    """Look at new uploads and store suggestions of what they depict."""


_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="TOML file of settings; DEPICTS_<KEY> in the environment overrides it.",
)
_live = click.option("--live", is_flag=True, help="Allow writes to a wiki that is not on loopback.")
_demo_model = click.option(
    "--demo-model", is_flag=True, help="Store the demo model's suggestions for such a wiki too."
)


@main.command()
@_config
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many files.")
@click.option("--simulate", is_flag=True, help="Print the decisions and store nothing.")
@click.option("--category", metavar="TITLE", help="Look at the files of a category instead.")
@click.option(
    "--depth", type=click.IntRange(0, 20), help="Levels of categories below that one; 0 without it."
)
@click.option("--user", metavar="NAME", help="Look at the files that a user uploaded.")
@click.option(
    "--files",
    metavar="FILE",
    help="Look at these, however new: File:… titles, media ids or page ids, one a line; -: stdin.",
)
@click.option("--search", metavar="WORDS", help="Look at what the wiki's search finds.")
@click.option(
    "--random", type=click.IntRange(1, 100_000), metavar="N", help="Look at N files at random."
)
@click.option(
    "--stream", is_flag=True, default=None, help="Look at new pages of the live event stream."
)
@_live
@_demo_model
def run(
    config: Path | None,
    limit: int | None,
    simulate: bool,
    live: bool,
    demo_model: bool,
    **chosen: Any,
) -> None:
    """Look at the uploads since the last run, or at another source, each file once.

    Progress goes to stderr, as a bar or a line a minute; decisions of a simulation and the summary
    to stdout.
    """
    settings = _settings(config, demo_model)

    from depicts_bot.choosing import Choice, source_of
    from depicts_bot.runner import Options, run_bot

    run_bot(settings, Options(limit, simulate, live, source_of(Choice(**chosen), settings)))


@main.command()
@_config
@_live
@_demo_model
def serve(config: Path | None, live: bool, demo_model: bool) -> None:
    """Look at the files that people ask for, until SIGTERM.

    One worker works at a time; another waits to take its place.
    """
    settings = _settings(config, demo_model)

    from depicts_bot.runner import Options
    from depicts_bot.server import serve_bot

    serve_bot(settings, Options(live=live))


@main.command()
@_config
def harvest(config: Path | None) -> None:
    """Read from the wiki's history what people saved, settle their "no"s, count it all."""
    settings = _settings(config)

    from depicts_bot.harvester import harvest_bot

    harvest_bot(settings)


@main.command()
@_config
@click.option("--post", is_flag=True, help="Put it on the page that the setting report_page names.")
@click.option(
    "--since",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Count what happened in the last so many days; without it, everything.",
)
@_live
def report(config: Path | None, post: bool, since: int | None, live: bool) -> None:
    """Print how good the suggestions are, as wikitext, or put it on a page of the wiki.

    Coverage, acceptance, reverts, by confidence and by class.
    """
    settings = _settings(config)

    from depicts_bot.publisher import Options, report_bot

    report_bot(settings, Options(post, live, since))


@main.command()
@_config
@click.option(
    "--files",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE|DIR",
    help="The list: a Parquet file, or a folder of them.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the shards.")
@click.option(
    "--engine", type=click.Choice(["ray", "spark", "plain"]), default="ray", show_default=True
)
@click.option(
    "--workers", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Models."
)
@click.option(
    "--shard-rows",
    type=click.IntRange(1, 100_000),
    default=500,
    show_default=True,
    help="Files of a shard: what a kill costs.",
)
@click.option(
    "--connections",
    type=click.IntRange(1, 1000),
    default=2,
    show_default=True,
    help="To the host of the thumbnails, of all workers together.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 10_000),
    default=5.0,
    show_default=True,
    help="Thumbnails a second that all workers together ask for.",
)
@click.option(
    "--host",
    default="upload.wikimedia.org",
    show_default=True,
    help="Where thumbnails lie; no other is asked.",
)
def backfill(config: Path | None, **told: Any) -> None:
    """Look at a list of any length, into Parquet shards; the same command again goes on.

    Nothing is stored and no wiki is asked. Progress goes to stderr, the summary to stdout.
    """
    settings = _settings(config)

    with extra("backfill"):
        from depicts_bot.backfill.running import Options, run_backfill

    run_backfill(settings, Options(**told))


@main.command("import")
@_config
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option(
    "--as-listed",
    is_flag=True,
    help="Do not ask the wiki: the list was made of files that are ours to look at.",
)
@_demo_model
def import_(config: Path | None, out: Path, as_listed: bool, demo_model: bool) -> None:
    """Store what the finished shards of a backfill at OUT say; the same command again goes on.

    Of each file with suggestions the wiki is asked whether it is ours to look at, as a run asks.
    What the store knows already, or better, stays.
    """
    settings = _settings(config, demo_model)

    with extra("backfill"):
        from depicts_bot.backfill.importing import import_shards

    import_shards(settings, out, as_listed)


@main.command()
@_config
@click.option(
    "--keep-days",
    type=click.IntRange(min=1),
    required=True,
    help="Keep what is younger than this many days.",
)
def prune(config: Path | None, keep_days: int) -> None:
    """Delete what nobody needs any more: old models' outcomes, unconfirmed verdicts, ended runs.

    Confirmed verdicts, claims, refusals and what is told of each file stay for ever.
    """
    settings = _settings(config)

    from depicts_bot.operating import prune_store

    prune_store(settings, keep_days)


@main.command()
@_config
@click.argument("items", nargs=-1, required=True, metavar="Q…")
@click.option("--reason", required=True, help="Why; it is shown on the operator's page.")
def pause(config: Path | None, items: tuple[str, ...], reason: str) -> None:
    """Show these items and all below them no more, until they are resumed."""
    settings = _settings(config)

    from depicts_bot.operating import pause_items

    pause_items(settings, items, reason)


@main.command()
@_config
@click.argument("items", nargs=-1, required=True, metavar="Q…")
def resume(config: Path | None, items: tuple[str, ...]) -> None:
    """Show paused items again."""
    settings = _settings(config)

    from depicts_bot.operating import resume_items

    resume_items(settings, items)


@main.command()
@_config
@click.option("--share", nargs=2, multiple=True, metavar="SHA1 Q…", help="It holds for everybody.")
@click.option("--dismiss", nargs=2, multiple=True, metavar="SHA1 Q…", help="It does not count.")
@click.option("--shared", is_flag=True, help="List those that hold for everybody.")
def refusals(
    config: Path | None,
    share: tuple[tuple[str, str], ...],
    dismiss: tuple[tuple[str, str], ...],
    shared: bool,
) -> None:
    """List the "no"s that wait for a decision, or decide about them.

    A "no" of two people is about a picture's content, by its SHA-1, and an item. One that is
    shared may be dismissed too.
    """
    settings = _settings(config)

    from depicts_bot.operating import decide_refusals, list_refusals

    if share or dismiss:
        decide_refusals(settings, share, dismiss)
    else:
        list_refusals(settings, shared)


def _settings(config: Path | None, demo_model: bool = False) -> Settings:
    from dataclasses import replace

    from depicts_model import settings

    loaded = settings.load(config)
    return replace(loaded, demo_model=loaded.demo_model or demo_model)
