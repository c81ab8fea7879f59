"""Prototypes learn by the slope of their loss, held where they started."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax

from depicts_model.linker import learnt
from depicts_model.linker.items import ItemTable
from depicts_model.linker.learnt import Lesson, learn
from depicts_model.linker.looks import looks
from depicts_model.linker.score import unit
from depicts_model.types import Qid

DRAW = np.random.default_rng(3)
START = unit(DRAW.normal(size=(5, 6)).astype(np.float32))
KINDS = np.repeat(np.arange(5), [20, 10, 5, 3, 2])
IMAGES = unit((START[KINDS] + 0.8 * DRAW.normal(size=(40, 6))).astype(np.float32))
SHARES = np.eye(5)[KINDS]
PRIOR = np.log(SHARES.mean(axis=0))


def loss(weights: np.ndarray, lesson: Lesson) -> float:
    """The formula of the module, literally."""
    even = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    logits = lesson.scale * IMAGES @ even.T + lesson.adjust * PRIOR
    found = -(SHARES * log_softmax(logits, axis=1)).sum() / len(IMAGES)
    return float(found + lesson.hold * ((weights - START) ** 2).sum())


def test_the_course_ends_where_no_step_helps() -> None:
    lesson = Lesson(hold=0.05, steps=500)
    found = learn(START, IMAGES, SHARES, PRIOR, lesson)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    least = min(loss(found * size, lesson) for size in np.linspace(0.9, 1.3, 9)[:, None, None])
    assert least < loss(START, lesson)
    for _ in range(50):
        beside = unit(found + 0.05 * DRAW.normal(size=found.shape).astype(np.float32))
        assert loss(beside, lesson) > least - 1e-3


def test_a_heavy_hand_holds_them() -> None:
    held = learn(START, IMAGES, SHARES, PRIOR, Lesson(hold=1e4))
    np.testing.assert_allclose(held, START, atol=1e-3)


def test_no_step_is_the_start_and_a_stop_is_heard() -> None:
    free = learn(START, IMAGES, SHARES, PRIOR, Lesson())
    assert np.abs(free - START).max() > 0.05
    stopped = learn(START, IMAGES, SHARES, PRIOR, Lesson(), stop=lambda: True)
    assert np.abs(stopped - free).max() > 1e-3


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learn(START, IMAGES, SHARES, PRIOR, Lesson())
    monkeypatch.setattr(learnt, "CHUNK", 7)
    np.testing.assert_allclose(learn(START, IMAGES, SHARES, PRIOR, Lesson()), whole, atol=5e-3)


def _table() -> ItemTable:
    counts = np.bincount(KINDS, minlength=7).astype(np.int32)
    return ItemTable(
        qids=tuple(Qid(f"Q{n}") for n in range(10, 17)),
        vectors=unit(DRAW.normal(size=(7, 6)).astype(np.float32)),
        log_prior=np.log((counts + 1) / (counts + 1).sum()).astype(np.float32),
        known=counts > 0,
        n_train=counts,
    )


def test_people_have_no_looks_and_the_unseen_have_none() -> None:
    rows, table = np.arange(7), _table()
    qids = table.qids
    truths = [frozenset({qids[kind]}) for kind in KINDS]
    found = looks(table, IMAGES, truths, people={qids[0]})
    assert [sorted(terms) for terms in found] == [
        ["hub"],
        ["prototypes"],
        ["prototypes", "whitening"],
        ["prototypes", "whitening"],
    ]
    for terms in found[1:]:
        there = terms["prototypes"].any(axis=1)
        assert there.tolist() == [row in (1, 2, 3, 4) for row in rows]
    alone = looks(table, IMAGES[20:21], truths[20:21], people=())
    assert len(alone) == 2


def test_hubness_is_of_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    table = _table()
    seen: list[Any] = []

    def counting(vectors: Any, images: Any) -> Any:
        seen.append(images)
        return np.zeros(len(vectors))

    monkeypatch.setattr("depicts_model.linker.looks.hubness", counting)
    monkeypatch.setattr("depicts_model.linker.looks.HUB_IMAGES", 10)
    for some in (IMAGES[:10], IMAGES, IMAGES):
        looks(table, some, [frozenset[Qid]()] * len(some), people=())
    few, drawn, again = seen
    assert (few == IMAGES[:10]).all()
    assert (drawn == again).all() and len({*map(bytes, drawn)}) == 10
    assert {*map(bytes, drawn)} < {*map(bytes, IMAGES)}
