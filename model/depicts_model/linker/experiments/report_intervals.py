"""How sure the figures of display mode are: a bootstrap over images, of all seeds together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.bootstrap import Bootstrap, Interval, interval_of, share_of
from depicts_model.linker.display_metrics import Verdict
from depicts_model.linker.experiments.displayed import Displayed

Floats = NDArray[np.float64]
Files = Mapping[int, Sequence[str]]
"""Seed to the names of its test images, in their order."""
BINS: Final = 10
"""Of the calibration error, as `calibrate.ece` has them."""
COUNT, RIGHT, EXACT, GENERAL, BITS, ANY, IMAGE = range(7)
"""Columns of an image's sums; the bins follow."""
_SHARES: Final = {
    "precision": (RIGHT, COUNT),
    "exact": (EXACT, COUNT),
    "too general": (GENERAL, COUNT),
    "coverage": (ANY, IMAGE),
}


def intervals(some: Sequence[Displayed], files: Files) -> dict[str, Interval]:
    """`Displayed.figures` of one system and rule, on one or several seeds, by name.

    A figure is a ratio of means over images, so that an image is drawn with all that is shown for
    it. NaN where nothing is shown.
    """
    sums = np.concatenate([_sums(one) for one in some])
    names = [(file, one.seed) for one in some for file in files[one.seed]]
    boot = Bootstrap.over([file for file, _ in names], [seed for _, seed in names])
    mean, drawn = boot.mean(sums), boot.means(sums)
    totals = sums.sum(axis=0)
    found = {
        name: share_of(mean[part], mean[whole], drawn[:, [part, whole]], int(totals[whole]))
        for name, (part, whole) in _SHARES.items()
    }
    told = drawn[drawn[:, COUNT] > 0]
    if not mean[COUNT]:
        return found | dict.fromkeys(("ECE", "specificity"), found["precision"])
    found["ECE"] = interval_of(float(_error(mean[None])[0]), _error(told))
    bits = told[:, BITS] / told[:, COUNT]
    return found | {"specificity": interval_of(float(mean[BITS] / mean[COUNT]), bits)}


def _error(sums: Floats) -> Floats:
    """(k,): the calibration error of sums (k, columns)."""
    error: Floats = np.abs(sums[:, IMAGE + 1 :]).sum(axis=1) / sums[:, COUNT]
    return error


def _sums(one: Displayed) -> Floats:
    """(n, columns): what is shown for each image; of each bin confidence less what was right."""
    shown = one.shown
    right = shown.right().astype(np.float64)
    columns: list[NDArray[Any]] = [
        np.ones(len(right)),
        right,
        shown.verdict == Verdict.EXACT,
        shown.verdict == Verdict.TOO_GENERAL,
        one.specificity,
    ]
    found: list[NDArray[Any]] = [
        np.bincount(shown.image, column, minlength=shown.images) for column in columns
    ]
    found += [np.minimum(found[COUNT], 1), np.ones(shown.images)]
    which = np.minimum((shown.confidence * BINS).astype(int), BINS - 1)
    gap = shown.confidence - right
    for number in range(BINS):
        gaps = np.where(which == number, gap, 0.0)
        found.append(np.bincount(shown.image, gaps, minlength=shown.images))
    return np.column_stack(found)
