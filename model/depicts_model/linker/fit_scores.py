"""Fits the weights of an item's score on judged images, and keeps only the terms that pay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import log_softmax, logsumexp

from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged
from depicts_model.linker.score import Scorer, Weights

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Column = Floats | Singles
GAIN: Final = 0.01
"""Share of the cross-entropy that a term has to save on images that did not fit it."""
START: Final = 20.0
"""Logit scale that the search starts from."""
CHUNK: Final = 64
"""Images whose logits are in memory at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """Images of known items, with the values of the terms."""

    scorer: Scorer
    cosines: Singles
    """(n, N); single floats, as it is what takes the memory."""
    prototype: Singles | None
    """(n, N), cosines to prototypes; 1 for items without one."""
    right: tuple[list[int], ...]
    """Of each image the rows of the items that are right."""
    share: Floats
    """(n,), sums to 1."""

    @classmethod
    def of(cls, scorer: Scorer, items: ItemTable, judged: Judged) -> _Lesson:
        row_of = {qid: row for row, qid in enumerate(items.qids) if items.known[row]}
        rows = [[row_of[qid] for qid in truth if qid in row_of] for truth in judged.truths]
        known = [at for at, some in enumerate(rows) if some]
        images, share = judged.vectors[known], judged.weights[known]
        prototype = None
        if scorer.prototypes is not None:
            some = scorer.prototypes
            prototype = _singles(images, len(some), lambda part: scorer.looks(part, some))
            prototype[:, ~some.any(axis=1)] = 1
        cosines = _singles(images, len(scorer.vectors), scorer.cosines)
        right = tuple(rows[at] for at in known)
        return cls(scorer, cosines, prototype, right, share / share.sum())

    def columns(self) -> list[Column]:
        """Each variable's derivative of the logits: (n, N) or (N,)."""
        found: list[Column] = [self.cosines, self.scorer.log_prior]
        if self.scorer.hub is not None:
            found.append(-self.scorer.hub)
        if self.prototype is not None and self.scorer.prototypes is not None:
            gone = ~self.scorer.prototypes.any(axis=1)
            # the second variable is how much less a missing prototype weighs than one that is met
            found += [self.prototype, np.where(gone, -1.0, 0.0)]
        return found

    def loss(self, x: Floats, columns: Sequence[Column]) -> tuple[float, Floats]:
        """Cross-entropy of what is right, -log of its summed softmax, and its slope."""
        loss, slope = 0.0, np.zeros(len(columns))
        for start in range(0, len(self.share), CHUNK):
            part = slice(start, start + CHUNK)
            some = [c if c.ndim == 1 else c[part].astype(np.float64) for c in columns]
            more, steeper = self._loss(x, some, part)
            loss, slope = loss + more, slope + steeper
        return loss, slope

    def _loss(self, x: Floats, columns: Sequence[Column], part: slice) -> tuple[float, Floats]:
        """Of some of the images."""
        share = self.share[part]
        right = np.zeros((len(share), self.cosines.shape[1]), dtype=bool)
        for line, rows in zip(right, self.right[part], strict=True):
            line[rows] = True
        logits = sum((v * c for v, c in zip(x, columns, strict=True)), np.zeros(right.shape))
        logs = log_softmax(logits, axis=1)
        true = np.where(right, logs, -np.inf)
        found = logsumexp(true, axis=1)
        pull = share[:, None] * (np.exp(logs) - np.exp(true - found[:, None]))
        slope = np.array([float((pull * column).sum()) for column in columns])
        return float(-(share * found).sum()), slope


def _singles(
    images: NDArray[np.float32], count: int, cosines: Callable[[NDArray[np.float32]], Floats]
) -> Singles:
    """(n, count) single floats; the double ones are of `CHUNK` images at a time."""
    found = np.empty((len(images), count), dtype=np.float32)
    for start in range(0, len(images), CHUNK):
        found[start : start + CHUNK] = cosines(images[start : start + CHUNK])
    return found


Terms = Mapping[str, Any]
"""Fields of `Scorer` by name that come together: a hubness, prototypes, prototypes whitened."""


def fit_scorer(
    scorer: Scorer, more: Sequence[Terms], items: ItemTable, fit: Judged, held: Judged
) -> Scorer:
    """The weights of least cross-entropy on the photos of ``fit`` that show known items.

    Each of ``more`` is tried in turn on top of what stayed before, and stays only where it saves
    `GAIN` of the cross-entropy on ``held``.
    """
    best, least = _tried(scorer, items, fit, held)
    for terms in more:
        other, loss = _tried(replace(best, **terms), items, fit, held)
        if loss < (1 - GAIN) * least:
            best, least = other, loss
    return best


def _tried(scorer: Scorer, items: ItemTable, fit: Judged, held: Judged) -> tuple[Scorer, float]:
    """The scorer fitted, and its cross-entropy on what did not fit it.

    What one set of images takes is given back before the other is looked at.
    """
    x = _found(_Lesson.of(scorer, items, fit))
    test = _Lesson.of(scorer, items, held)
    weights = _weights(x.tolist(), scorer)
    return replace(scorer, weights=weights), test.loss(x, test.columns())[0]


def _found(lesson: _Lesson) -> Floats:
    """The variables of least loss, in the order of the lesson's columns."""
    columns = lesson.columns()
    start = np.array([START, 0.5, *[0.0] * (len(columns) - 2)])
    # the loss of the fit of the vectors adds the prior once already: at most 1 here
    bounds: list[tuple[float | None, float | None]] = [(1.0, 1e3), (0.0, 1.0)]
    bounds += [(0.0, None)] * (len(columns) - 2)
    found: Floats = optimize.minimize(
        lesson.loss, start, args=(columns,), jac=True, method="L-BFGS-B", bounds=bounds
    ).x
    if lesson.scorer.hub is not None:
        # α is this variable by the scale and at most 1: held so, it is also judged so
        found[2] = min(found[2], found[0])
    return found


def _weights(x: list[float], scorer: Scorer) -> Weights:
    scale, prior, *rest = x
    hub = rest.pop(0) / scale if scorer.hub is not None else 0.0
    prototype, less = rest if scorer.prototypes is not None else (0.0, 0.0)
    without = prototype - less
    return Weights(scale, prior, min(hub, 1.0), prototype, without, scorer.weights.votes)
