"""topics: which broad topics an image shows, asked topic by topic, as EPFL's classifier was.

Source: "Automated Categorization of Wikipedia Images" (EPFL and Wikimedia, 2022): a sigmoid head,
the full binary cross entropy, labels weighted by class; ROC AUC .87 micro on ten topics of ORES.
Here the head stands on the frozen vector, and the topics are made from the hierarchy: candidates
above what the training part shows, neither rare nor nearly everything, and no two nearly the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.work import Part, Rows, Work
from depicts_model.linker.label_metrics import LabelFigures, label_figures
from depicts_model.linker.logistic import Regression

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
FIGURES: Final = ("precision", "recall", "auc")


@dataclass(frozen=True, slots=True)
class Knobs:
    """What makes a topic, and how its head is fitted."""

    most: int = 20
    """Topics at most: those of the most images."""
    kinds: int = 5
    """Items with training images that a topic has below it, at least."""
    least: float = 0.02
    largest: float = 0.35
    """A topic's share of the training images lies between these."""
    overlap: float = 0.8
    """Of two topics no more of the images (of either) are the same."""
    ridge: float = 0.03
    """Penalty of a head; the vectors are scaled to variance 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """A weighted logistic regression for each of L topics."""

    topics: tuple[int, ...]
    """The candidates' rows."""
    centre: NDArray[np.float32]
    scale: float
    weights: Floats
    """(L, d + 1): the intercept first."""

    def probabilities(self, part: Part) -> Floats:
        """(n, L); of heads that were fitted as if every topic had half of the images."""
        x = (part.vectors - self.centre) / self.scale
        return np.asarray(expit(x @ self.weights[:, 1:].T + self.weights[:, 0]), dtype=np.float64)


def table(work: Work, clock: Clock, knobs: Knobs | None = None) -> list[dict[str, Any]]:
    """A row for each topic, judged on the test part, then ``micro`` and ``macro``.

    ``item``, ``images`` of the test part that show it, ``precision``, ``recall``, ``auc``: None
    where not defined. A topic is given from one half on. Empty where there are no topics.
    """
    heads = fit(work, knobs or Knobs(), clock)
    if not heads.topics:
        return []
    right = shown(work, work.test, heads.topics)
    found = heads.probabilities(work.test)
    return _rows(work, heads.topics, right, label_figures(found, right, found >= 0.5))


def fit(work: Work, knobs: Knobs, clock: Clock) -> Heads:
    """The heads of the training part; those that the clock leaves no time for say one half."""
    topics = chosen(work, knobs)
    right = shown(work, work.train, topics)
    vectors = work.train.vectors
    centre = vectors.mean(axis=0)
    scale = max(float(np.std(vectors - centre)), 1e-6)
    x = ((vectors - centre) / scale).astype(np.float64)
    weights = np.zeros((len(topics), x.shape[1] + 1))
    for at, row in enumerate(weights):
        if clock.up():
            break
        row[:] = _head(x, right[:, at], knobs.ridge)
    return Heads(topics, centre, scale, weights)


def _head(x: Floats, right: Mask, ridge: float) -> Floats:
    """Both answers weigh the same in all, however rare one is."""
    share = np.where(right, 0.5 / right.sum(), 0.5 / (~right).sum())
    width = x.shape[1] + 1
    return Regression(x, right, share, ridge).fit([0.0] * width, [(None, None)] * width)


def chosen(work: Work, knobs: Knobs) -> tuple[int, ...]:
    """The topics' rows, the one of the most training images first.

    Of those of the same images the one with the fewest candidates below it, and then the one of
    the lowest row, comes first; it keeps the others out.
    """
    kinds = np.flatnonzero(work.uses())
    below = _below(work)
    above = {a for kind in kinds.tolist() for a in _upward(work, kind)}
    sizes = {a: sum(a in _upward(work, kind) for kind in kinds.tolist()) for a in above}
    broad = sorted(a for a in above if sizes[a] >= knobs.kinds)
    images = shown(work, work.train, broad)
    share = images.mean(axis=0)
    order = np.lexsort((np.array(broad), below[broad], -images.sum(axis=0)))
    fitting = [at for at in order if knobs.least <= share[at] <= knobs.largest]
    return tuple(broad[at] for at in _apart(images, fitting, knobs)[: knobs.most])


def _apart(images: Mask, order: Sequence[int], knobs: Knobs) -> list[int]:
    """Those columns that are unlike all taken before them."""
    taken: list[int] = []
    for at in order:
        if all(_alike(images[:, at], images[:, other]) <= knobs.overlap for other in taken):
            taken.append(at)
    return taken


def _alike(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def shown(work: Work, part: Part, topics: Sequence[int]) -> Mask:
    """(n, L): whether something that the image shows is the topic or below it."""
    column = {row: at for at, row in enumerate(topics)}
    right = np.zeros((len(part), len(topics)), dtype=bool)
    for at, rows in enumerate(part.rows()):
        above = frozenset[int]().union(*(_upward(work, row) for row in rows))
        right[at, [column[row] for row in above & column.keys()]] = True
    return right


def _upward(work: Work, row: int) -> frozenset[int]:
    """A candidate and all above it that are candidates, by hops between candidates."""
    seen, waiting = {row}, [row]
    while waiting:
        fresh = set(work.parents[waiting.pop()]) - seen
        seen |= fresh
        waiting += fresh
    return frozenset(seen)


def _below(work: Work) -> Rows:
    """(N,): candidates at or below each."""
    counts = np.zeros(len(work.items), dtype=np.intp)
    for row in range(len(work.items)):
        counts[list(_upward(work, row))] += 1
    return counts


def _rows(
    work: Work, topics: Sequence[int], right: Mask, figures: LabelFigures
) -> list[dict[str, Any]]:
    each = [
        {
            "topic": work.labels[row],
            "item": str(work.items[row]),
            "images": int(right[:, at].sum()),
            **_told({name: float(getattr(figures, name)[at]) for name in FIGURES}),
        }
        for at, row in enumerate(topics)
    ]
    whole = {"item": "", "images": int(right.any(axis=1).sum())}
    micro = {"topic": "micro", **whole, **_told(figures.micro)}
    macro = {"topic": "macro", **whole, **_told(figures.macro)}
    return [*each, micro, macro]


def _told(figures: Mapping[str, float]) -> dict[str, float | None]:
    """Figures that are not defined are None: JSON has no other word for it."""
    return {name: None if math.isnan(value) else value for name, value in figures.items()}
