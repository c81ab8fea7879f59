"""A whole run looks again after its source, within its limit; a simulation stores none of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from depicts_bot import pipeline
from depicts_bot.report import Tally
from depicts_bot.work import Work
from depicts_model.store import Store
from depicts_model.types import Skipped, SkipReason
from tests.bot.fakes import FakeWiki
from tests.bot.test_stale import FILES, LATER, NOW, SOON, later, store, suggesting, told, wiki, work
from tests.model.store.looking import all_outcomes

__all__ = ["store", "wiki", "work"]


def run(work: Work, at_most: int | None = None) -> Tally:
    tally = Tally()
    number = work.store.start_run("bot", work.linker.version, {})  # type: ignore[attr-defined]
    for batch in pipeline.decide(work, at_most):
        pipeline.act(work, number, batch)
        batch.count(tally)
    counts = tally.counts()
    assert tally.listed == sum(n for name, n in counts.items() if name != "listed")
    return tally


def test_after_a_promotion_runs_link_anew_what_is_told(work: Work, wiki: FakeWiki) -> None:
    # what the first run did not reach yet comes first
    wiki.upload(8)
    assert [run(later(work, SOON, "fake-2"), 3).listed for _ in range(4)] == [3, 3, 2, 0]
    assert {told(work, n).model_version for n in (*FILES, 8)} == {"fake-2"}
    assert len(wiki.fetched) == len(set(wiki.fetched)) == 8


def test_overwritten_and_back_the_first_content_is_told(work: Work, wiki: FakeWiki) -> None:
    first = told(work, 2)
    wiki.overwrite(2, "e" * 40, NOW)
    run(later(work, SOON))
    assert told(work, 2).file.sha1 == "e" * 40
    wiki.overwrite(2, first.file.sha1, SOON, "revert")
    tally = run(later(work, LATER))
    assert (told(work, 2).outcome, told(work, 2).file.sha1) == (first.outcome, first.file.sha1)
    assert tally.counts()["already done"] >= 1
    assert len(wiki.fetched) == 1


def test_new_depicts_are_counted(work: Work, wiki: FakeWiki) -> None:
    (one, *_) = suggesting(work)
    wiki.depicts.add(one)
    assert run(later(work, LATER)).counts()["skipped:has-depicts"] == 1
    assert told(work, one).outcome == Skipped(SkipReason.HAS_DEPICTS)


def test_a_simulation_stores_nothing(work: Work, wiki: FakeWiki, store: Store) -> None:
    wiki.overwrite(2, "e" * 40, NOW)
    before = (all_outcomes(store), store.checkpoint(f"overwrites {wiki.api}"))
    promoted = later(work, LATER, "fake-2")
    made = [one for batch in pipeline.decide(promoted) for one in batch.decisions]
    assert len(made) == len(FILES)
    assert (all_outcomes(store), store.checkpoint(f"overwrites {wiki.api}")) == before


@pytest.mark.parametrize("budget", [0, 2])
def test_the_setting_bounds_it(work: Work, wiki: FakeWiki, budget: int) -> None:
    settings = replace(work.settings, stale_per_run=budget)
    assert run(replace(later(work, SOON, "fake-2"), settings=settings)).listed == budget
    assert len(wiki.fetched) == budget
