"""The head of the ranking is that of a full stable sort; and log-odds are what they are called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit

from depicts_model.linker.odds import log_odds, probability
from depicts_model.linker.ranking import most_probable

from .world import steady

# few different values: ties within the head, at its end, and of all
TIED = arrays(np.float64, st.integers(1, 40), elements=st.sampled_from([0.0, 0.1, 0.25, 0.5]))


@steady
@given(TIED, st.integers(1, 45))
def test_the_head_is_that_of_a_full_stable_sort(p: np.ndarray, most: int) -> None:
    assert most_probable(p, most).tolist() == np.argsort(-p, kind="stable")[:most].tolist()


def test_log_odds_and_back() -> None:
    p = np.concatenate([[1e-6, 1 - 1e-6], np.random.default_rng(0).uniform(1e-6, 1 - 1e-6, 999)])
    assert np.allclose(log_odds(p), logit(p), rtol=1e-13, atol=1e-13)
    assert np.allclose(probability(logit(p)), p, rtol=1e-13)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 1000])
def test_a_number_alone_gets_the_bits_that_it_gets_among_others(size: int) -> None:
    x = np.random.default_rng(1).normal(0, 9, size)
    assert probability(x).tolist() == [float(probability(np.array([one]))[0]) for one in x]


def test_odds_beyond_all_bounds_are_certain_and_warn_of_nothing() -> None:
    x = np.array([-np.inf, -1e5, 0, 1e5, np.inf])
    assert np.allclose(probability(x), expit(x), rtol=0, atol=1e-300)
