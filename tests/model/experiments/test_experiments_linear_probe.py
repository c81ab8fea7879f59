"""The linear probes: classes and their shares, whitening, and a fit that is the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import check_grad

from depicts_model.linker.experiments import linear_probe
from depicts_model.linker.experiments.classes import Classes
from depicts_model.linker.experiments.system import Clock, System
from depicts_model.linker.experiments.whitening import class_means, spread_of, within_class
from depicts_model.linker.experiments.work import Part

from .promises import every_trial_fits, holds, scores, stops
from .works import small_work, unit

both = pytest.mark.parametrize("system", linear_probe.SYSTEMS, ids=lambda s: s.name)


@both
def test_a_probe_is_blind_steady_and_better_than_chance(system: System) -> None:
    holds(system)


@both
def test_a_probe_stops_by_the_clock(system: System) -> None:
    stops(system)


@both
def test_every_trial_of_a_probe_fits(system: System) -> None:
    every_trial_fits(system)


@both
def test_a_candidate_without_training_images_never_ranks_above_one_with(system: System) -> None:
    work = small_work()
    found, seen = scores(system, work), work.uses() > 0
    assert (found[:, seen].min(axis=1) > found[:, ~seen].max(axis=1)).all()
    cosines = work.test.vectors @ work.texts[~seen].T
    np.testing.assert_array_equal(np.argsort(found[:, ~seen]), np.argsort(cosines))


def test_things_share_an_image_and_alternatives_share_their_thing() -> None:
    work = small_work()
    truths = (
        (frozenset({0}),),
        (frozenset({0, 1}),),
        (frozenset({2}), frozenset({0, 1})),
    )
    vectors = unit(np.eye(3, 16))
    part = Part(vectors, vectors, truths, ("a", "b", "c"))
    classes = Classes.of(replace(work, train=part))
    assert classes.rows.tolist() == [0, 1, 2]
    expected = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.25, 0.25, 0.5]])
    np.testing.assert_allclose(classes.shares(part), expected)


def test_what_has_no_training_images_has_no_share() -> None:
    work = small_work()
    shares = Classes.of(work).shares(work.train)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    unseen = Part(work.val.vectors[:1], work.val.raw[:1], ((frozenset({19}),),), ("x",))
    assert not Classes.of(work).shares(unseen).any()


def test_whitening_leaves_a_spherical_spread_within_the_classes() -> None:
    draw = np.random.default_rng(0)
    shares = np.eye(4)[draw.integers(4, size=400)]
    stretch = np.diag([5, 1, 0.2]) @ np.linalg.qr(draw.normal(size=(3, 3)))[0]
    vectors = shares @ draw.normal(size=(4, 3)) * 3 + draw.normal(size=(400, 3)) @ stretch
    white = within_class(vectors, shares, shrink=0).of(vectors)
    apart = white - shares @ class_means(white, shares)
    np.testing.assert_allclose(apart.T @ apart / (400 - 4), np.eye(3), atol=1e-3)
    assert abs(white.mean(axis=0)).max() < 1e-4


def test_shrinking_wholly_only_scales() -> None:
    work = small_work()
    shares = Classes.of(work).shares(work.train)
    matrix = within_class(work.train.vectors, shares, shrink=1).matrix
    np.testing.assert_allclose(matrix, matrix[0, 0] * np.eye(16), rtol=1e-4, atol=1e-4)


def test_a_spread_that_nothing_tells_is_refused() -> None:
    with pytest.raises(ValueError, match="no class has two images"):
        within_class(np.eye(3), np.eye(3), shrink=0.5)


def test_the_slope_is_the_slope_of_the_loss() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(20, 3)).astype(np.float32)
    targets = draw.dirichlet(np.ones(4), size=20)
    loss = linear_probe._Loss(x, targets, 0.3, (3, 4))
    flat = draw.normal(size=12)
    off = check_grad(lambda w: loss(w)[0], lambda w: loss(w)[1], flat, epsilon=1e-2)
    assert off < 1e-2


def test_under_a_heavy_penalty_the_bias_alone_speaks_and_gives_the_frequencies() -> None:
    work = small_work()
    probe = linear_probe.fit(work, linear_probe.Knobs(ridge=1e6), Clock())
    shares = probe.classes.shares(work.train).mean(axis=0)
    bias = probe.weights[-1]
    np.testing.assert_allclose(np.exp(bias) / np.exp(bias).sum(), shares, atol=1e-3)


def test_other_classes_tell_of_the_spread_by_how_much_they_saw() -> None:
    draw = np.random.default_rng(0)
    few, many = draw.normal(size=(6, 2)), draw.normal(size=(3000, 2)) * [3, 1]
    shares = np.repeat(np.eye(2), 3, axis=0)
    others = spread_of(many, np.repeat(np.eye(3), 1000, axis=0))
    assert others.free == 2997
    pooled = within_class(few, shares, 0, others).matrix
    np.testing.assert_allclose(pooled, np.diag([1 / 3, 1]), atol=0.05)
