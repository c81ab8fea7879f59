"""kNN: votes checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depicts_model.linker.experiments import knn
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.work import Part, Work

from .promises import every_trial_fits, holds
from .works import small_work, unit


def test_knn_is_blind_steady_and_better_than_chance() -> None:
    holds(knn.SYSTEM)


def test_every_trial_fits() -> None:
    every_trial_fits(knn.SYSTEM)


def on_a_circle(degrees: list[float], rows: list[int]) -> Part:
    angle = np.radians(degrees)
    vectors = unit(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    truths = tuple((frozenset({row}),) for row in rows)
    return Part(vectors, vectors, truths, tuple(str(row) for row in rows))


def circle() -> tuple[Work, Part]:
    """Items 0, 1, 2 on a circle around the question at 0 degrees; item 3 has words alone."""
    train = on_a_circle([10, -20, 30, 80], [0, 1, 1, 2])
    work = small_work(kinds=4, unseen=0, dim=2)
    return replace(work, train=train), on_a_circle([0], [0])


def votes(neighbours: int, temperature: float) -> np.ndarray:
    work, question = circle()
    fitted = knn.fit(work, knn.Knobs(neighbours, temperature), Clock())
    found: np.ndarray = fitted.scores(question)[0]
    return found


def test_the_nearest_alone_decides_when_it_alone_is_asked() -> None:
    assert votes(1, 0.1).argmax() == 0


def test_two_further_votes_outweigh_one_nearer_when_the_temperature_is_high() -> None:
    found = votes(3, 10.0)
    weight = np.exp((np.cos(np.radians([10, 20, 30])) - np.cos(np.radians(10))) / 10)
    assert found.argmax() == 1
    assert np.isclose(found[1] - found[0], weight[1] + weight[2] - weight[0], atol=1e-4)


def test_a_low_temperature_lets_the_nearest_outweigh_two() -> None:
    assert votes(3, 0.01).argmax() == 0


def test_a_class_without_a_vote_follows_those_with_and_goes_before_the_unseen() -> None:
    assert np.argsort(-votes(2, 0.1)).tolist() == [0, 1, 2, 3]


def test_more_neighbours_than_images_are_all_images() -> None:
    np.testing.assert_array_equal(votes(4, 0.1), votes(400, 0.1))
