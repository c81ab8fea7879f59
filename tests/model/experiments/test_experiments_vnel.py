"""VNEL's systems: what an image is held against, the adapter's start, the re-ranking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from depicts_model.linker.experiments import v2t, v2v, v2vt
from depicts_model.linker.experiments.adapter import towards
from depicts_model.linker.experiments.contrast import Lessons
from depicts_model.linker.experiments.system import Clock, System

from .promises import every_trial_fits, holds, scores, stops
from .works import small_work

SYSTEMS = tuple(
    replace(system, knobs=replace(system.knobs, epochs=4))
    for system in (v2v.SYSTEM, v2t.SYSTEM, v2vt.SYSTEM)
)
each = pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)


@each
def test_it_is_blind_steady_and_better_than_chance(system: System) -> None:
    holds(system)


@each
def test_it_stops_by_the_clock(system: System) -> None:
    stops(system)


@pytest.mark.slow
@each
def test_every_trial_fits(system: System) -> None:
    every_trial_fits(system)


@each
def test_training_moves_it(system: System) -> None:
    work = small_work()
    start = scores(system, work, replace(system.knobs, epochs=0))
    longer = scores(system, work, replace(system.knobs, epochs=4, rate=0.003))
    assert not np.allclose(start, longer, atol=1e-3)


def test_an_item_has_up_to_five_of_its_own_photos_each_once() -> None:
    work = small_work()
    lessons = Lessons.of(work, 0.0)
    found = v2v.galleries(lessons, seed=0)
    rows = work.train.rows()
    for item, photos in zip(lessons.seen, found, strict=True):
        own = [at for at in photos if at != v2v.NONE]
        assert len(set(own)) == len(own) == min(v2v.PHOTOS, work.uses()[item])
        assert all(item in rows[at] for at in own)
    assert (found == v2v.NONE).any() and (found != v2v.galleries(lessons, seed=1)).any()


@pytest.mark.parametrize("pool", ["max", "mean"])
def test_untrained_an_item_is_as_near_as_its_photos(pool: str) -> None:
    work = small_work()
    knobs = replace(v2v.SYSTEM.knobs, epochs=0, pool=pool)
    fitted = v2v.fit(work, knobs, Clock())
    found = fitted.nearness(work.test.vectors)
    for at, photos in enumerate(fitted.shelf.galleries):
        own = work.train.vectors[photos[photos != v2v.NONE]]
        cosines = work.test.vectors @ own.T
        expected = cosines.max(axis=1) if pool == "max" else cosines.mean(axis=1)
        np.testing.assert_allclose(found[:, at], expected, atol=1e-5)


def test_an_image_is_never_held_against_itself() -> None:
    work = small_work()
    fitted = v2v.fit(work, replace(v2v.SYSTEM.knobs, epochs=0, pool="max"), Clock())
    own = fitted.shelf.galleries[0, :1]
    image = torch.from_numpy(work.train.vectors[own])
    item = np.array([0])
    alone, _ = fitted.shelf.cosines(fitted.adapter, image, item)
    apart, there = fitted.shelf.cosines(fitted.adapter, image, item, own)
    assert alone.item() == pytest.approx(1, abs=1e-5) and apart.item() < 0.9999
    assert there.item()
    shelf = replace(fitted.shelf, galleries=np.array([[own[0], -1, -1, -1, -1]]))
    assert not shelf.cosines(fitted.adapter, image, item, own)[1].item()


def test_an_image_without_a_target_teaches_nothing() -> None:
    logits = torch.tensor([[0.0, 1.0], [5.0, -5.0]], requires_grad=True)
    loss = towards(logits, torch.tensor([[0.0, 3.0], [0.0, 0.0]]))
    assert loss.item() == pytest.approx(float(np.log1p(np.exp(-1))))
    (slope,) = torch.autograd.grad(loss, logits)
    assert slope[0].abs().sum() > 0 and not slope[1].any()


def two(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return (
        draw.normal(size=(9, 30)).astype(np.float32),
        draw.normal(size=(9, 30)).astype(np.float32),
    )


def order(found: np.ndarray) -> np.ndarray:
    return np.argsort(-found, axis=1, kind="stable")


def test_a_depth_of_one_keeps_the_first_order() -> None:
    first, second = two()
    np.testing.assert_array_equal(order(v2vt.reranked(first, second, 1)), order(first))


def test_a_depth_of_all_is_the_second_order() -> None:
    first, second = two()
    for depth in (30, 300):
        found = v2vt.reranked(first, second, depth)
        np.testing.assert_array_equal(order(found), order(second))


def test_only_the_recalled_are_ranked_anew() -> None:
    first, second = two()
    found = order(v2vt.reranked(first, second, 4))
    for row, one, other in zip(found, first, second, strict=True):
        recalled = np.argsort(-one)[:4]
        assert row[:4].tolist() == sorted(recalled, key=lambda at: -other[at])
        assert row[4:].tolist() == np.argsort(-one)[4:].tolist()


def test_the_first_may_take_half_of_the_time_and_its_cut_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[float] = []
    fit = v2v.fit

    def cut(work, knobs, clock):  # type: ignore[no-untyped-def]
        given.append(clock.seconds)
        clock.capped = True
        return fit(work, replace(knobs, epochs=0), Clock())

    monkeypatch.setattr(v2v, "fit", cut)
    clock = Clock(seconds=600)
    v2vt.fit(small_work(), replace(v2vt.SYSTEM.knobs, epochs=0), clock)
    assert given == [300] and clock.capped
