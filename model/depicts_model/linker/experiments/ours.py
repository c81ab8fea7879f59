"""ours: whitened prototypes, a full-vocabulary head and a discriminant, with one prior.

    ℓ_e = τ_p x̂·p_e + τ_h x̂·w_e + log N(x | e) / T + λ log π_e,   x̂ = norm((z - c) W)

W whitens by the within-class covariance of the training part and of the photos that the projection
was fitted on: items of E, which are no answers here (the trial in linking.md does so too). p_e is
the mean of e's training images there. w_e starts at p_e and learns by the full softmax over all
classes (`linker.learnt`); N(x | e) is PLDA's (`plda`). All of it takes a second.

What no training image shows is told by words alone, and shares the probability that Good and Turing
leave for it: as many images as there are items of one image.

The recipe is linking.md's section 5. Tried there and here without any gain: soft targets for
parents, text-initialised weights, leaning on text or parents in the means, votes of neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from depicts_model.linker.experiments.classes import Classes
from depicts_model.linker.experiments.plda import Discriminant
from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.whitening import Whitening, class_means, within_class
from depicts_model.linker.experiments.work import Part, Work
from depicts_model.linker.learnt import Lesson, learn
from depicts_model.linker.score import unit

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Knobs:
    """One choice for all settings; a weight of 0 leaves a part out."""

    prior: float = 1.5
    """λ."""
    prototype: float = 15.0
    """τ_p."""
    head: float = 12.0
    """τ_h."""
    likelihood: float = 0.5
    """1 / T."""
    shrink: float = 0.1
    """Of the within-class covariance towards a sphere; 1 is no whitening."""
    adjust: float = 0.5
    """Weight of log π while the head learns."""
    hold: float = 1e-3
    """Penalty on the head's way from the prototypes."""
    steps: int = 40
    """Of L-BFGS."""
    others: bool = True
    """Whether the spread within the classes is known from items of E too."""
    words: float = 10.0
    """Sharpness of the words' cosines, for what no training image shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """All parts after their fit."""

    classes: Classes
    view: Whitening
    prototypes: Scores
    """(C, d), unit rows."""
    head: Scores
    """(C, d), unit rows."""
    discriminant: Discriminant
    log_prior: NDArray[np.float64]
    """(C,)."""
    unseen: float
    """Probability of what no training image shows."""
    knobs: Knobs
    sharpness: float = 1.0
    """Of the softmax; fitted on the validation part, it changes no ranking of what is known."""

    def known(self, part: Part) -> NDArray[np.float64]:
        """Logits (n, C) of the classes."""
        seen = unit(self.view.of(part.vectors))
        knobs = self.knobs
        logits: NDArray[np.float64] = (
            knobs.prototype * seen @ self.prototypes.T.astype(np.float64)
            + knobs.head * seen @ self.head.T.astype(np.float64)
            + knobs.prior * self.log_prior
        )
        if knobs.likelihood:
            logits += knobs.likelihood * self.discriminant.log_likelihood(part.vectors)
        return logits

    def log_probabilities(self, part: Part) -> Scores:
        """(n, N): of every candidate; the exponentials of a row sum to 1."""
        words = self.knobs.words * part.vectors @ self.classes.texts.T
        words[:, self.classes.rows] = -np.inf
        result = log_softmax(words, axis=1) + np.float32(np.log(self.unseen))
        known = log_softmax(self.sharpness * self.known(part), axis=1)
        result[:, self.classes.rows] = known + np.log1p(-self.unseen)
        told: Scores = result.astype(np.float32)
        return told

    def scores(self, part: Part) -> Scores:
        """(n, N): log-probabilities."""
        return self.log_probabilities(part)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Fitted:
    """Fit all parts on the training part, the softmax's sharpness on the validation part."""
    classes = Classes.of(work)
    vectors, shares = work.train.vectors, classes.shares(work.train)
    others = work.spread if knobs.others else None
    view = within_class(vectors, shares, knobs.shrink, others)
    means = class_means(view.of(vectors), shares)
    counts = shares.sum(axis=0)
    log_prior = np.log(counts / counts.sum()).astype(np.float64)
    start = unit(means.astype(np.float32))
    fitted = Fitted(
        classes=classes,
        view=view,
        prototypes=start,
        head=start
        if not knobs.head
        else learn(start, unit(view.of(vectors)), shares, log_prior, _lesson(knobs), clock.up),
        discriminant=Discriminant.of(vectors, shares, knobs.shrink, others),
        log_prior=log_prior,
        unseen=_unseen(work),
        knobs=knobs,
    )
    return _sharpened(fitted, work.val)


def _lesson(knobs: Knobs) -> Lesson:
    return Lesson(knobs.head, knobs.adjust, knobs.hold, knobs.steps)


def _unseen(work: Work) -> float:
    """Good and Turing's estimate (Good 1953): items of one image, by images; at least one image."""
    once = int((work.uses() == 1).sum())
    return min(max(once, 1) / len(work.train), 0.5)


def _sharpened(fitted: Fitted, part: Part) -> Fitted:
    """With the sharpness of the least cross entropy on ``part``, from 1/30 to 3."""
    shares, logits = fitted.classes.shares(part), fitted.known(part)

    def loss(log_sharpness: float) -> float:
        told = log_softmax(np.exp(log_sharpness) * logits, axis=1)
        return -float((shares * told).sum())

    found = minimize_scalar(loss, bounds=(np.log(1 / 30), np.log(3)), method="bounded")
    return replace(fitted, sharpness=float(np.exp(found.x)))


SYSTEM: Final = System(
    name="ours",
    family="ours",
    source="this project; linking.md, section 5",
    fit=fit,
    knobs=Knobs(),
    space={
        "prior": (0.75, 1.0, 1.5, 2.0),
        "prototype": (10.0, 15.0, 20.0),
        "head": (8.0, 12.0, 16.0),
        "likelihood": (0.3, 0.5, 0.7),
        "shrink": (0.1, 0.2, 0.3),
        "adjust": (0.3, 0.5, 1.0),
        "hold": (1e-4, 1e-3, 1e-2),
    },
)
ABLATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "without whitening": {"shrink": 1.0},
    "without the spread of other items": {"others": False},
    "without the prior": {"prior": 0.0, "adjust": 0.0},
    "without prototypes": {"prototype": 0.0},
    "without the head": {"head": 0.0},
    "without the discriminant": {"likelihood": 0.0},
}
"""Each ingredient off in turn: a name to the knobs that do it."""
