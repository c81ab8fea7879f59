"""The paired bootstrap: by hand, and by how often its intervals hold the truth."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from depicts_model.linker.bootstrap import (
    Bootstrap,
    Interval,
    difference,
    interval,
    ratio,
    share_of,
    widened,
)


def of(counts: list[list[int]], unit: list[int], stratum: list[int]) -> Bootstrap:
    """A bootstrap with draws of ours."""
    return Bootstrap(np.array(counts, np.uint16), np.array(unit), np.array(stratum))


def test_means_of_draws_by_hand() -> None:
    """Three images of two units; the first draw has the first unit twice."""
    boot = of([[2, 0], [1, 1], [0, 2]], [0, 0, 1], [0, 0, 0])
    values = np.array([[1.0], [0.0], [4.0]])
    assert boot.mean(values).tolist() == [5 / 3]
    assert boot.means(values)[:, 0].tolist() == [1 / 2, 5 / 3, 4]


def test_strata_count_evenly_however_many_images_they_have() -> None:
    boot = of([[1, 1, 1], [2, 0, 1]], [0, 1, 2], [0, 0, 1])
    values = np.array([[1.0], [0.0], [1.0]])
    assert boot.mean(values).tolist() == [3 / 4]
    assert boot.means(values)[:, 0].tolist() == [3 / 4, 1]


def test_each_stratum_keeps_its_size() -> None:
    """Units of one seed, of the other, and of both: each kind is drawn from its own."""
    units = ["a", "b", "c", "d", "e", "d", "e"]
    strata = [0, 0, 0, 0, 0, 1, 1]
    boot = Bootstrap.over(units, strata, draws=50)
    assert (boot.counts[:, :3].sum(axis=1) == 3).all()
    assert (boot.counts[:, 3:].sum(axis=1) == 2).all()
    assert boot.counts[:, 0].std() > 0


def test_a_unit_brings_all_its_images() -> None:
    """Two uploaders with 50 equal images each: half of all draws are of one alone."""
    boot = Bootstrap.over(["x"] * 50 + ["y"] * 50)
    found = boot.means(np.repeat([[0.0], [1.0]], 50, axis=0))[:, 0]
    assert set(found.tolist()) == {0, 0.5, 1}
    assert interval(boot, np.repeat([0.0, 1.0], 50)).low == 0
    by_image = interval(Bootstrap.over(range(100)), np.repeat([0.0, 1.0], 50))
    assert by_image.low > 0.35, "which images alone would have hidden"


def test_a_difference_is_paired() -> None:
    """Two figures that vary, but never from each other."""
    values = np.random.default_rng(0).random(200)
    boot = Bootstrap.over(range(200))
    found = difference(boot, values + 0.1, values)
    assert found.low == pytest.approx(0.1) == found.high
    assert interval(boot, values).high - interval(boot, values).low > 0.05


def test_a_ratio_by_hand() -> None:
    """The second rival is best on average (1/2 of 3/4); the first in the second draw."""
    boot = of([[1, 1, 1, 1], [3, 0, 1, 0], [0, 2, 0, 2]], [0, 1, 2, 3], [0, 0, 0, 0])
    ours = np.array([1.0, 1.0, 0.0, 1.0])
    rivals = {"one": np.array([1.0, 0.0, 0.0, 0.0]), "two": np.array([0.0, 1.0, 0.0, 1.0])}
    found = ratio(boot, ours, rivals)
    assert found is not None and found.rival == "two"
    assert found.value == 3 / 2
    assert (found.low, found.high) == (1, 3 / 2)


def test_the_choice_among_rivals_is_paid_for() -> None:
    """Twenty rivals as good as ours, by chance better or worse: the interval knows of all."""
    draw = np.random.default_rng(1)
    noise = {str(n): np.where(draw.random(300) < 0.5, 1.0, 0.0) for n in range(20)}
    ours = np.where(draw.random(300) < 0.5, 1.0, 0.0)
    boot = Bootstrap.over(range(300))
    among = ratio(boot, ours, noise)
    assert among is not None
    alone = ratio(boot, ours, {among.rival: noise[among.rival]})
    assert alone is not None
    assert among.value == alone.value
    assert among.low < alone.low and among.high < alone.high


def test_rivals_at_zero_are_no_measure() -> None:
    boot = Bootstrap.over(range(8))
    ours = np.ones(8)
    assert ratio(boot, ours, {"none": np.zeros(8)}) is None
    rare = ratio(boot, ours, {"rare": np.eye(8)[0]})
    assert rare is not None
    assert rare.value == 8 and rare.high == np.inf


def test_where_all_are_alike_the_rule_of_three_tells_how_sure_that_is() -> None:
    assert widened(Interval(1, 1, 1), 12) == Interval(1, 0.75, 1)
    assert widened(Interval(0, 0, 0), 12) == Interval(0, 0, 0.25)
    assert widened(Interval(1, 1, 1), 2) == Interval(1, 0, 1)
    assert widened(Interval(0.9, 0.8, 1), 12) == Interval(0.9, 0.8, 1)


def test_a_share_is_drawn_with_its_whole() -> None:
    """The second draw has nothing to be a share of."""
    drawn = np.array([[1.0, 4.0], [0.0, 0.0], [3.0, 4.0]])
    assert share_of(2, 4, drawn, 4) == Interval(0.5, 0.25, 0.75)
    assert math.isnan(share_of(0, 0, drawn, 0).value)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(50)
    ends = [interval(Bootstrap.over(range(50), seed=s), values) for s in (0, 0, 1)]
    assert ends[0] == ends[1] != ends[2]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="0 units"):
        Bootstrap.over([])
    with pytest.raises(ValueError, match="2 units of images, 1 strata"):
        Bootstrap.over([1, 2], [0])
    with pytest.raises(ValueError, match="3 values for 2 images"):
        Bootstrap.over([1, 2]).mean(np.zeros((3, 1)))


def share_that_holds(units: list[int]) -> float:
    """How many of 100 intervals hold a true difference of 0.1; four images share their luck."""
    draw = np.random.default_rng(2)
    clusters = np.repeat(np.arange(40), 4)
    held = 0
    for seed in range(100):
        ours = draw.normal(0.5, 0.3, 40)[clusters] + draw.normal(0, 0.1, 160)
        theirs = draw.normal(0.4, 0.3, 40)[clusters]
        found = difference(Bootstrap.over(units, draws=200, seed=seed), ours, theirs)
        held += found.low <= 0.1 <= found.high
    return held / 100


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    assert 0.88 <= share_that_holds(np.repeat(np.arange(40), 4).tolist()) <= 0.99
    assert share_that_holds(list(range(160))) < 0.8, "images of one cluster are one witness"


def test_as_many_as_the_experiments_have_take_seconds() -> None:
    """Three seeds of 2,500 images, 20 systems: 2,000 draws."""
    boot = Bootstrap.over(range(7500), np.repeat([0, 1, 2], 2500).tolist())
    values = np.random.default_rng(0).random((7500, 20))
    before = time.process_time()
    assert boot.means(values).shape == (2000, 20)
    assert time.process_time() - before < 10
