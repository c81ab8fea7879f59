"""What became of claims: due at two ages, kept once, counted by item and by confidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from depicts_model.statistics import Tally
from depicts_model.store import Store, schema
from depicts_model.types import Age, Claim, Fate, Mid, Qid
from tests.model.store.values import SAID, V, file_ref, suggested

CLAIM = Claim(Mid("M1"), Qid("Q146"), "M1$1", 900, SAID, V)
DAY = timedelta(days=1)


def due(store: Store, age: Age = Age.WEEK, limit: int = 9) -> list[int]:
    found = store.claims_due(age, SAID - DAY, SAID + DAY, limit)
    return [claim.revision for claim in found]


def saved(store: Store, *claims: Claim) -> None:
    run = store.start_run("bot", V, {})
    store.save_batch(run, V, [(file_ref(1), suggested(1, "Q146", "Q144"))])
    store.add_claims(claims)


def test_a_claim_is_due_until_it_was_looked_at_once_an_age(store: Store) -> None:
    later = replace(CLAIM, revision=901, at=SAID + DAY)
    saved(store, later, CLAIM, replace(CLAIM, revision=1, at=SAID - DAY))
    saved(store, replace(CLAIM, revision=902, at=SAID + 2 * DAY))
    assert due(store) == due(store, Age.MONTH) == [900, 901], "after the one time, to the other"
    assert due(store, limit=1) == [900], "the oldest first"
    assert store.add_fates(Age.WEEK, {CLAIM: Fate.STANDING, later: Fate.CHANGED}) == 2
    assert (due(store), due(store, Age.MONTH)) == ([], [900, 901])
    assert store.add_fates(Age.WEEK, {CLAIM: Fate.REVERTED}) == 0, "the first look counts"
    assert store.all_tallies()[CLAIM.qid].reverted == 0
    assert store.add_fates(Age.WEEK, {}) == 0


def test_what_is_due_is_the_claim_that_was_kept(store: Store) -> None:
    saved(store, CLAIM)
    assert store.claims_due(Age.MONTH, SAID - DAY, SAID, 9) == [CLAIM]


def test_fates_are_counted_by_item_and_confidence(store: Store) -> None:
    fates: list[tuple[Fate | None, Fate | None]] = [
        *[(Fate.STANDING, Fate.STANDING), (Fate.STANDING, Fate.REVERTED)],
        *[(Fate.REVERTED, Fate.REVERTED), (Fate.CHANGED, None)],
        *[(Fate.DELETED, Fate.DELETED), (None, None)],
    ]
    claims = [replace(CLAIM, revision=n) for n in range(len(fates))]
    refined = replace(CLAIM, qid=Qid("Q9"), revision=77)
    saved(store, *claims, refined)
    for place, age in enumerate(Age):
        told = {c: f for c, both in zip(claims, fates, strict=True) if (f := both[place])}
        store.add_fates(age, told)
    found = Tally(
        **{"saved": 6, "judged": 4, "reverted": 2},
        **{"standing_7": 2, "changed_7": 1, "reverted_7": 1},
        **{"standing_30": 1, "reverted_30": 2},
    )
    assert store.all_tallies() == {"Q146": found, "Q9": Tally(saved=1)}
    counted = store.statistics()
    assert counted.bins[9] == found, "offered with 0.9"
    assert counted.unknown == Tally(saved=1), "nobody offered it"
    assert sum(one.saved for one in counted.bins) == 6


def test_the_confidence_outlives_the_suggestion(store: Store) -> None:
    saved(store, CLAIM)
    run = store.start_run("bot", "newer", {})
    store.save_batch(run, "newer", [(file_ref(1), suggested(1, "Q144", version="newer"))])
    while any(store.prune(SAID + 9999 * DAY, 500).values()):
        pass
    assert store.statistics().bins[9].saved == 1


def test_only_what_happened_since_then_is_counted(store: Store) -> None:
    saved(store, CLAIM, replace(CLAIM, revision=901, at=SAID + DAY))
    since = SAID + DAY
    assert store.all_tallies(since)[CLAIM.qid].saved == 1
    assert store.statistics(since).totals["claims"] == 1
    assert store.statistics(since).totals["suggested"] == 1
    none = store.statistics(SAID + 9999 * DAY)
    assert set(none.totals.values()) == {0}
    assert all(one == Tally() for one in (*none.bins, none.unknown)) and none.items == ()


@pytest.mark.parametrize("name", ["after_7", "after_30"])
def test_what_is_due_is_found_by_an_index(name: str) -> None:
    columns = [[column.name for column in index.columns] for index in schema.claim.indexes]
    assert [name, "at"] in columns
