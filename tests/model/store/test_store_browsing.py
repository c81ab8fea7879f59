"""Looking through files: each once, by what is told of it, and pages that keep their place."""

from __future__ import annotations

import pytest

from depicts_model.store import OutcomeFilter, Store
from depicts_model.types import (
    Failed,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
)
from tests.model.store.values import V, file_ref, suggested

ALL = OutcomeFilter()
UNSURE = NothingToSuggest(NothingReason.NOT_SURE)


def save(store: Store, *results: tuple[int, Outcome], version: str = V) -> None:
    run = store.start_run("bot", version, {})
    store.save_batch(run, version, [(file_ref(n), outcome) for n, outcome in results])


def mids(store: Store, wanted: OutcomeFilter = ALL, size: int = 9) -> list[str]:
    return [one.file.mid for one in store.browse(wanted, size).outcomes]


def test_a_file_stands_once_with_what_latest_tells(store: Store) -> None:
    save(store, (1, suggested(1)), (2, suggested(2)))
    save(store, (1, UNSURE), version="newer")
    run = store.start_run("bot", "late", {})
    # an old version of the file, looked at last
    save(store, (3, Skipped(SkipReason.ARTWORK)))
    store.save_batch(run, "late", [(file_ref(2, "b"), UNSURE)])
    page = store.browse(ALL, 9)
    for one in page.outcomes:
        assert one == store.latest(Mid(one.file.mid))
    assert sorted(one.file.mid for one in page.outcomes) == ["M1", "M2", "M3"]
    assert store.count_files(ALL) == {"suggested": 0, "nothing": 2, "skipped": 1, "failed": 0}


def test_one_kind_one_item_one_confidence(store: Store) -> None:
    save(store, (1, suggested(1, "Q146", "Q144")), (2, suggested(2, "Q144")))
    save(store, (3, UNSURE), (4, Failed("timeout", 5.0)))
    assert mids(store) == ["M4", "M3", "M2", "M1"]
    assert mids(store, OutcomeFilter("failed")) == ["M4"]
    assert mids(store, OutcomeFilter(item=Qid("Q144"))) == ["M2", "M1"]
    # on M1 it is the second, and surer of the first
    assert mids(store, OutcomeFilter(item=Qid("Q144"), confidence=0.85)) == ["M2"]
    assert mids(store, OutcomeFilter(confidence=0.9)) == ["M2", "M1"]
    assert mids(store, OutcomeFilter(confidence=0.91)) == []
    assert store.count_files(OutcomeFilter(item=Qid("Q146")))["suggested"] == 1


def test_pages_meet_without_gap_or_overlap(store: Store) -> None:
    save(store, *((n, UNSURE) for n in range(1, 8)))
    first = store.browse(ALL, 3)
    second = store.browse(ALL, 3, before=first.older)
    third = store.browse(ALL, 3, before=second.older)
    pages = [[one.file.mid for one in page.outcomes] for page in (first, second, third)]
    assert pages == [["M7", "M6", "M5"], ["M4", "M3", "M2"], ["M1"]]
    assert (first.newer, third.older) == (None, None)
    assert store.browse(ALL, 3, after=third.newer).outcomes == second.outcomes
    assert store.browse(ALL, 3, after=second.newer).outcomes == first.outcomes


def test_a_page_keeps_its_place_while_new_outcomes_come_in(store: Store) -> None:
    save(store, *((n, UNSURE) for n in range(1, 7)))
    first = store.browse(ALL, 3)
    second = store.browse(ALL, 3, before=first.older)
    save(store, (10, UNSURE), (11, UNSURE))
    again = store.browse(ALL, 3, before=first.older)
    assert again == second
    back = store.browse(ALL, 3, after=again.newer)
    assert back.outcomes == first.outcomes
    assert back.newer is not None
    # two are newer: the page is the newest one, and full
    newest = store.browse(ALL, 3, after=back.newer)
    assert [one.file.mid for one in newest.outcomes] == ["M11", "M10", "M6"]
    assert newest.newer is None


@pytest.mark.parametrize("place", [0, 1, 2**62])
def test_a_place_where_nothing_is(store: Store, place: int) -> None:
    assert store.browse(ALL, 3, before=place).outcomes == ()
    save(store, (1, UNSURE))
    assert len(store.browse(ALL, 3, after=place).outcomes) == 1
