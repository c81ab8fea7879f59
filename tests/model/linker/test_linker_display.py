"""What is shown is fitted by running the very selection that serves."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from depicts_model.linker.calibrate import lower_bound
from depicts_model.linker.combine import FILE_NAME, UNFITTED, WORDS, Told, with_words
from depicts_model.linker.display import Aim, DisplayFit, certified, fit_display
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged, Shown
from depicts_model.linker.page import Page
from depicts_model.linker.score import Scorer, Weights
from depicts_model.types import Qid

from .world import ZOO, q

LEAVES = tuple(q(n) for n in (4, 6, 7, 10, 12))
DIM = 32


def _items() -> ItemTable:
    vectors = np.linalg.qr(np.random.default_rng(0).normal(size=(DIM, DIM)))[0][:5]
    size = len(LEAVES)
    return ItemTable(
        LEAVES,
        vectors.astype(np.float32),
        np.zeros(size, np.float32),
        np.ones(size, bool),
        np.full(size, 50, np.int32),
    )


def _scorer(items: ItemTable) -> Scorer:
    return Scorer(items.vectors, items.log_prior.astype(np.float64), Weights(12.0))


def _judged(items: ItemTable, seed: int, known: int, strange: int, noise: float) -> Judged:
    """Photos near their item's vector, tabby and Siamese hard to tell; and images of nothing."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(items.qids), known)
    near = items.vectors[rows] + noise * rng.normal(size=(known, DIM)) / np.sqrt(DIM)
    cats = rows <= 1
    near[cats] += 0.8 * items.vectors[1 - rows[cats]]
    vectors = np.concatenate([near, rng.normal(size=(strange, DIM))])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    truths: list[frozenset[Qid]] = [frozenset({items.qids[row]}) for row in rows]
    everything = (*truths, *[frozenset[Qid]()] * strange)
    return Judged(vectors.astype(np.float32), everything, np.ones(known + strange))


@cache
def _fitted(aim: Aim, noise: float = 1.0) -> DisplayFit:
    items = _items()
    fit, held, report = (_judged(items, seed, 400, 150, noise) for seed in (1, 2, 3))
    return fit_display(ZOO, items, _scorer(items), fit, held, report, aim)


AIM = Aim(specificity_floor=0.3, thresholds=(0.3, 0.5, 0.7, 0.9))


@pytest.mark.slow
def test_the_threshold_keeps_its_promise_on_held_out_images() -> None:
    found = _fitted(AIM)
    assert found.calibration.display_threshold in AIM.thresholds
    right, shown = sum(found.shown.correct), len(found.shown.correct)
    assert right / shown >= 0.8, "on images that chose nothing"
    bound = lower_bound(right, shown)
    assert bound - 0.01 < found.metrics["display_bound"] <= bound, "by image, not by suggestion"
    assert found.metrics["display_precision"] == pytest.approx(right / shown)
    assert found.metrics["display_coverage"] > 0.6
    assert min(found.shown.confidence) >= found.calibration.display_threshold


@pytest.mark.slow
def test_images_of_nothing_known_get_nothing() -> None:
    strict = replace(AIM, max_lured=0.02)
    found, blind = _fitted(strict), _fitted(replace(strict, features=()))
    assert found.metrics["display_lured"] <= 0.04, "on images that chose nothing"
    assert sum(found.calibration.calibrator.features.values()) > 0
    covered = found.metrics["display_coverage"] - blind.metrics["display_coverage"]
    assert covered > 0.1, "the image's features pay"


def test_without_images_of_nothing_no_share_of_them_is_told() -> None:
    """Nought would say that they were tried, and that none got a suggestion."""
    items = _items()
    fit, held, report = (_judged(items, seed, 150, 0, 1.0) for seed in (1, 2, 3))
    found = fit_display(ZOO, items, _scorer(items), fit, held, report, AIM)
    assert "display_lured" not in found.metrics and found.metrics["display_coverage"] > 0


def test_a_slice_that_tells_nothing_right_from_wrong_is_named() -> None:
    items = _items()
    fit, held = (_judged(items, seed, 20, 0, 1.0) for seed in (1, 2))
    nothing = replace(held, truths=(frozenset(),) * 20)
    with pytest.raises(ValueError, match=r"thresholds: none of \d+ pairs .* right, on 20 images"):
        fit_display(ZOO, items, _scorer(items), fit, nothing, fit, AIM)


def test_shown_confidence_is_true_enough() -> None:
    found = _fitted(AIM)
    assert found.metrics["display_ece"] < 0.1
    assert found.metrics["display_ece_chance"] < found.metrics["display_ece_chance_95"]
    assert sum(int(row["count"]) for row in found.calibration.reliability) == len(
        found.shown.correct
    )


@pytest.mark.slow
def test_a_model_that_knows_nothing_shows_nothing() -> None:
    found = _fitted(replace(AIM, target_precision=0.95), noise=30.0)
    assert found.calibration.display_threshold is None
    assert found.shown.correct == () and found.metrics["display_precision"] == 0


def test_support_counts_judged_images_at_or_below_a_node() -> None:
    found = _fitted(AIM)
    support = found.calibration.supported
    assert support is not None
    assert support[q(3)] == support[q(4)] + support[q(6)]
    assert support[q(8)] == support[q(3)] + support[q(16)]


def test_vectors_and_truths_must_match() -> None:
    with pytest.raises(ValueError, match="1 vectors for 0 truths"):
        Judged(np.zeros((1, 2), np.float32), (), np.ones(1))
    with pytest.raises(ValueError, match="above zero"):
        Judged(np.zeros((1, 2), np.float32), (frozenset(),), np.zeros(1))


def test_even_weights_of_any_size_change_nothing() -> None:
    one = Shown((0.9,) * 10, (True,) * 8 + (False,) * 2, (1.0,) * 10)
    three = replace(one, weight=(3.0,) * 10)
    assert one.precision() == three.precision() == 0.8
    assert one.bound(0.05) == pytest.approx(three.bound(0.05))
    assert one.bound(0.05) == pytest.approx(lower_bound(8, 10))


def test_what_two_trials_showed_adds_up() -> None:
    one = Shown((0.9,), (True,), (1.0,), covered=1.0, lured=0)
    two = Shown((0.8, 0.7), (False, True), (2.0, 1.0), covered=2.0, lured=1)
    assert one + two == Shown((0.9, 0.8, 0.7), (True, False, True), (1.0, 2.0, 1.0), 3.0, 1)


def test_a_heavy_image_counts_for_many_but_tells_of_one() -> None:
    uneven = Shown((0.9,) * 10, (False,) + (True,) * 9, (9.0,) + (1.0,) * 9)
    assert uneven.precision() == 0.5
    even = 18**2 / (81 + 9)
    assert uneven.bound(0.05) == pytest.approx(lower_bound(even / 2, even))


@pytest.mark.slow
def test_strangers_that_weigh_more_raise_the_threshold() -> None:
    items = _items()
    judged = [_judged(items, seed, 400, 150, 1.0) for seed in (1, 2, 3)]
    heavy = [replace(j, weights=np.where([bool(t) for t in j.truths], 1.0, 8.0)) for j in judged]
    # by mass alone: with the features these strangers are told from the known without a doubt
    aim = replace(AIM, features=(), max_lured=1.0, thresholds=tuple(n / 10 for n in range(1, 10)))
    light, found = (
        fit_display(ZOO, items, _scorer(items), fit, held, report, aim)
        for fit, held, report in (judged, heavy)
    )
    covered = found.metrics["display_coverage"]
    assert 0 < covered < light.metrics["display_coverage"]
    assert found.metrics["display_precision"] >= 0.75


def _paged(judged: Judged, seed: int) -> Judged:
    """Eight names in ten tell what is shown, one in ten, of strangers too, of something else."""
    hierarchy = Hierarchy.from_catalog(ZOO, LEAVES)
    draw = np.random.default_rng(seed)
    pages = []
    for truth in judged.truths:
        luck = draw.random()
        other = LEAVES[draw.integers(len(LEAVES))]
        said = other if luck < 0.1 else next(iter(truth), None) if luck < 0.9 else None
        node = [] if said is None else [hierarchy.index[said]]
        kin = sorted({*node, *(int(a) for n in node for a in hierarchy.ancestors(n))})
        told = Told(np.array(kin, dtype=np.intp), np.ones(len(kin)))
        pages.append(Page(terms=with_words({FILE_NAME: told})))
    return replace(judged, pages=tuple(pages))


@pytest.mark.slow
def test_judged_pages_replace_the_constants() -> None:
    items = _items()
    fit, held, report = (_judged(items, seed, 400, 150, 2.0) for seed in (1, 2, 3))
    bare = fit_display(ZOO, items, _scorer(items), fit, held, report, AIM)
    assert bare.calibration.combiner == UNFITTED
    assert bare.calibration.unfitted == ("combiner", "weights.votes")
    fit, held, report = _paged(fit, 1), _paged(held, 2), _paged(report, 3)
    found = fit_display(ZOO, items, _scorer(items), fit, held, report, AIM)
    assert found.calibration.unfitted == ("weights.votes",)
    weights = found.calibration.combiner.weights
    assert {*weights} == {FILE_NAME, WORDS} and sum(weights.values()) > 1
    assert found.metrics["display_coverage"] > bare.metrics["display_coverage"]
    assert found.metrics["display_precision"] >= 0.75


def test_images_with_and_without_pages_are_joined_without() -> None:
    one = _judged(_items(), 1, 5, 2, 1.0)
    both = _paged(one, 1)
    assert (one + both).pages is None and (both + one).pages is None
    joined = (both + both).pages
    assert joined is not None and len(joined) == 14
    with pytest.raises(ValueError, match="3 pages"):
        replace(both, pages=both.pages[:3] if both.pages else None)


def _flipped(
    draw: np.random.Generator, count: int, precision: float, aim: Aim
) -> dict[float, Shown]:
    """Nested sets of suggestions, each right by chance with this precision."""
    confidence, right = draw.uniform(0.3, 1, count), draw.random(count) < precision
    found = {}
    for threshold in aim.thresholds:
        some = confidence >= threshold
        ones = (1.0,) * int(some.sum())
        found[threshold] = Shown(
            tuple(confidence[some].tolist()), tuple(right[some].tolist()), ones
        )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("count", [300, 1000])
def test_a_precision_below_the_target_is_seldom_certified(count: int) -> None:
    """However many thresholds are tried: at most alpha of the runs, here with some slack."""
    aim, draw = Aim(), np.random.default_rng(count)
    below = aim.target_precision - 0.01
    wrong = sum(
        certified(_flipped(draw, count, below, aim), 1, aim) is not None for _ in range(300)
    )
    assert wrong / 300 <= aim.alpha + 0.02
    assert certified(_flipped(draw, 3000, below + 0.1, aim), 1, aim) == 0.3


def test_the_starts_of_the_search_share_alpha_at_exactly_the_target() -> None:
    """Were each start tested at all of alpha, some 8 % of the runs would be wrong."""
    aim, draw = Aim(thresholds=Aim().starts), np.random.default_rng(5)
    tries = (_flipped(draw, 1000, aim.target_precision, aim) for _ in range(1000))
    wrong = sum(certified(shown, 1, aim) is not None for shown in tries)
    assert 0 < wrong / 1000 <= aim.alpha


def test_suggestions_of_one_image_count_as_one() -> None:
    one = Shown((0.9,) * 6, (True,) * 6, (1.0,) * 6, each=(3, 3))
    assert one.bound(0.05) == pytest.approx(lower_bound(2, 2))
    assert (one + one).each == (3, 3, 3, 3)
    uneven = Shown((0.9,) * 3, (True,) * 3, (1.0, 1.0, 2.0), each=(2, 1))
    assert uneven.bound(0.05) == pytest.approx(lower_bound(2, 2)), "by weight in all"


@pytest.mark.slow
def test_the_report_does_not_choose_what_may_be_shown() -> None:
    items = _items()
    fit, held, report = (_judged(items, seed, 400, 150, 1.0) for seed in (1, 2, 3))
    other = replace(report, truths=tuple(frozenset({q(99)}) for _ in report.truths))
    one, two = _fitted(AIM), fit_display(ZOO, items, _scorer(items), fit, held, other, AIM)
    assert one.calibration.supported == two.calibration.supported
    assert one.calibration.display_threshold == two.calibration.display_threshold
