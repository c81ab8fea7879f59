"""Figures label by label, where each image is asked about each label: precision, recall, ROC AUC.

As the EPFL's topic models are judged. Micro: over all pairs of image and label; macro: the mean
over the labels for which the figure is defined. A figure that is not is NaN: the precision of a
label that is never given, the recall of one that no image has, the AUC of one that all or none
have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LabelFigures:
    """Precision, recall and ROC AUC of L labels, each (L,), and of all together."""

    precision: Floats
    recall: Floats
    auc: Floats
    micro: dict[str, float]
    """By ``precision``, ``recall``, ``auc``."""
    macro: dict[str, float]


def label_figures(scores: Floats, right: Mask, given: Mask) -> LabelFigures:
    """Judge scores (n, L) and what is given on them, (n, L), by what is right, (n, L).

    Scores of one label are compared with each other, and for the micro AUC with those of all
    labels too. Raises ValueError where the shapes differ or a score is no number.
    """
    if not scores.shape == right.shape == given.shape:
        raise ValueError(f"shapes differ: {scores.shape}, {right.shape}, {given.shape}")
    if np.isnan(scores).any():
        raise ValueError("a score is not a number")
    both = right & given
    precision = _share(both.sum(axis=0), given.sum(axis=0))
    recall = _share(both.sum(axis=0), right.sum(axis=0))
    auc = roc_auc(scores, right)
    micro = {
        "precision": float(_share(both.sum(), given.sum())),
        "recall": float(_share(both.sum(), right.sum())),
        "auc": float(roc_auc(scores.reshape(-1, 1), right.reshape(-1, 1))[0]),
    }
    each = {"precision": precision, "recall": recall, "auc": auc}
    return LabelFigures(**each, micro=micro, macro={k: _mean(v) for k, v in each.items()})


def roc_auc(scores: Floats, right: Mask) -> Floats:
    """(L,): the chance that an image with the label is scored above one without; ties count half.

    By the rank sum of Mann and Whitney, which is the area below the curve (Hanley, McNeil 1982).
    """
    ranks = stats.rankdata(scores, axis=0)
    with_it = right.sum(axis=0)
    without = len(right) - with_it
    above = (ranks * right).sum(axis=0) - with_it * (with_it + 1) / 2
    return _share(above, with_it * without)


def _share(part: NDArray[np.number], whole: NDArray[np.number]) -> Floats:
    """Element by element; NaN where there is nothing to have a share of."""
    shares: Floats = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return shares


def _mean(values: Floats) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")
