"""Laws of the roll-up's two forms, on graphs large enough for both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import softmax

from depicts_model.linker.rollup import RollUp

from .world import steady


def _graph(seed: int, size: int) -> tuple[list[list[int]], NDArray[np.float64]]:
    """Parents of random numbers below each node's own; closure as a dense (A, A) matrix."""
    rng = np.random.default_rng(seed)
    parents: list[list[int]] = [[]]
    closure = np.eye(size)
    for node in range(1, size):
        parents.append(sorted({*rng.integers(0, node, rng.integers(0, 3)).tolist()}))
        for parent in parents[node]:
            closure[:, node] = np.maximum(closure[:, node], closure[:, parent])
    return parents, closure


@pytest.mark.parametrize("spread", [0.0, 0.5, 5.0, 15.0, 60.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_forms_equal_the_slow_definition(seed: int, spread: float) -> None:
    parents, closure = _graph(seed, 600)
    rng = np.random.default_rng(seed)
    items = np.sort(rng.choice(600, 400, replace=False))
    sums = RollUp.over(sparse.csr_array(closure[:, items]), items, parents)
    p = softmax(rng.normal(0, spread, len(items)))
    slow = closure[:, items] @ p
    assert np.allclose(sums.masses(p), slow, rtol=0, atol=2e-9)
    assert np.allclose(sums._flat(p), slow, rtol=0, atol=1e-12)
    assert np.allclose(sums._peaked(p, p > 0), slow, rtol=0, atol=1e-12)
    assert sums.masses(p).tobytes() == sums.masses(p.copy()).tobytes()
    assert sums.masses(p).min() >= 0 and sums.masses(p).max() <= 1


@steady
@given(st.integers(0, 9999), st.integers(2, 60), st.floats(0, 30), st.data())
def test_more_evidence_for_an_item_lowers_nothing_above_it(
    seed: int, size: int, more: float, data: st.DataObject
) -> None:
    parents, closure = _graph(seed, size)
    sums = RollUp.over(sparse.csr_array(closure), np.arange(size), parents)
    logits = np.random.default_rng(seed).normal(0, 4, size)
    item = data.draw(st.integers(0, size - 1))
    before = sums.masses(softmax(logits))
    logits[item] += more
    after = sums.masses(softmax(logits))
    above = closure[:, item] > 0
    # both forms are exact to 1e-9, and scores may move from one to the other
    assert (after[above] >= before[above] - 2e-9).all()
    for node, line in enumerate(parents):
        assert all(after[parent] >= after[node] - 2e-9 for parent in line)


def test_peaked_scores_add_few_items() -> None:
    """What is left out weighs no more than the bound says, and something is left out."""
    parents, closure = _graph(5, 600)
    sums = RollUp.over(sparse.csr_array(closure), np.arange(600), parents)
    p = softmax(np.random.default_rng(5).normal(0, 40, 600))
    lost = closure @ p - sums.masses(p)
    assert 0 < abs(lost).max() <= 1e-9
