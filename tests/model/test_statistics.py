"""What was said of classes: the sum of what was said of all their items."""

from __future__ import annotations

from collections.abc import Mapping

from depicts_model.statistics import MOST_CLASSES, Tally, by_class
from depicts_model.types import Qid

GOOD, BAD = Tally(shown=3, accepted=2, skipped=1, confirmed=1), Tally(shown=2, rejected=2)
ANIMAL, MAMMAL, CAT, DOG, PUG, TREE = map(Qid, ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6"))
ABOVE: Mapping[Qid, frozenset[Qid]] = {
    MAMMAL: frozenset({ANIMAL}),
    CAT: frozenset({MAMMAL, ANIMAL}),
    DOG: frozenset({MAMMAL, ANIMAL}),
    PUG: frozenset({DOG, MAMMAL, ANIMAL}),
}


def above(qid: Qid) -> frozenset[Qid]:
    return ABOVE.get(qid, frozenset())


def classes(tallies: Mapping[Qid, Tally], *never: Qid) -> dict[Qid, Tally]:
    return dict(by_class(tallies, above, never))


def test_a_class_is_all_that_is_below_it_and_itself() -> None:
    found = classes({CAT: GOOD, PUG: BAD, DOG: GOOD, ANIMAL: GOOD, TREE: GOOD})
    assert found == {
        ANIMAL: Tally(shown=11, accepted=6, rejected=2, skipped=3, confirmed=3),
        MAMMAL: Tally(shown=8, accepted=4, rejected=2, skipped=2, confirmed=2),
        DOG: Tally(shown=5, accepted=2, rejected=2, skipped=1, confirmed=1),
    }
    assert list(found) == [ANIMAL, MAMMAL, DOG], "most verdicts first"


def test_of_classes_of_the_same_items_the_lowest_is_told() -> None:
    assert list(classes({CAT: GOOD, PUG: BAD})) == [MAMMAL]
    assert list(classes({DOG: GOOD, PUG: BAD})) == [DOG]


def test_one_item_makes_no_class_and_nothing_said_none_either() -> None:
    assert classes({CAT: GOOD, PUG: Tally(), TREE: GOOD}) == {}


def test_what_is_never_suggested_is_no_class() -> None:
    assert list(classes({CAT: GOOD, DOG: BAD}, MAMMAL)) == [ANIMAL]
    assert classes({CAT: GOOD, DOG: BAD}, MAMMAL, ANIMAL) == {}


def test_no_more_classes_than_a_page_has_room_for() -> None:
    tops = frozenset(Qid(f"Q{n}") for n in range(1, 101))
    ends = [Qid(f"Q{n}") for n in range(1001, 1102)]
    # each end is below one top more than the end before it
    chain = {qid: frozenset(sorted(tops)[n:]) for n, qid in enumerate(ends)}
    found = by_class(dict.fromkeys(ends, GOOD), lambda qid: chain.get(qid, frozenset()), ())
    assert len(found) == MOST_CLASSES
    assert [tally.shown for _, tally in found] == sorted((t.shown for _, t in found), reverse=True)
