"""Figures of a ranking: worked out by hand, held against a slow reading of the definitions."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depicts_model.linker.experiments.work import Truth
from depicts_model.linker.metrics import NORMALISERS, Normaliser, Rows, per_image, top_of, within

WIDE = 12
"""Candidates of the drawn cases."""


def one(top: Sequence[int], *things: set[int], normaliser: Normaliser = "min") -> dict[str, float]:
    """The figures of a single image."""
    truth = tuple(frozenset(thing) for thing in things)
    found = per_image(np.array([top], dtype=np.intp), [truth], normaliser)
    return {name: float(values[0]) for name, values in found.items()}


# ten candidates are ranked 0 to 9
TEN = range(10)


def test_a_single_thing_by_hand() -> None:
    found = one(TEN, {3})
    assert (found["R@1"], found["R@5"], found["R@10"]) == (0, 1, 1)
    assert (found["DivR@5"], found["mAP@5"]) == (1, 1 / 4)
    assert found["MRR@10"] == 1 / 4
    assert found["accuracy"] == 0
    assert one(TEN, {0})["accuracy"] == 1


def test_several_things_by_hand() -> None:
    """Hits at ranks 1 and 4, the third thing is not in sight."""
    found = one(TEN, {0}, {3}, {99})
    assert found["R@1"] == found["DivR@1"] == found["mAP@1"] == 1
    assert found["R@5"] == 1
    assert found["DivR@5"] == pytest.approx(2 / 3)
    assert found["mAP@5"] == pytest.approx((1 + 2 / 4) / 3)
    assert found["MRR@10"] == 1


def test_the_three_normalisers_by_hand() -> None:
    """Six things, hits at ranks 2 and 3: 1/2 + 2/3, over min(5, 6), the hits, all things."""
    things: list[set[int]] = [{1}, {2}, {90}, {91}, {92}, {93}]
    total = 1 / 2 + 2 / 3
    divisors: dict[Normaliser, int] = {"min": 5, "hits": 2, "all": 6}
    assert divisors.keys() == NORMALISERS.keys()
    for name, divisor in divisors.items():
        assert one(TEN, *things, normaliser=name)["mAP@5"] == pytest.approx(total / divisor)
    assert one(TEN, {90}, normaliser="hits")["mAP@5"] == 0


def test_a_second_alternative_is_neither_a_hit_nor_new() -> None:
    """Rows 0 and 1 name one thing, row 2 another: hits at ranks 1 and 3."""
    found = one(TEN, {0, 1}, {2})
    assert found["DivR@5"] == 1
    assert found["mAP@5"] == pytest.approx((1 + 2 / 3) / 2)
    assert one(TEN, {0, 1})["mAP@5"] == 1
    assert one([5, 1, 0, 2], {0, 1})["mAP@1"] == 0


def test_what_can_be_covered_in_k_ranks_is_what_counts() -> None:
    """Two things, one rank: all that can be had."""
    assert one(TEN, {0}, {1})["DivR@1"] == 1
    assert one(TEN, {0}, {1})["mAP@1"] == 1


def test_a_row_that_names_two_things_covers_both() -> None:
    found = one(TEN, {0, 5}, {0, 6})
    assert found["DivR@1"] == 1, "never above 1"
    assert found["DivR@5"] == 1
    assert found["mAP@5"] == 1 / 2, "one row is one hit"


def test_deeper_than_the_ranking_is_left_out() -> None:
    found = one(TEN, {3})
    assert "R@20" not in found and "MRR@100" not in found and "R@10" in found


def test_all_figures_are_there_at_a_hundred() -> None:
    assert set(one(range(100), {60})) == {
        *(f"R@{k}" for k in (1, 5, 10, 20, 50, 100)),
        *(f"{name}@{k}" for name in ("DivR", "mAP") for k in (1, 5, 10)),
        "MRR@10",
        "MRR@100",
        "accuracy",
    }
    found = one(range(100), {60})
    assert (found["R@50"], found["R@100"], found["MRR@10"]) == (0, 1, 0)
    assert found["MRR@100"] == pytest.approx(1 / 61)


def test_within_hops_goes_up_and_down_and_no_further() -> None:
    """0 → 1 → 2 and 3 → 1."""
    parents = [(1,), (2,), (), (1,)]
    assert within(parents, 0) == tuple(frozenset({row}) for row in range(4))
    assert within(parents, 1)[0] == {0, 1}
    assert within(parents, 1)[1] == {0, 1, 2, 3}
    assert within(parents, 2)[3] == {0, 1, 2, 3}


def test_diversity_recall_counts_kin_within_the_hops_only() -> None:
    parents = [(1,), (2,), (), (1,)]
    top = np.array([[2, 1, 0, 3]])
    truth: list[Truth] = [(frozenset({0}),)]
    by_hops = [per_image(top, truth, near=within(parents, h))["DivR@1"][0] for h in (0, 1, 2)]
    assert by_hops == [0, 0, 1]
    assert per_image(top, truth, near=within(parents, 2))["R@1"][0] == 0, "recall is exact"


@pytest.mark.parametrize(
    ("top", "truths", "said"),
    [
        (np.zeros((2, 1), np.intp), [(frozenset({0}),)], "2 rankings for 1 images"),
        (np.array([[0], [1]]), [(frozenset({0}),), ()], "image 1 shows nothing"),
        (np.array([[4, 2, 4]]), [(frozenset({0}),)], "image 0: row 4 is listed twice"),
    ],
)
def test_what_cannot_be_judged_is_refused(top: Rows, truths: list[Truth], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        per_image(top, truths)


def test_an_image_whose_thing_is_no_candidate_is_a_miss() -> None:
    assert one(TEN, set())["R@10"] == 0


# --- against the definitions, read slowly ---

THINGS = st.lists(st.frozensets(st.integers(0, WIDE + 3), max_size=3), min_size=1, max_size=4).map(
    tuple
)
RANKING = st.permutations(range(WIDE))
LOTS = st.lists(st.tuples(RANKING, THINGS), min_size=1, max_size=4)


def slowly(top: Sequence[int], truth: Truth, normaliser: str) -> dict[str, float]:
    """The definitions, a rank at a time."""
    found: dict[str, float] = {}
    for k in (1, 5, 10):
        first = set(top[:k])
        covered = [thing for thing in truth if thing & first]
        found[f"R@{k}"] = float(bool(covered))
        found[f"DivR@{k}"] = min(1.0, len(covered) / min(k, len(truth)))
        seen: set[int] = set()
        hits, total = 0, 0.0
        for rank, row in enumerate(top[:k], start=1):
            new = {at for at, thing in enumerate(truth) if row in thing} - seen
            seen |= new
            if new:
                hits += 1
                total += hits / rank
        divisor = {"min": min(k, len(truth)), "hits": max(hits, 1), "all": len(truth)}[normaliser]
        found[f"mAP@{k}"] = total / divisor
    ranks = [rank for rank, row in enumerate(top[:10], 1) if any(row in t for t in truth)]
    found["MRR@10"] = 1 / ranks[0] if ranks else 0.0
    found["accuracy"] = found["R@1"]
    return found


@given(LOTS, st.sampled_from(list(NORMALISERS)))
def test_the_figures_are_those_of_the_definitions(
    lots: list[tuple[list[int], Truth]], normaliser: Normaliser
) -> None:
    top = np.array([ranking for ranking, _ in lots], dtype=np.intp)
    truths = [truth for _, truth in lots]
    found = per_image(top, truths, normaliser)
    for at, (ranking, truth) in enumerate(lots):
        expected = slowly(ranking, truth, normaliser)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert found[name][at] == pytest.approx(value), name
            assert 0 <= found[name][at] <= 1


@given(RANKING, st.frozensets(st.integers(0, WIDE + 3), max_size=3))
def test_of_a_single_thing_the_three_at_one_are_the_same(
    ranking: list[int], thing: frozenset[int]
) -> None:
    """As in the paper's table, which fixes the definitions."""
    found = one(ranking, set(thing))
    assert found["R@1"] == found["DivR@1"] == found["mAP@1"] == found["accuracy"]


# --- from scores ---


def test_equal_scores_stand_in_the_order_of_their_rows() -> None:
    scores = np.array([[0.0, 1.0, 1.0, 0.5, 1.0], [2.0, 2.0, 2.0, 2.0, 2.0]], np.float32)
    assert top_of(scores, 4).tolist() == [[1, 2, 4, 3], [0, 1, 2, 3]]
    assert top_of(scores, 9).shape == (2, 5)


def test_least_of_all_is_still_ranked_and_no_number_is_not() -> None:
    scores = np.array([[-np.inf, 1.0, -np.inf]])
    assert top_of(scores).tolist() == [[1, 0, 2]]
    with pytest.raises(ValueError, match="not a number"):
        top_of(np.array([[np.nan, 1.0]]))


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 3), min_size=7, max_size=7), min_size=1, max_size=3))
def test_the_top_is_a_stable_sort(scores: list[list[int]]) -> None:
    expected = [sorted(range(7), key=lambda row: -line[row])[:5] for line in scores]
    assert top_of(np.array(scores, dtype=np.float64), 5).tolist() == expected


def test_as_many_images_as_the_experiments_have_take_no_time() -> None:
    """Of 2,500 images well under a second, on a busy machine too."""
    draw = np.random.default_rng(0)
    top = np.array([draw.permutation(300)[:100] for _ in range(2500)])
    truths = [(frozenset({int(row)}),) for row in draw.integers(0, 300, 2500)]
    before = time.process_time()
    found = per_image(top, truths)
    assert time.process_time() - before < 1
    assert found["R@100"].mean() == pytest.approx(1 / 3, abs=0.05)
