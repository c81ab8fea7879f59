"""The gate: what it refuses, each by its figure; and what it lets through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from depicts_model.linker.gate import (
    LEAST,
    LEAST_IMAGES,
    LEAST_UNITS,
    MAIN,
    RIGHT,
    Measured,
    gate,
)

IMAGES = 400
UNITS = [n // 4 for n in range(IMAGES)]
NAMES = (*MAIN, RIGHT)
NOTHING = "images of nothing"
BROAD = "items that may be shown"


def measured(share: float = 0.6, **changes: Any) -> Measured:
    """A model that is right on this share of the images, the same ones first."""
    right = (np.arange(IMAGES) % 100 < 100 * share).astype(np.float64)
    plain = Measured(dict.fromkeys(NAMES, right), 100, 0.02, 0.03, np.full(20, 0.05), ())
    return replace(plain, **changes)


def refused(new: Measured, current: Measured | None, **slices: Any) -> list[str]:
    verdict = gate(new, current, UNITS, slices)
    assert verdict.passed is (not verdict.refused())
    return [check.name for check in verdict.refused()]


# --- refused ---


def test_a_worse_model_is_refused_by_each_figure_that_fell() -> None:
    assert refused(measured(0.5), measured(0.6)) == [*MAIN, RIGHT, "better in one"]


@pytest.mark.parametrize("name", MAIN)
def test_each_main_figure_counts(name: str) -> None:
    fallen = {**measured(0.7).figures, name: measured(0.5).figures[name]}
    assert refused(measured(figures=fallen), measured(0.6)) == [name]


def lured(count: int, made: int = 60) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.arange(made) < count


def test_a_model_that_answers_images_of_nothing_is_refused() -> None:
    assert refused(measured(0.7, lured=lured(30)), measured(lured=lured(0))) == [NOTHING]
    assert refused(measured(lured=lured(30)), None) == [NOTHING], "a first model too"
    assert refused(measured(0.7, lured=lured(9)), measured(lured=lured(0))) == [], "chance alone"
    assert refused(measured(0.7, lured=lured(30)), measured(lured=lured(28))) == [], "it did before"


def test_where_no_image_of_nothing_was_looked_at_nothing_is_judged_of_it() -> None:
    (check,) = [one for one in gate(measured(), None, UNITS, {}).checks if one.name == NOTHING]
    assert check.line() == "not judged: images of nothing: none was looked at"


def test_a_model_that_went_mute_is_refused() -> None:
    """Its ranking is better, and what shows nothing shows nothing wrong."""
    silent = {**measured(0.7).figures, RIGHT: np.zeros(IMAGES)}
    mute = measured(figures=silent, shown=0, ece=0.0)
    assert refused(mute, measured()) == [RIGHT, "suggestions"]
    hardly = measured(figures={**measured().figures, RIGHT: np.zeros(IMAGES)}, shown=1)
    assert refused(mute, hardly) == ["suggestions"], "whatever little there was"
    assert refused(mute, replace(hardly, shown=0)) == []


def test_a_model_that_may_show_fewer_items_is_refused_however_good_it_is_on_them() -> None:
    broad, narrow = measured(may_show=100), measured(0.7, may_show=89)
    assert refused(narrow, broad) == [BROAD]
    (check,) = gate(narrow, broad, UNITS, {}).refused()
    told = "89, the current model's 100, at least 90"
    assert check.line() == f"REFUSED: items that may be shown: {told}"
    assert refused(replace(narrow, may_show=90), broad) == []
    assert refused(replace(narrow, may_show=1_000), broad) == []
    # of few, one over the edge and back is the draw of the images
    assert refused(replace(narrow, may_show=2), replace(broad, may_show=3)) == []
    assert refused(replace(narrow, may_show=1), replace(broad, may_show=3)) == [BROAD]
    assert refused(replace(narrow, may_show=0), replace(broad, may_show=1)) == [BROAD]


def test_where_the_current_model_may_show_nothing_it_is_not_asked_how_much_the_new_one_may() -> (
    None
):
    (check,) = [one for one in gate(measured(), measured(), UNITS, {}).checks if one.name == BROAD]
    assert check.line() == f"not judged: {BROAD}: 0; the current model may show none"
    assert refused(measured(0.7, may_show=0), measured(0.6, may_show=0)) == []
    assert refused(measured(0.7, may_show=0), None) == []


def test_fewer_images_answered_right_is_refused_however_it_ranks() -> None:
    fallen = {**measured(0.7).figures, RIGHT: measured(0.57).figures[RIGHT]}
    verdict = gate(measured(figures=fallen), measured(0.6), UNITS, {})
    assert [check.name for check in verdict.refused()] == [RIGHT]
    assert verdict.refused()[0].told.startswith("-3.0 (")
    fallen[RIGHT] = measured(0.6).figures[RIGHT] - 0.01
    assert refused(measured(figures=fallen), measured(0.6)) == []


def test_images_answered_right_at_two_targets_are_no_comparison() -> None:
    """Who has to be surer answers less."""
    fallen = {**measured(0.7).figures, RIGHT: measured(0.5).figures[RIGHT]}
    surer = measured(figures=fallen, target=0.88)
    assert refused(surer, measured(0.6, target=0.88)) == [RIGHT]
    verdict = gate(surer, measured(0.6, target=0.8), UNITS, {})
    (check,) = [one for one in verdict.checks if one.name == RIGHT]
    assert verdict.passed and not check.judged
    assert check.told.endswith("; its target is 88%, the current model's 80%")


def test_more_images_answered_right_are_no_reason_to_serve() -> None:
    """Whoever climbs higher is right more often."""
    higher = {**measured(0.6).figures, RIGHT: measured(0.9).figures[RIGHT]}
    assert refused(measured(figures=higher), measured(0.6)) == ["better in one"]


def test_a_change_that_may_be_a_fall_is_refused_though_it_is_a_gain_on_average() -> None:
    """One uploader brings the gain, and many lose a little: another draw could be without them."""
    change = np.where(np.arange(IMAGES) < 40, 0.5, -0.02)
    risky = {name: value + change for name, value in measured().figures.items()}
    units = [0 if n < 40 else n for n in range(IMAGES)]
    verdict = gate(measured(figures=risky), measured(), units, {})
    assert [check.name for check in verdict.refused()] == [*MAIN, RIGHT]
    assert "+3.2 (" in verdict.refused()[0].told


def test_the_same_again_is_refused_for_nothing_is_better() -> None:
    assert refused(measured(), measured()) == ["better in one"]


def test_confidence_that_became_less_true_is_refused() -> None:
    better = measured(0.7)
    assert refused(replace(better, ece=0.031), measured()) == ["ECE"]
    assert refused(replace(better, ece=0.03), measured()) == []
    silent = measured(ece=0.0, shown=0)
    assert refused(replace(better, ece=0.051), silent) == ["ECE"]
    assert refused(replace(better, ece=0.049), silent) == []


def test_a_slower_model_is_refused() -> None:
    slow = np.r_[np.full(18, 0.05), np.full(2, 0.5)]
    assert refused(measured(0.7, seconds=slow), measured()) == ["latency p95"]
    assert refused(measured(0.7, seconds=np.full(20, 0.056)), measured()) == ["latency p95"]
    assert refused(measured(0.7, seconds=np.full(20, 0.0549)), measured()) == []


def test_whatever_breaks_a_promise_is_refused_and_named() -> None:
    bad = measured(0.9, violations=[f"M{n}: Q5 as suggestion" for n in range(5)])
    for current in (measured(), None):
        (check,) = gate(bad, current, UNITS, {}).refused()
        assert check.line().startswith("REFUSED: safety violations: 5 (M0: Q5 as suggestion; ")


def test_a_slice_that_falls_is_refused_where_it_is_large_enough() -> None:
    part = np.arange(IMAGES) < LEAST
    fallen = np.where(part & (np.arange(IMAGES) % 20 == 0), -1.0, 0.0)
    risen = np.where(~part & (measured().figures["R@10"] == 0), 1.0, 0.0)
    mixed = {name: value + fallen + risen for name, value in measured().figures.items()}
    new = measured(figures=mixed)
    assert refused(new, measured(), rare=part) == ["R@10 of rare"]
    part[0] = False
    assert refused(new, measured(), rare=part) == [], "of so few two images decide"


def test_a_slice_that_is_too_small_is_told_of() -> None:
    few = np.arange(IMAGES) < LEAST - 1
    verdict = gate(measured(0.7), measured(), UNITS, {"rare": few, "none": few & ~few})
    lines = [check.line() for check in verdict.checks if check.name.startswith("R@10 of ")]
    assert lines == ["not judged: R@10 of rare: 99 images, of fewer than 100 two decide"]
    assert verdict.passed


@pytest.mark.parametrize(
    ("images", "units"),
    [(1, 1), (LEAST_IMAGES - 1, LEAST_IMAGES - 1), (IMAGES, 1), (IMAGES, LEAST_UNITS - 1)],
)
def test_a_holdout_of_a_handful_is_refused_by_name(images: int, units: int) -> None:
    """Everything is better on all of it: an interval without width."""

    def part(share: float) -> Measured:
        whole = measured(share)
        return replace(whole, figures={n: np.full(images, share) for n in whole.figures})

    verdict = gate(part(0.7), part(0.6), [n % units for n in range(images)], {})
    (check,) = verdict.refused()
    assert check.line() == f"REFUSED: holdout: {images} images of {units} units, at least 200 of 30"
    enough = [n % LEAST_UNITS for n in range(IMAGES)]
    assert gate(measured(0.7), measured(0.6), enough, {}).passed


# --- let through ---


def test_a_better_model_is_let_through() -> None:
    verdict = gate(measured(0.7), measured(0.6), UNITS, {"all": np.ones(IMAGES, bool)})
    assert verdict.passed and not verdict.first
    lines = [check.line() for check in verdict.checks]
    assert any(line.startswith("passed: R@10: +10.0 (+") for line in lines)
    assert "passed: R@10 of all: +10.0 on 400 images, at least -2.0" in lines


def test_a_first_model_is_held_against_what_needs_no_other() -> None:
    verdict = gate(measured(0.1), None, UNITS, {})
    assert verdict.first and verdict.passed
    assert [check.name for check in verdict.checks] == ["safety violations", "ECE", NOTHING]
    assert refused(measured(ece=0.06), None) == ["ECE"]
    assert refused(measured(ece=0.06, chance=0.07), None) == []
    assert refused(measured(0.7, ece=0.06, chance=0.07), measured()) == ["ECE"]


def test_measures_of_other_images_are_no_comparison() -> None:
    with pytest.raises(ValueError, match=r"399 units|400 values for 399"):
        gate(measured(), measured(), UNITS[1:], {})
