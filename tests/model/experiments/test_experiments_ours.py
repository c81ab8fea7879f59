"""ours: its parts by hand, its probabilities, and each ingredient off in turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from depicts_model.linker.experiments import ours, zero_shot
from depicts_model.linker.experiments.classes import Classes
from depicts_model.linker.experiments.joint import STRENGTHS, join
from depicts_model.linker.experiments.plda import Discriminant, one_length
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.metrics import per_image, top_of
from depicts_model.linker.score import unit
from tests.model.experiments.works import small_work


def recall(scores: np.ndarray, work: Work) -> float:
    part = work.test
    return float(per_image(top_of(scores), part.truths)["R@1"].mean())


def test_probabilities_sum_to_one_and_the_unseen_share_what_is_left() -> None:
    work = small_work()
    fitted = ours.fit(work.blind(), ours.Knobs(), Clock())
    told = np.exp(fitted.log_probabilities(work.test).astype(np.float64))
    np.testing.assert_allclose(told.sum(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(told[:, work.uses() == 0].sum(axis=1), fitted.unseen, rtol=1e-3)


def test_it_beats_words_alone_and_answers_alike_twice() -> None:
    work = small_work(noise=0.4)
    one, two = (ours.fit(work.blind(), ours.Knobs(), Clock()).scores(work.test) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    words = zero_shot.SYSTEM.fit(work, zero_shot.SYSTEM.knobs, Clock()).scores(work.test)
    assert recall(one, work) > recall(words, work)


@pytest.mark.parametrize("name", sorted(ours.ABLATIONS))
def test_each_ingredient_can_be_left_out(name: str) -> None:
    work = small_work()
    whole = ours.fit(work, ours.Knobs(), Clock()).known(work.test)
    without = ours.fit(work, replace(ours.Knobs(), **ours.ABLATIONS[name]), Clock())
    assert not np.allclose(without.known(work.test), whole)


def test_a_head_without_steps_is_the_prototypes() -> None:
    fitted = ours.fit(small_work(), replace(ours.Knobs(), head=0.0), Clock())
    np.testing.assert_array_equal(fitted.head, fitted.prototypes)


def test_the_likelihood_is_the_gaussian_s() -> None:
    work = small_work()
    classes = Classes.of(work)
    found = Discriminant.of(work.train.vectors, classes.shares(work.train), 0.1)
    seen = found.second.of(one_length(found.first.of(work.test.vectors))) @ found.axes
    expected = norm.logpdf(seen[:, None], found.means, np.sqrt(found.variances)).sum(axis=2)
    difference = found.log_likelihood(work.test.vectors) - expected
    np.testing.assert_allclose(difference - difference[:, :1], 0, atol=1e-3)


def test_few_images_are_trusted_less() -> None:
    """A class of many images is narrower than one of few, in every direction."""
    work = small_work()
    classes = Classes.of(work)
    found = Discriminant.of(work.train.vectors, classes.shares(work.train), 0.1)
    counts = classes.shares(work.train).sum(axis=0)
    many, few = int(counts.argmax()), int(counts.argmin())
    assert (found.variances[many] < found.variances[few]).all()
    assert np.linalg.norm(found.means[few]) < np.linalg.norm(found.means[many]) * 3


def test_the_projection_finds_kinds_that_it_was_not_fitted_on() -> None:
    draw = np.random.default_rng(0)
    texts = unit(draw.normal(size=(300, 8)).astype(np.float32))
    mix = draw.normal(size=(8, 40))
    kinds = np.repeat(np.arange(150), 12)
    raw = (texts[kinds] @ mix + 0.3 * draw.normal(size=(len(kinds), 40))).astype(np.float32)
    found = join(raw, kinds, texts)
    assert found.strength in STRENGTHS and found.found > 0.8
    fresh = np.repeat(np.arange(150, 300), 2)
    unseen = (texts[fresh] @ mix + 0.3 * draw.normal(size=(len(fresh), 40))).astype(np.float32)
    vectors = found(unseen)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    near = (vectors @ texts.T).argsort(axis=1)[:, -10:]
    assert np.mean([row in some for row, some in zip(fresh, near, strict=True)]) > 0.8
