"""Figures label by label, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.linker.label_metrics import label_figures, roc_auc

# four images, two labels
SCORES = np.array([[0.9, 0.2], [0.8, 0.6], [0.3, 0.7], [0.1, 0.9]])
RIGHT = np.array([[True, False], [False, False], [True, True], [False, True]])


def test_precision_and_recall_by_hand() -> None:
    found = label_figures(SCORES, RIGHT, SCORES > 0.5)
    assert found.precision.tolist() == [1 / 2, 2 / 3]
    assert found.recall.tolist() == [1 / 2, 1]
    assert found.micro["precision"] == 3 / 5
    assert found.micro["recall"] == 3 / 4
    assert found.macro["precision"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert found.macro["recall"] == 3 / 4


def test_the_area_below_the_curve_by_hand() -> None:
    """Label 0: of the pairs (.9 .3) × (.8 .1) three are in order; label 1: all."""
    found = label_figures(SCORES, RIGHT, SCORES > 0.5)
    assert found.auc.tolist() == [3 / 4, 1]
    assert found.macro["auc"] == 7 / 8
    # all eight: right .9 .3 .7 .9, wrong .2 .8 .6 .1: but .3 below .8 and .6, .7 below .8
    assert found.micro["auc"] == 13 / 16


def test_a_tie_counts_half() -> None:
    assert roc_auc(np.array([[0.5], [0.5]]), np.array([[True], [False]])).tolist() == [0.5]


def test_what_is_not_defined_is_no_number_and_no_part_of_the_mean() -> None:
    right = np.array([[True, False], [False, False]])
    found = label_figures(np.array([[0.9, 0.1], [0.1, 0.1]]), right, right)
    assert found.precision[0] == found.recall[0] == found.auc[0] == 1
    assert np.isnan([found.precision[1], found.recall[1], found.auc[1]]).all()
    assert found.macro == {"precision": 1, "recall": 1, "auc": 1}
    nothing = label_figures(np.zeros((1, 1)), np.zeros((1, 1), bool), np.zeros((1, 1), bool))
    assert np.isnan([*nothing.micro.values(), *nothing.macro.values()]).all()


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        label_figures(SCORES, RIGHT[:3], RIGHT)
    with pytest.raises(ValueError, match="not a number"):
        label_figures(np.full((4, 2), np.nan), RIGHT, RIGHT)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=12))
def test_the_area_is_the_share_of_pairs_in_order(pairs: list[tuple[int, bool]]) -> None:
    good = [score for score, right in pairs if right]
    bad = [score for score, right in pairs if not right]
    scores, right = (np.array([list(values)]).T for values in zip(*pairs, strict=True))
    (found,) = roc_auc(scores.astype(float), right)
    if not good or not bad:
        assert np.isnan(found)
    else:
        wins = sum((g > b) + (g == b) / 2 for g in good for b in bad)
        assert found == pytest.approx(wins / len(good) / len(bad))
