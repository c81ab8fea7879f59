"""Linear probe: multinomial logistic regression on the frozen vector, plain and whitened.

Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision"
(2021), section 3.2: L-BFGS on all images, the penalty chosen on validation. The whitened one sees
the vector after the within-class covariance is made a sphere: that of the training part, or pooled
with that of the items of E. A baseline of
every such comparison; the papers on Commons published none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import log_softmax

from depicts_model.linker.experiments.classes import Classes
from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.whitening import Whitening, within_class
from depicts_model.linker.experiments.work import Part, Work

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Knobs:
    """What trials may turn."""

    ridge: float = 0.003
    """The penalty ridge/2 · |W|² on top of the mean loss of an image; the bias goes free."""
    smoothing: float = 0.0
    """This share of every target is spread evenly over the classes."""
    shrink: float | None = None
    """How far the within-class covariance is shrunk before it whitens; None: not whitened."""
    others: bool = True
    """Whether it is known from items of E too, as ours knows it."""
    unit: bool = False
    """Whether the vectors are brought to one length after that."""
    iterations: int = 200


RIDGES: Final = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1)


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A fitted probe."""

    classes: Classes
    view: Whitening
    unit: bool
    weights: NDArray[np.float32]
    """(d + 1, C): the last row is the bias."""

    def scores(self, part: Part) -> Scores:
        """The log-odds of the classes; the other candidates follow by text cosine."""
        seen = _seen(part.vectors, self.view, self.unit)
        return self.classes.among_all(seen @ self.weights, part)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Probe:
    """The probe of the training part; starts from the classes' frequencies."""
    classes = Classes.of(work)
    shares = classes.shares(work.train)
    view = _view(work, shares, knobs)
    targets = (1 - knobs.smoothing) * shares + knobs.smoothing / len(classes.rows)
    start = np.zeros((work.train.vectors.shape[1] + 1, len(classes.rows)))
    start[-1] = np.log(shares.mean(axis=0))
    seen = _seen(work.train.vectors, view, knobs.unit)
    loss = _Loss(seen, targets, knobs.ridge, start.shape)
    return Probe(classes, view, knobs.unit, loss.least(start, knobs.iterations, clock))


def _view(work: Work, shares: Floats, knobs: Knobs) -> Whitening:
    """Whitened; or only centred and scaled, so that a penalty means the same in both."""
    vectors = work.train.vectors
    if knobs.shrink is not None:
        return within_class(vectors, shares, knobs.shrink, work.spread if knobs.others else None)
    centre = vectors.mean(axis=0)
    scale = 1 / max(float(np.std(vectors - centre)), 1e-6)
    return Whitening(centre, np.float32(scale) * np.eye(len(centre), dtype=np.float32))


def _seen(vectors: Floats, view: Whitening, unit: bool) -> NDArray[np.float32]:
    """(n, d) to (n, d + 1): what the regression sees, with a one at the end for the bias."""
    seen = view.of(vectors)
    if unit:
        length = np.linalg.norm(seen, axis=1, keepdims=True)
        seen *= np.sqrt(seen.shape[1]) / np.maximum(length, np.finfo(np.float32).tiny)
    return np.concatenate([seen, np.ones((len(seen), 1), dtype=np.float32)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Loss:
    """Mean cross entropy of soft targets, with the penalty."""

    x: NDArray[np.float32]
    targets: Floats
    ridge: float
    shape: tuple[int, int]

    def least(self, start: Floats, iterations: int, clock: Clock) -> NDArray[np.float32]:
        """The weights (d + 1, C) of the least loss, or those reached when the time is up."""

        def stop(_: Any) -> None:
            if clock.up():
                raise StopIteration

        found = optimize.minimize(
            self,
            start.ravel(),
            jac=True,
            method="L-BFGS-B",
            callback=stop,
            options={"maxiter": iterations},
        )
        return np.asarray(found.x, dtype=np.float32).reshape(self.shape)

    def __call__(self, flat: Floats) -> tuple[float, Floats]:
        """The loss and its slope at these weights, both flat."""
        weights = flat.reshape(self.shape).astype(np.float32)
        log_p = log_softmax(self.x @ weights, axis=1)
        held = weights.copy()
        held[-1] = 0
        slope = self.x.T @ (np.exp(log_p) - self.targets) / np.float32(len(self.x))
        loss = -float((self.targets * log_p).sum()) / len(self.x)
        penalty = self.ridge * float((held**2).sum()) / 2
        return loss + penalty, (slope + np.float32(self.ridge) * held).ravel().astype(np.float64)


SOURCE: Final = "Radford et al. 2021, section 3.2; a baseline, no figures published on this work"
SYSTEMS: Final = (
    System(
        name="linear-probe",
        family="baseline",
        source=SOURCE,
        fit=fit,
        knobs=Knobs(),
        space={"ridge": RIDGES, "smoothing": (0.0, 0.05, 0.1)},
    ),
    System(
        name="linear-probe-whitened",
        family="baseline",
        source=SOURCE,
        fit=fit,
        knobs=Knobs(shrink=0.3, unit=True),
        space={
            "ridge": RIDGES,
            "smoothing": (0.0, 0.05, 0.1),
            "shrink": (0.05, 0.1, 0.2, 0.3, 0.5, 0.7),
            "others": (True, False),
            "unit": (True, False),
        },
    ),
)
