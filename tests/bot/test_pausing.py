"""Which classes pause themselves: the lowest at fault, never one that somebody looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from depicts_bot.pausing import at_fault, since_resumed
from depicts_model.statistics import FEWEST, Tally
from depicts_model.types import Qid

ANIMAL, BIRD, WREN, ROBIN, CAT = map(Qid, ("Q1", "Q2", "Q3", "Q4", "Q5"))
ABOVE: Mapping[Qid, frozenset[Qid]] = {
    BIRD: frozenset({ANIMAL}),
    WREN: frozenset({BIRD, ANIMAL}),
    ROBIN: frozenset({BIRD, ANIMAL}),
    CAT: frozenset({ANIMAL}),
}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def above(qid: Qid) -> frozenset[Qid]:
    return ABOVE.get(qid, frozenset())


def of(judged: int, reverted: int) -> Tally:
    return Tally(saved=judged, judged=judged, reverted=reverted)


def paused(
    tallies: Mapping[Qid, Tally], *already: Qid, never: Collection[Qid] = ()
) -> dict[Qid, tuple[int, int]]:
    found = at_fault(tallies, above, never, already)
    return {qid: (tally.judged, tally.reverted) for qid, tally in found}


@pytest.mark.parametrize(
    ("judged", "reverted", "pauses"),
    [
        (FEWEST, 2, False),
        (FEWEST, 3, True),
        (FEWEST - 1, FEWEST - 1, False),
        (1000, 100, False),
        (1000, 101, True),
        (0, 0, False),
    ],
)
def test_more_than_one_in_ten_of_at_least_twenty(judged: int, reverted: int, pauses: bool) -> None:
    assert paused({WREN: of(judged, reverted)}) == ({WREN: (judged, reverted)} if pauses else {})


def test_claims_that_nobody_looked_at_again_do_not_count() -> None:
    assert paused({WREN: Tally(saved=100, judged=4, reverted=4)}) == {}


def test_the_lowest_class_is_paused_and_no_longer_counts_above() -> None:
    assert paused({WREN: of(20, 20), ROBIN: of(180, 0), CAT: of(50, 0)}) == {WREN: (20, 20)}
    # neither alone has twenty
    assert paused({WREN: of(10, 5), ROBIN: of(10, 5), CAT: of(50, 0)}) == {BIRD: (20, 10)}
    # birds are at fault even without wrens, animals without birds are not
    few = {WREN: of(20, 20), ROBIN: of(10, 3), BIRD: of(12, 3), CAT: of(50, 5)}
    assert paused(few) == {WREN: (20, 20), BIRD: (22, 6)}


def test_what_is_paused_is_not_paused_again_nor_what_is_below() -> None:
    bad = {WREN: of(20, 20), CAT: of(30, 0)}
    assert paused(bad, WREN) == paused(bad, BIRD) == paused(bad, ANIMAL) == {}


def test_what_is_too_general_is_no_class() -> None:
    tallies = {WREN: of(10, 10), CAT: of(10, 10)}
    assert paused(tallies) == {ANIMAL: (20, 20)}
    assert paused(tallies, never={ANIMAL}) == {}


def test_what_was_saved_before_a_class_was_resumed_pauses_nothing() -> None:
    ever, later = {WREN: of(40, 30), CAT: of(40, 30)}, {WREN: of(20, 1)}
    asked: list[datetime | None] = []

    def tallies(since: datetime | None) -> Mapping[Qid, Tally]:
        asked.append(since)
        return ever if since is None else later

    found = since_resumed(tallies, above, {BIRD: NOON})
    assert found == {WREN: of(20, 1), CAT: of(40, 30)}
    assert sorted(asked, key=str) == [NOON, None]
    # nor does it pause what is above
    assert paused(found) == {CAT: (40, 30)}
    assert since_resumed(tallies, above, {}) == ever


def test_the_last_of_several_resumptions_counts() -> None:
    early, late = NOON - timedelta(days=9), NOON
    at = {None: {WREN: of(9, 9)}, early: {WREN: of(5, 5)}, late: {WREN: of(1, 1)}}
    found = since_resumed(lambda since: at[since], above, {WREN: early, ANIMAL: late})
    assert found == {WREN: of(1, 1)}
