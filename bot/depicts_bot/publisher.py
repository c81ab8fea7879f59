"""The report: printed, or put on the one page of the wiki that the bot edits."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Final

import click

from depicts_bot.closing import closed
from depicts_bot.counting import counted
from depicts_bot.editing import check_place, save_page
from depicts_bot.marks import marked, placed
from depicts_bot.pages import read_page
from depicts_bot.recording import stopped
from depicts_bot.reporting import Report, wikitext
from depicts_bot.runner import path_of
from depicts_bot.site import connect
from depicts_bot.switching import read_switch
from depicts_bot.turns import InTurn, Turns
from depicts_model.catalog import Catalog
from depicts_model.errors import ConfigurationError
from depicts_model.settings import Settings, on_loopback
from depicts_model.store import BOT_RUN, JOB_SECONDS, Store
from depicts_model.wiki.agent import DISTRIBUTION

RUN: Final = "report"
SUMMARY: Final = "Bot: how good the suggestions of [[Commons:Suggest depicts|Suggest depicts]] are"
_SETTING: Final = "report_page"


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator said on the command line."""

    post: bool = False
    live: bool = False
    days: int | None = None
    """Count the last days only."""


def report_bot(settings: Settings, options: Options) -> None:
    """Print the report, or post it; raises DepictsError."""
    if options.post:
        _check_post(settings, options)
    with ExitStack() as stack:
        catalog = stack.enter_context(Catalog.open(path_of(settings.catalog)))
        store = stack.enter_context(Store.open(settings.database_url, JOB_SECONDS))
        block = marked(wikitext(_report(settings, options, store, catalog)))
        if not options.post:
            click.echo(block)
            return
        run = store.start_run(RUN, version(DISTRIBUTION), {"page": settings.report_page})
        counts = {"edits": 0}
        with closed(store, run, lambda: counts):
            said, counts["edits"] = _post(settings, options, store, block)
        click.echo(f"run {run}, report: {said}")


def _check_post(settings: Settings, options: Options) -> None:
    if not settings.report_page:
        raise ConfigurationError(f"{_SETTING} is not set: --post edits the page that it names")
    if not (options.live or on_loopback(settings.wiki_api)):
        raise ConfigurationError(
            f"{settings.wiki_api} is not on this machine: say --live to edit {settings.report_page}"
        )


def _report(settings: Settings, options: Options, store: Store, catalog: Catalog) -> Report:
    since = datetime.now(UTC) - timedelta(days=options.days) if options.days else None
    runs = store.last_runs(1, BOT_RUN)
    label = partial(catalog.label, language=settings.language)
    found = counted(store, catalog, since)
    return Report(found, since, runs[0].version if runs else None, settings.service_url, label)


def _post(settings: Settings, options: Options, store: Store, block: str) -> tuple[str, int]:
    """What was done, in words, and how many edits that were."""
    title, turns = settings.report_page, Turns(store)
    with turns.taken():
        wiki = connect(settings, options.live)
        reader = InTurn(wiki, turns, wiki.high_limits)
    switch = read_switch(reader, settings.switch_page)
    if switch.stopped:
        return stopped(settings, switch), 0
    page = read_page(reader, title, _SETTING)
    check_place(wiki, title)
    text = placed(page.text if page else "", block, title)
    if page and page.text == text:
        return f"{title} says so already", 0
    with turns.taken():
        save_page(wiki, title, text, page, SUMMARY)
    return f"{title} saved", 1
