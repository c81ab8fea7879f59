"""Images of nothing: the same in every run, all different, and of no weight by being many."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

from depicts_model.linker.items import ItemTable
from depicts_model.linker.retraining import nothing
from depicts_model.linker.retraining.fitting import judged_of
from depicts_model.linker.retraining.lessons import HOLDOUT, THRESHOLDS
from depicts_model.types import Qid

LEARNT, OTHER = Qid("Q1"), Qid("Q2")


def test_they_are_the_same_in_every_run_and_none_is_another() -> None:
    some = nothing.images(HOLDOUT, 12)
    assert some == nothing.images(HOLDOUT, 12) and len({*some}) == 12
    assert not {*some} & {*nothing.images(THRESHOLDS, 12)}, "what chose does not judge"
    assert {Image.open(io.BytesIO(one)).size for one in some} == {(nothing.SIDE, nothing.SIDE)}


def test_of_few_images_so_many_go_beside_that_their_share_can_be_told() -> None:
    assert nothing.beside(30) == nothing.FEWEST == 60 and nothing.beside(1_000) == 100


def test_they_weigh_a_tenth_and_strangers_as_much_as_what_is_learnt() -> None:
    truths = [frozenset({LEARNT})] * 8 + [frozenset({OTHER})] * 2
    lessons: Any = SimpleNamespace(items=lambda _: truths, rows=lambda _: np.arange(10))
    items = ItemTable(
        (LEARNT, OTHER),
        np.eye(2, 3, dtype=np.float32),
        np.zeros(2, np.float32),
        np.array([True, False]),
        np.array([8, 0], np.int32),
    )
    vectors = np.ones((10, 3), np.float32)
    found = judged_of(lessons, vectors, items, HOLDOUT, np.zeros((60, 3), np.float32))
    assert found.truths[10:] == (frozenset(),) * 60 and not found.vectors[10:].any()
    learnt, strangers, made = (
        float(found.weights[a:b].sum()) for a, b in ((0, 8), (8, 10), (10, 70))
    )
    assert np.allclose([learnt, strangers, made], [5, 5, 1])
