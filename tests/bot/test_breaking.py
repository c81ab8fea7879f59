"""A host that is away costs a few files a run, not the whole backlog."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from depicts_bot import recording
from depicts_bot.breaking import IN_A_ROW, Breaker
from depicts_bot.lists import Lists
from depicts_bot.portions import IMAGES
from depicts_bot.switching import Watch
from depicts_bot.work import Work, now
from depicts_model.errors import WikiError
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
)
from tests.bot.fakes import START, FakeLinker, FakeWiki

AWAY = Failed("http-503: away", 60.0)
SILENT = NothingToSuggest(NothingReason.NOT_SURE)
FILE = FileRef(Mid("M1"), "File:A.png", "a" * 40, 1, START, "")


def counted(*outcomes: Outcome) -> int:
    breaker = Breaker()
    for outcome in outcomes:
        breaker.count([(FILE, outcome)])
    return breaker.failures


def test_one_that_is_looked_at_says_that_the_host_is_there() -> None:
    assert counted(*[AWAY] * (IN_A_ROW - 1), SILENT, AWAY) == 1
    assert counted(*[AWAY] * (IN_A_ROW - 1), Failed("damaged")) == 0


def test_what_is_skipped_says_nothing() -> None:
    skipped: Outcome = Skipped(SkipReason.ARTWORK)
    both: list[Outcome] = [AWAY, skipped]
    assert counted(AWAY, skipped, AWAY) == 2
    with pytest.raises(WikiError, match=r"20 files in a row .* http-503: away"):
        counted(*both * IN_A_ROW)


def test_a_host_that_is_away_ends_a_run_and_costs_no_file(tmp_path: Path) -> None:
    wiki = FakeWiki()
    for pageid in range(1, 41):
        wiki.upload(pageid, WikiError("http-503", "away", 60))
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        work = Work(wiki, FakeLinker(), store, wiki.fetch, Settings(), now())
        watch = Watch(wiki, "", 30.0, lambda _: None)
        with pytest.raises(WikiError, match="out-of-order: 20 files in a row"):
            recording.record(work, store, watch, None, Lists(""))
        assert len(wiki.fetched) <= IN_A_ROW + 2 * IMAGES
        (run,) = store.last_runs(9)
        assert run.finished and run.counts == {"failed:http-503": IN_A_ROW, "listed": IN_A_ROW}
        for url in wiki.images:
            wiki.images[url] = url.encode()
        later = replace(work, now=now() + timedelta(hours=1))
        recording.record(later, store, watch, None, Lists(""))
        (run, _) = store.last_runs(9)
        assert run.counts["listed"] == 40
        assert store.counts()["failed"] == 0 and store.counts()["files"] == 40
