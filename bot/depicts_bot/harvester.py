"""A harvest, in a straight line; each step is stored before the next.

What was saved, whose "no"s hold, what became of what was saved, all of it counted, what pauses.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Final

import click

from depicts_bot import settling
from depicts_bot.closing import closed
from depicts_bot.counting import counted
from depicts_bot.fates import fates
from depicts_bot.harvest import changes, claims
from depicts_bot.ours import known_tag
from depicts_bot.pausing import RESUMED, at_fault, pause_of, since_resumed
from depicts_bot.runner import path_of
from depicts_bot.site import connect
from depicts_bot.turns import connected
from depicts_bot.uploads import parse_timestamp, timestamp
from depicts_bot.wiki import Wiki, chunks, limit
from depicts_bot.work import now
from depicts_model.catalog import Catalog
from depicts_model.settings import Settings
from depicts_model.store import JOB_SECONDS, Store
from depicts_model.types import Age, Fate, Qid
from depicts_model.wiki.agent import DISTRIBUTION

RUN: Final = "harvest"
NOTE: Final = "harvest"
"""Name of the note that tells how far recent changes were read."""
STATISTICS: Final = "statistics"
KEPT: Final = timedelta(days=30)
"""So long a wiki keeps its recent changes: the first harvest begins there."""
OVERLAP: Final = timedelta(minutes=10)
"""Read again each time: a change may appear later than its time says."""
LATEST: Final = {Age.WEEK: timedelta(days=14), Age.MONTH: timedelta(days=45)}
"""A claim older than this tells no more what stood at that age."""
MOST_CLAIMS: Final = 500
"""Claims that one harvest looks at again at each age; the next one takes the rest."""
MOST: Final = 1_000
"""Questions that one harvest asks; each is answered, and the next harvest asks the rest."""


def harvest_bot(settings: Settings) -> None:
    """One harvest; raises DepictsError. Killed anywhere, the next one takes it up."""
    with (
        Catalog.open(path_of(settings.catalog)) as catalog,
        Store.open(settings.database_url, JOB_SECONDS) as store,
    ):
        wiki = connected(lambda: connect(settings), store)
        counts: dict[str, int] = {}
        run = store.start_run(RUN, version(DISTRIBUTION), {"wiki": settings.wiki_api})
        with closed(store, run, lambda: counts):
            harvest(wiki, store, catalog, settings.change_tag, counts)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(f"run {run}, harvest: {told}")


def harvest(
    wiki: Wiki, store: Store, catalog: Catalog, change_tag: str, counts: dict[str, int]
) -> None:
    """Fills ``counts`` as it goes: what was stored until an error counts."""
    tag = known_tag(wiki, change_tag)
    at = now()
    _claims(wiki, store, tag, at, counts)
    # what was found nowhere until now never will be: recent changes are not kept longer
    store.clear_older(at - KEPT)
    _refusals(wiki, store, tag, counts)
    _fates(wiki, store, at, counts)
    store.note(STATISTICS, counted(store, catalog).to_json(), at)
    _pauses(store, catalog, at, counts)


def _claims(wiki: Wiki, store: Store, tag: str, at: datetime, counts: dict[str, int]) -> None:
    counts |= {"edits": 0, "claims": 0}
    for found in changes(wiki, tag, _start(store, at), at):
        counts["edits"] += len(found)
        counts["claims"] += store.add_claims(claims(wiki, found))
        if found:
            store.note(NOTE, {"until": timestamp(found[-1].at)}, at)
    store.note(NOTE, {"until": timestamp(at)}, at)


def _start(store: Store, at: datetime) -> datetime:
    noted = store.noted(NOTE)
    if noted is None:
        return at - KEPT
    # a clock that was set back must not leave out what lies between
    return max(at - KEPT, min(parse_timestamp(noted.value["until"]), at) - OVERLAP)


def _refusals(wiki: Wiki, store: Store, tag: str, counts: dict[str, int]) -> None:
    counts |= {"shared": 0, "waiting": 0}
    # all of them before any is settled: a pair of people is judged by the whole harvest
    questions = store.refusals_in_question(MOST)
    shared = store.shared_since(now() - settling.MONTH)
    found = settling.answers(wiki, tag, questions, store.tallies, shared)
    for question, state in found.settled:
        store.settle(question.sha1, question.qid, state, now())
        counts[state.value] += 1
    for question in found.useless:
        store.clear(question)


def _fates(wiki: Wiki, store: Store, at: datetime, counts: dict[str, int]) -> None:
    counts |= {"looked at again": 0, "reverted": 0}
    for age in Age:
        until = at - timedelta(days=age)
        due = store.claims_due(age, at - LATEST[age], until, MOST_CLAIMS)
        for some in chunks(due, limit(wiki)):
            found = fates(wiki, some)
            # each part is kept before the next is asked for
            counts["looked at again"] += store.add_fates(age, found)
            counts["reverted"] += list(found.values()).count(Fate.REVERTED)


def _pauses(store: Store, catalog: Catalog, at: datetime, counts: dict[str, int]) -> None:
    noted = store.noted(RESUMED)
    resumed = (
        {Qid(qid): datetime.fromisoformat(t) for qid, t in noted.value.items()} if noted else {}
    )
    tallies = since_resumed(store.all_tallies, catalog.ancestors, resumed)
    never = catalog.never_suggest | catalog.too_general
    counts["paused"] = 0
    for qid, tally in at_fault(tallies, catalog.ancestors, never, store.pauses()):
        store.set_pause(pause_of(qid, tally, at))
        counts["paused"] += 1
        click.echo(f"paused {qid}: {pause_of(qid, tally, at).reason}", err=True)
