"""The checkpoint of overwrites passes nothing that was not looked at, and none that comes late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest

from depicts_bot import stale
from depicts_bot.portions import IMAGES
from depicts_bot.work import Work
from tests.bot.fakes import FakeWiki
from tests.bot.test_stale import (
    FILES,
    NOW,
    SOON,
    decided,
    later,
    look_again,
    pages,
    store,
    told,
    wiki,
    work,
)

__all__ = ["store", "wiki", "work"]

HOUR = timedelta(hours=1)
YOUNG = SOON - timedelta(minutes=5)
"""Too young for a run at ``SOON``."""


def stopped(work: Work, portions: int) -> list[int]:
    """Pages that were stored by a run that ends after so many portions."""
    run = work.store.start_run("bot", "fake-1", {})  # type: ignore[attr-defined]
    stored: list[int] = []
    for portion, decisions in islice(decided(work), portions):
        stale.keep(work, run, portion, decisions)
        stored += pages(decisions)
    return stored


@pytest.mark.parametrize(
    ("batch", "portions", "stored"),
    [(len(FILES), 1, IMAGES), (3, 1, 3), (3, 2, 6)],
)
def test_what_a_stopped_run_did_not_reach_is_for_the_next(
    work: Work, wiki: FakeWiki, batch: int, portions: int, stored: int
) -> None:
    """One request for all files, of which a portion is a part; or several requests."""
    for pageid in FILES:
        wiki.overwrite(pageid, f"{100 + pageid:040d}", NOW + timedelta(minutes=pageid))
    sized = replace(work, settings=replace(work.settings, batch_size=batch))
    first = stopped(later(sized, SOON), portions)
    assert len(first) == stored
    assert sorted(first + pages(look_again(later(sized, SOON + HOUR)))) == list(FILES)
    assert all(told(work, n).file.sha1 == f"{100 + n:040d}" for n in FILES)
    assert look_again(later(sized, SOON + 2 * HOUR)) == []


def test_a_row_of_five_minutes_ago_is_for_the_next_run(work: Work, wiki: FakeWiki) -> None:
    wiki.overwrite(2, "e" * 40, YOUNG)
    assert look_again(later(work, SOON)) == []
    assert pages(look_again(later(work, SOON + HOUR))) == [2]


@pytest.mark.parametrize("action", ["overwrite", "revert"])
def test_a_row_that_comes_after_later_ones_is_found(
    work: Work, wiki: FakeWiki, action: str
) -> None:
    """A server's clock is behind, or its transaction took long."""
    wiki.overwrite(3, "d" * 40, YOUNG + timedelta(minutes=4))
    assert look_again(later(work, SOON)) == []
    wiki.overwrite(2, "e" * 40, YOUNG, action)
    assert sorted(pages(look_again(later(work, SOON + HOUR)))) == [2, 3]
    assert look_again(later(work, SOON + 2 * HOUR)) == []
