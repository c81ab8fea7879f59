"""Carries a run out: prints its decisions or stores them, shows how far it is, counts."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

import click

from depicts_bot import pipeline
from depicts_bot.breaking import Breaker
from depicts_bot.budget import SpentError
from depicts_bot.closing import closed
from depicts_bot.lists import Lists
from depicts_bot.opting_out import RECORD as OPT_OUTS
from depicts_bot.pipeline import Batch
from depicts_bot.progress import display
from depicts_bot.report import Tally, decision_line
from depicts_bot.switching import StoppedError, Watch
from depicts_bot.work import Work
from depicts_model.overrides import RECORD
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN, Store
from depicts_model.switch import Switch

_TO_GO_ON: Final = "the next run goes on from here"
_IN_VAIN: Final = "the list was not read so far as to a new file: raise requests_per_run"


def simulate(work: Work, watch: Watch, at_most: int | None) -> None:
    """Print the decisions that a run would store."""
    tally = Tally()
    with closing(_watched(work, watch, at_most, tally, "simulation")) as batches:
        for batch in batches:
            for file, outcome in batch.decisions:
                click.echo(decision_line(file, outcome))
    click.echo(f"would store: {tally.line()}")


def record(work: Work, store: Store, watch: Watch, at_most: int | None, lists: Lists) -> None:
    """Decide and store, batch by batch, with a record of the run.

    The service shows what the newest record's lists let through, from the run's start on.
    """
    inputs = {
        "wiki": work.settings.wiki_api,
        "limit": at_most,
        **work.listing.record(),
        RECORD: lists.record(),
        OPT_OUTS: work.opt_outs.record(),
    }
    run = store.start_run(BOT_RUN, work.linker.version, inputs)
    tally = Tally()
    watched = _watched(work, watch, at_most, tally, f"run {run}")
    try:
        with closed(store, run, tally.counts), closing(watched) as batches:
            for batch in batches:
                pipeline.act(work, run, batch)
    finally:
        # what was stored until an error or Ctrl-C is told, too
        click.echo(f"run {run}, model {work.linker.version}: {tally.line()}")


@dataclass(slots=True)
class _Share:
    """How much is done, as it was known last."""

    now: float | None = None


def _watched(
    work: Work, watch: Watch, at_most: int | None, tally: Tally, name: str
) -> Generator[Batch]:
    """The batches; each counts once the next is asked for, when it is stored or printed.

    Raises WikiError where too many files in a row cannot be looked at.
    """
    after, shown, share = work.store.checkpoint(work.source), display(name), _Share()

    def meanwhile() -> None:
        work.meanwhile()
        shown.show(tally, share.now)

    breaker = Breaker()
    batches = pipeline.decide(replace(work, meanwhile=meanwhile), at_most)
    try:
        for batch in _while_on(work, watch, batches, tally):
            yield batch
            batch.count(tally)
            # how much of the stale is left is not known
            known = not batch.look
            share.now = _share(work, batch.checkpoint, after, at_most, tally) if known else None
            shown.show(tally, share.now)
            breaker.count(batch.decisions)
    finally:
        shown.close()
    if not (tally.listed or after) and work.listing.named():
        click.echo(f"nothing is listed: look how {work.listing.named()!r} is spelt", err=True)


def _share(
    work: Work, mark: str | None, after: str | None, at_most: int | None, tally: Tally
) -> float | None:
    """How much is done: of the list, or of what the operator limited us to."""
    of_list = 0.0 if mark is None else work.listing.share(mark, after, work.until)
    if at_most is None or of_list is None:
        return of_list if at_most is None else tally.listed / at_most
    return max(of_list, tally.listed / at_most)


def _while_on(work: Work, watch: Watch, batches: Generator[Batch], tally: Tally) -> Iterator[Batch]:
    """The batches, until the budget is spent or the switch thrown.

    What was decided while it was thrown is not stored.
    """
    try:
        with closing(batches):
            for batch in batches:
                watch.check()
                yield batch
    except StoppedError as error:
        click.echo(stopped(work.settings, error.switch))
    except SpentError as error:
        click.echo(f"ended: {error}; {_TO_GO_ON if tally.listed else _IN_VAIN}")


def stopped(settings: Settings, switch: Switch) -> str:
    """The line that says why nothing more is done."""
    return f"stopped by {settings.switch_page}: {switch.reason or 'no reason given'}"
