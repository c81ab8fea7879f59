"""The gate: whether a new model may take the place of the current one (linking.md, section 6).

Both are measured on the same holdout, image by image; changes are judged by a paired bootstrap over
units (uploaders, or what stands for them). Every rule is a `Check` that says its figure, so that a
refusal names what refused. Where there is no current model, only what needs none is asked.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.bootstrap import Bootstrap, difference
from depicts_model.linker.calibrate import lower_bound

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAIN: Final = ("R@10", "DivR@10", "mAP@10")
"""Figures of the ranking that must not fall."""
RIGHT: Final = "answered right"
"""Share of the images with a suggestion that is right and says enough (`display_metrics.verdict`).
It must not fall either; that it rose is no reason to serve: who climbs higher is right more often.
"""
FALL: Final = 0.003
"""By so much the lower bound of the change of a main figure may lie below zero."""
SLICE_FALL: Final = 0.02
"""By so much `SLICED` may be lower on a slice."""
RIGHT_FALL: Final = 0.02
"""By so much the lower bound of the change of `RIGHT` may lie below zero."""
SLICED: Final = "R@10"
LEAST: Final = 100
"""Images that a slice must have to be judged: of fewer, two decide."""
LEAST_IMAGES, LEAST_UNITS = 200, 30
"""That the holdout must have for a comparison: where nothing happens to fall on a handful, the
interval of the bootstrap has no width, and its lower bound says nothing."""
MORE_ERROR: Final = 0.01
"""By so much the calibration error may grow."""
MOST_ERROR: Final = 0.05
"""What it may be of a first model, or where the current one shows nothing to compare with; more
only where so few suggestions may show more by chance alone."""
MOST_LURED: Final = 0.1
"""Share of the images of nothing that may get a suggestion, or the current model's where that is
more; as many more as so few may show by chance alone. Twice what the choice of the threshold lets
through (`display.Aim.max_lured`): it ends at that edge, and other images fall on either side."""
NARROWEST: Final = 0.9
"""So many times the current model's items a new one must be able to show, or as many fewer as the
draw of the images that calibrate may move over the edge (twice the deviation of a count of that
many). No other rule is sure to see it: where few items are judged, few of the holdout's files show
any other."""
SLOWER: Final = 1.1
"""So many times the current model's time a new one may take."""
SLOW_SHARE: Final = 0.95
"""Of the images, that are linked in the time which counts (p95)."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What one model made of the holdout's n images."""

    figures: Mapping[str, Floats]
    """By name, (n,) each: `MAIN`, and `RIGHT`."""
    shown: int
    """Suggestions that were shown in all."""
    ece: float
    """Expected calibration error of what was shown."""
    chance: float
    """What perfectly true confidences would show of it in one case of twenty, on as many images."""
    seconds: Floats
    """(m,): of image to outcome, on the same m images for both models."""
    violations: Sequence[str]
    """What of the safety set broke a promise, each told."""
    lured: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """(k,): which of the images of nothing got a suggestion."""
    may_show: int = 0
    """Items and classes that may be shown at all, were a photo of them sure enough."""
    target: float = 0.0
    """Precision that its threshold was certified at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, with the figure that it was held against."""

    name: str
    told: str
    passed: bool
    judged: bool = True
    """False: there was too little to hold it against, and it refuses nothing."""

    def line(self) -> str:
        """What a maintainer reads."""
        found = "REFUSED" if not self.passed else "passed" if self.judged else "not judged"
        return f"{found}: {self.name}: {self.told}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks. ``first``: there was no current model to compare with."""

    checks: tuple[Check, ...]
    first: bool

    @property
    def passed(self) -> bool:
        """Whether the new model may serve."""
        return all(check.passed for check in self.checks)

    def refused(self) -> tuple[Check, ...]:
        """The checks that refuse it."""
        return tuple(check for check in self.checks if not check.passed)


def gate(
    new: Measured,
    current: Measured | None,
    units: Sequence[Hashable],
    slices: Mapping[str, Mask],
) -> Verdict:
    """Judge ``new`` against ``current``; None: there is none, and only the absolute rules hold.

    ``units`` (n,): of each image what is drawn together; ``slices``: masks (n,) by name.
    Raises ValueError where there are no images, or the lengths differ.
    """
    if current is None:
        return Verdict((_safe(new), _error(new, None), _silent(new, None)), first=True)
    boot = Bootstrap.over(units)
    checks = (
        _safe(new),
        _enough(units),
        *(_kept(name, boot, new, current, FALL) for name in MAIN),
        _right(boot, new, current),
        _shows(new, current),
        _broad(new, current),
        _error(new, current),
        _silent(new, current),
        *_sliced(new, current, slices),
        _fast(new, current),
        _better(boot, new, current),
    )
    return Verdict(checks, first=False)


def _safe(new: Measured) -> Check:
    count = len(new.violations)
    some = "; ".join(new.violations[:3]) + (" …" if count > 3 else "")
    return Check("safety violations", f"{count}" + (f" ({some})" if some else ""), not count)


def _enough(units: Sequence[Hashable]) -> Check:
    images, parted = len(units), len({*units})
    told = f"{images} images of {parted} units, at least {LEAST_IMAGES} of {LEAST_UNITS}"
    return Check("holdout", told, images >= LEAST_IMAGES and parted >= LEAST_UNITS)


def _kept(name: str, boot: Bootstrap, new: Measured, current: Measured, fall: float) -> Check:
    change = difference(boot, new.figures[name], current.figures[name])
    told = (
        f"{_points(change.value)} ({_points(change.low)} to {_points(change.high)}), "
        f"lower bound at least {_points(-fall)}"
    )
    return Check(name, told, change.low >= -fall)


def _right(boot: Bootstrap, new: Measured, current: Measured) -> Check:
    """Who has to be surer answers less: what was certified at two targets is no comparison."""
    found = _kept(RIGHT, boot, new, current, RIGHT_FALL)
    if new.target == current.target:
        return found
    told = f"{found.told}; its target is {new.target:.0%}, the current model's {current.target:.0%}"
    return Check(RIGHT, told, passed=True, judged=False)


def _shows(new: Measured, current: Measured) -> Check:
    """One that went mute makes no mistake: no other rule would be sure to see it."""
    told = f"{new.shown} on the holdout, the current model's {current.shown}"
    return Check("suggestions", told, new.shown > 0 or not current.shown)


def _broad(new: Measured, current: Measured) -> Check:
    """One that judged few items is as good on them, and says nothing of all others."""
    name, most = "items that may be shown", current.may_show
    if not most:
        told = f"{new.may_show}; the current model may show none"
        return Check(name, told, passed=True, judged=False)
    fewer = (1 - NARROWEST) * most
    least = most - max(fewer, 2 * math.sqrt(fewer))
    told = f"{new.may_show}, the current model's {most}, at least {math.ceil(least)}"
    return Check(name, told, new.may_show >= least)


def _error(new: Measured, current: Measured | None) -> Check:
    """One that shows nothing is true to its word; it is no measure for one that shows something."""
    if current is None or not current.shown:
        most = max(MOST_ERROR, new.chance)
        why = "" if current is None else ", as the current model shows nothing"
    else:
        most, why = current.ece + MORE_ERROR, f", that of the current model {current.ece:.3f}"
    return Check("ECE", f"{new.ece:.3f}, at most {most:.3f}{why}", new.ece <= most)


def _silent(new: Measured, current: Measured | None) -> Check:
    """On what shows nothing; more than its share only where chance alone cannot be the reason."""
    lured, made = int(new.lured.sum()), len(new.lured)
    if not made:
        return Check("images of nothing", "none was looked at", passed=True, judged=False)
    before = current.lured.mean() if current is not None and len(current.lured) else 0.0
    most = max(MOST_LURED, float(before))
    told = f"{lured} of {made} got a suggestion, no more than {most:.0%} and what is of chance"
    return Check("images of nothing", told, lower_bound(lured, made) <= most)


def _sliced(new: Measured, current: Measured, slices: Mapping[str, Mask]) -> Iterator[Check]:
    for name, mask in slices.items():
        count = int(mask.sum())
        if count >= LEAST:
            change = float((new.figures[SLICED] - current.figures[SLICED])[mask].mean())
            told = f"{_points(change)} on {count} images, at least {_points(-SLICE_FALL)}"
            yield Check(f"{SLICED} of {name}", told, change >= -SLICE_FALL)
        elif count:
            told = f"{count} images, of fewer than {LEAST} two decide"
            yield Check(f"{SLICED} of {name}", told, passed=True, judged=False)


def _fast(new: Measured, current: Measured) -> Check:
    ours, theirs = (float(np.quantile(one.seconds, SLOW_SHARE)) for one in (new, current))
    told = f"{ours * 1000:.1f} ms, {ours / theirs:.2f} times the current model's, at most {SLOWER}"
    return Check("latency p95", told, ours <= SLOWER * theirs)


def _better(boot: Bootstrap, new: Measured, current: Measured) -> Check:
    changes = {n: float(boot.mean((new.figures[n] - current.figures[n])[:, None])[0]) for n in MAIN}
    told = ", ".join(f"{name} {_points(change)}" for name, change in changes.items())
    return Check("better in one", told, max(changes.values()) > 0)


def _points(share: float) -> str:
    """In points of a hundred, signed."""
    return f"{100 * share:+.1f}"
