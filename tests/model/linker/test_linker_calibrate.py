"""Calibration: known bounds, recovered weights, honest tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit, logit

from depicts_model.linker.calibrate import (
    Calibrator,
    ece,
    ece_by_chance,
    fit_calibrator,
    lower_bound,
    reliability_table,
)

from .world import steady


def test_lower_bound_of_known_cases() -> None:
    # All right: the bound is alpha^(1/n). Else by its definition: were the share the bound,
    # so many right or more would come up one time in twenty.
    assert lower_bound(0, 10) == 0.0
    assert lower_bound(10, 10) == pytest.approx(0.05 ** (1 / 10))
    assert lower_bound(14, 14) == pytest.approx(0.8074, abs=1e-4)
    assert lower_bound(13, 13) < 0.8
    for right, shown in ((29, 30), (45, 50), (3, 9)):
        bound = lower_bound(right, shown)
        assert stats.binom.sf(right - 1, shown, bound) == pytest.approx(0.05)


def test_fit_recovers_the_weights_that_made_the_data() -> None:
    rng = np.random.default_rng(0)
    mass, near = rng.beta(0.6, 0.6, 20_000), rng.uniform(-1, 1, 20_000)
    truth = expit(-0.5 + 0.8 * logit(np.clip(mass, 1e-6, 1 - 1e-6)) + 1.5 * near)
    correct = rng.random(20_000) < truth
    found = fit_calibrator(mass, {"nearness": near}, correct)
    assert found.bias == pytest.approx(-0.5, abs=0.1)
    assert found.mass == pytest.approx(0.8, abs=0.1)
    assert found.features["nearness"] == pytest.approx(1.5, abs=0.15)
    shown = found.confidence(mass[:, None], {"nearness": near[:, None]})[:, 0]
    assert ece(shown, correct) < 0.02


def test_no_weight_on_evidence_is_negative_even_where_the_data_say_so() -> None:
    rng = np.random.default_rng(0)
    mass, near = rng.random(2000), rng.random(2000)
    found = fit_calibrator(mass, {"nearness": near}, rng.random(2000) > (mass + near) / 2)
    assert found.mass == 0 and found.features["nearness"] == 0
    with pytest.raises(ValueError, match="at least 0"):
        Calibrator(0.0, -1.0)
    with pytest.raises(ValueError, match="finite"):
        Calibrator(float("nan"), 1.0)


def test_images_like_nothing_known_are_held_back() -> None:
    """Noise has as much mass on its top item as photos have, but is near to nothing."""
    rng = np.random.default_rng(4)
    mass = rng.uniform(0.5, 1.0, 2000)
    noise = np.arange(2000) < 600
    near = np.where(noise, rng.normal(0.2, 0.03, 2000), rng.normal(0.5, 0.05, 2000))
    correct = ~noise & (rng.random(2000) < mass)
    found = fit_calibrator(mass, {"nearness": near}, correct)
    high = np.full((2, 1), 0.9)
    on_noise, on_photo = found.confidence(high, {"nearness": np.array([[0.2], [0.5]])})[:, 0]
    assert on_noise < 0.1 < 0.7 < on_photo


def test_a_feature_that_never_varies_weighs_nothing() -> None:
    rng = np.random.default_rng(1)
    mass = rng.random(500)
    one = 1 + 1e-8 * rng.normal(size=500)
    found = fit_calibrator(mass, {"agreement": one}, rng.random(500) < mass)
    assert found.features["agreement"] == 0 and found.mass > 0


def test_calibration_needs_both_outcomes() -> None:
    for outcome in (True, False):
        with pytest.raises(ValueError, match=r"none of 2 pairs"):
            fit_calibrator(np.array([0.5, 0.6]), {}, np.array([outcome, outcome]))


@steady
@given(st.floats(-3, 3), st.floats(0, 3), st.floats(0, 3), st.floats(0, 1), st.floats(0, 1))
def test_more_evidence_never_lowers_a_confidence(
    bias: float, weight: float, near: float, low: float, high: float
) -> None:
    low, high = min(low, high), max(low, high)
    rule = Calibrator(bias, weight, {"nearness": near})
    mass = np.array([[low, high]])
    for value in (0.0, 0.5):
        confidence = rule.confidence(mass, {"nearness": np.array([[value]])})[0]
        assert 0 <= confidence[0] <= confidence[1] <= 1


def test_reliability_table_and_ece_of_a_known_case() -> None:
    rows = reliability_table([0.05, 0.85, 0.85, 1.0], [False, True, False, True])
    assert [(r.low, r.count, r.precision) for r in rows] == [(0, 1, 0), (0.8, 2, 0.5), (0.9, 1, 1)]
    expected = (1 * 0.05 + 2 * 0.35 + 0) / 4
    assert ece([0.05, 0.85, 0.85, 1.0], [False, True, False, True]) == pytest.approx(expected)
    assert ece([], []) == 0


def test_chance_alone_makes_an_error_that_falls_with_the_number_of_suggestions() -> None:
    """One bin of n at 0.5: the mean distance of a binomial share from it is √(1 / (2 π n))."""
    for n in (100, 400):
        mean, most = ece_by_chance([0.5] * n, draws=4000)
        assert mean == pytest.approx((2 * np.pi * n) ** -0.5, rel=0.05)
        assert most == pytest.approx(1.96 * 0.5 / n**0.5, rel=0.1)
    heavy, _ = ece_by_chance([0.5] * 400, [100.0, *[1e-9] * 399])
    assert heavy == pytest.approx(0.5, abs=1e-3), "one image with all the weight tells as one"
    assert ece_by_chance([]) == (0, 0)
