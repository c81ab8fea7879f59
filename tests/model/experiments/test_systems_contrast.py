"""The contrastive loss with parents, by hand; the course; mlp-1024 and mlp-256."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from depicts_model.linker.experiments.contrast import Contrast, Lessons, info_nce, softened
from depicts_model.linker.experiments.course import Scale, pace, train
from depicts_model.linker.experiments.mlp import Knobs, fit
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.systems import by_name
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.experiments.worth import worth
from tests.model.experiments.works import small_work

WORK = small_work()
SMALL = Knobs(batch=16, hidden=32, epochs=12, dropout=0.1, rate=3e-3)


# --- pairs and targets ---


def family() -> Work:
    """Three images: of item 0, of item 1 (the parent of 0), and of 2, whose alternative is 0."""
    part = WORK.train.take(np.arange(3))
    truths = ((frozenset({0}),), (frozenset({1}),), (frozenset({2, 0}),))
    above = ((1,), (19,), *((),) * (len(WORK.items) - 2))
    return replace(WORK, parents=above, train=replace(part, truths=truths))


def test_pairs_and_targets_by_hand() -> None:
    lessons = Lessons.of(family(), parents=0.5)
    assert lessons.seen.tolist() == [0, 1, 2]
    pairs = list(zip(lessons.images.tolist(), lessons.columns.tolist(), strict=True))
    assert pairs == [(0, 0), (1, 1), (2, 0), (2, 2)]
    # 19 is above item 1, but no image shows it: it is in no batch
    assert lessons.targets.tolist() == [[1, 0.5, 0], [0, 1, 0], [1, 0.5, 1]]


def test_what_an_image_shows_counts_fully_even_as_a_parent_of_it() -> None:
    work = family()
    both = replace(work.train, truths=((frozenset({0}), frozenset({1})), *work.train.truths[1:]))
    assert Lessons.of(replace(work, train=both), 0.5).targets[0].tolist() == [1, 1, 0]


def test_a_batch_has_a_column_for_each_pair_or_for_each_item() -> None:
    lessons = Lessons.of(family(), parents=0.5)
    whole = lessons.batch(np.arange(4), distinct=False)
    assert whole.columns.tolist() == [0, 1, 0, 2]
    assert whole.shares.tolist() == [0.5, 1, 0.5, 1]
    assert whole.targets[0].tolist() == [1, 0.5, 1, 0]
    once = lessons.batch(np.arange(4), distinct=True)
    assert once.columns.tolist() == [0, 1, 2]
    assert once.shares.tolist() == [0.5, 1, 1]
    assert once.targets[2].tolist() == [1, 0.5, 1]


def test_an_epoch_shows_every_pair_once() -> None:
    lessons = Lessons.of(WORK, 1.0)
    knobs = Contrast(batch=16)
    draw = np.random.default_rng(0)
    found = list(lessons.batches(draw, knobs))
    assert len(found) == lessons.steps(knobs)
    assert max(len(batch.images) for batch in found) <= 16
    together = np.concatenate([batch.images for batch in found])
    assert sorted(together.tolist()) == sorted(lessons.images.tolist())


# --- the loss ---


def test_the_loss_of_three_items_by_hand() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0], [1.0, 0.0, 2.0]])
    targets = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    def log_share(row: list[float], at: int) -> float:
        return row[at] - math.log(sum(math.exp(value) for value in row))

    rows, columns = logits.tolist(), logits.T.tolist()
    forth = -(2 / 3 * log_share(rows[0], 0) + 1 / 3 * log_share(rows[0], 1))
    forth -= log_share(rows[1], 1) + log_share(rows[2], 2)
    back = -log_share(columns[0], 0) - log_share(columns[2], 2)
    back -= 1 / 3 * log_share(columns[1], 0) + 2 / 3 * log_share(columns[1], 1)
    one_way = float(info_nce(logits, targets, both_ways=False))
    assert one_way == pytest.approx(forth / 3)
    assert float(info_nce(logits, targets, both_ways=True)) == pytest.approx((forth + back) / 6)


def test_gradients_are_divided_and_values_are_not() -> None:
    items = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    made = softened(items, torch.tensor([0.5, 1.0]))
    torch.testing.assert_close(made, items)
    (made * torch.tensor([[2.0, 2.0], [5.0, 5.0]])).sum().backward()  # type: ignore[no-untyped-call]
    assert items.grad is not None
    assert items.grad.tolist() == [[1, 1], [5, 5]]


def test_the_rate_rises_and_falls() -> None:
    knobs = Contrast(warm_up=0.1)
    rates = [pace(step, 100, knobs) for step in range(100)]
    assert rates[:2] == [0.1, 0.2]
    assert max(rates) == rates[10] == 1
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.02


def test_the_scale_stays_in_bounds() -> None:
    assert float(Scale(20.0)().detach()) == pytest.approx(20)
    assert float(Scale(500.0)().detach()) == 100


# --- the course ---


def test_the_course_ends_with_the_weights_that_did_best() -> None:
    lessons = Lessons.of(WORK, 1.0)
    model = nn.Linear(1, 1, bias=False)
    figures = iter([0.1, 0.9, 0.3, 0.2, 0.1, 0.1])
    weights = []

    def check() -> float:
        weights.append(model.weight.item())
        return next(figures)

    knobs = Contrast(batch=64, epochs=50, check_every=1, patience=3, rate=0.1)
    train(model, lessons, lambda batch: (model.weight**2).sum(), check, knobs, Clock())
    assert len(weights) == 5, "the start, the best, and three that were no better"
    assert model.weight.item() == weights[1] != weights[-1]
    assert not model.training


def test_a_clock_that_is_up_ends_the_course_at_once() -> None:
    clock = Clock(seconds=0)
    fitted = fit(WORK.blind(), SMALL, clock)
    assert clock.capped
    start = by_name("zero-shot").fit(WORK, None, Clock()).scores(WORK.test)
    np.testing.assert_allclose(fitted.scores(WORK.test), start, atol=1e-5)


# --- mlp ---


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp-1024", "mlp-256"])
def test_it_learns_what_zero_shot_does_not_know(name: str) -> None:
    work = replace(WORK, texts=np.roll(WORK.texts, 1, axis=1))
    knobs = replace(by_name(name).knobs, hidden=32, epochs=60, batch=16)
    clock = Clock()
    after = worth(fit(work.blind(), knobs, clock).scores(work.test), work.test)
    before = worth(by_name("zero-shot").fit(work, None, clock).scores(work.test), work.test)
    assert after > before + 0.2
    assert not clock.capped


def test_the_batches_are_as_large_as_the_name_says() -> None:
    for name, size in (("mlp-1024", 1024), ("mlp-256", 256)):
        system = by_name(name)
        assert {system.trial(number).batch for number in range(12)} == {size}
        assert system.knobs.rate == 1e-3


@pytest.mark.slow
def test_a_seed_is_a_fit_and_another_seed_another() -> None:
    here = torch.random.get_rng_state()
    once, again = (fit(WORK, SMALL, Clock()).scores(WORK.test) for _ in range(2))
    other = fit(WORK, replace(SMALL, seed=1), Clock()).scores(WORK.test)
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)
    assert torch.equal(torch.random.get_rng_state(), here), "the caller's dice stay as they were"


@pytest.mark.parametrize("on_items", [True, False])
@pytest.mark.parametrize("residual", [True, False])
def test_every_shape_of_it_gives_finite_scores(on_items: bool, residual: bool) -> None:
    knobs = replace(SMALL, on_items=on_items, residual=residual, epochs=2, distinct=True)
    scores = fit(WORK.blind(), knobs, Clock()).scores(WORK.blind().test)
    assert scores.shape == (len(WORK.test), len(WORK.items))
    assert np.isfinite(scores).all()
    assert np.abs(scores).max() <= 1.0001
