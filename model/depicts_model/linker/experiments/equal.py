"""Display mode against what anybody would try first, at equal coverage.

- a linear probe's best item, for as many images as ours answers, the surest first;
- the same probe through our own roll-up, calibration and climb, at the threshold that answers as
  many;
- one constant answer for all images: the item or class that is right most often in training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.display_metrics import Shown
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.showing import Stage, Telling, shown_by, verdict
from depicts_model.linker.experiments.work import Part, Work
from depicts_model.linker.experiments.world import World
from depicts_model.types import Qid

Floats = NDArray[np.float64]
THRESHOLDS: Final = tuple(round(0.04 * step, 2) for step in range(4, 25))
"""At which a probe is tried for ours' coverage, low to high."""
ARGMAX: Final = "argmax, equal coverage"
CLIMB: Final = "climb, equal coverage"
CONSTANT: Final = "constant"


def best_items(name: str, work: Work, answers: Telling, world: World, coverage: float) -> Displayed:
    """The most probable item of the surest images, so many that ``coverage`` is reached."""
    told = answers(work.test)
    best = told.argmax(axis=1)
    sure = np.exp(told[np.arange(len(told)), best])
    some = np.sort(np.argsort(-sure, kind="stable")[: round(coverage * len(told))])
    items = [work.items[row] for row in best[some]]
    return _displayed(name, ARGMAX, work, world, some, sure[some], items)


def climbed(name: str, work: Work, stage: Stage, world: World, coverage: float) -> Displayed:
    """Through our pipeline, at the highest threshold that reaches ``coverage``."""
    selectors = {t: stage.with_rule("climb", t) for t in THRESHOLDS}
    found = shown_by(stage, selectors, work, world)
    reaching = [t for t in THRESHOLDS if _coverage(found[t][0]) >= coverage]
    shown, choices = found[max(reaching, default=THRESHOLDS[0])]
    bits = np.array([stage.selector.specificity[choice.node] for choice in choices])
    items = tuple(choice.qid for choice in choices)
    return Displayed(work.setting, work.seed, name, CLIMB, 0.0, shown, items, bits, chosen=True)


def constant(work: Work, world: World) -> Displayed:
    """The same answer for every image: what is right for most of the training images."""
    counts: dict[Qid, int] = {}
    for named in _named(work, work.train):
        kin = named.union(*(world.telling(qid) for qid in named))
        for qid in kin:
            counts[qid] = counts.get(qid, 0) + 1
    best = max(sorted(counts), key=lambda qid: counts[qid])
    everyone = np.arange(len(work.test))
    sure = np.full(len(everyone), counts[best] / len(work.train))
    return _displayed(CONSTANT, best, work, world, everyone, sure, [best] * len(everyone))


def errors(shown: Sequence[Displayed]) -> float:
    """Share of the suggestions that are not right, pooled over seeds; NaN where nothing is."""
    right = np.concatenate([one.shown.right() for one in shown])
    return float(1 - right.mean()) if len(right) else float("nan")


def ratio_of_errors(
    ours: Sequence[Displayed], other: Sequence[Displayed], draws: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """`errors` of ours over the other's, with its 95 % interval: paired bootstrap over images.

    Both: one display a seed, of the same test images in the same order.
    """
    draw = np.random.default_rng(seed)
    mine, theirs = (np.concatenate([_per_image(one) for one in some]) for some in (ours, other))
    weights = draw.multinomial(len(mine), np.full(len(mine), 1 / len(mine)), draws)
    one, two = weights @ mine, weights @ theirs
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (one[:, 0] / one[:, 1]) / (two[:, 0] / two[:, 1])
    low, high = np.nanquantile(found, [0.025, 0.975])
    return errors(ours) / errors(other), float(low), float(high)


def _per_image(one: Displayed) -> Floats:
    """(n, 2): wrong suggestions, and all, of each image."""
    wrong = np.bincount(one.shown.image, ~one.shown.right(), minlength=one.shown.images)
    every = np.bincount(one.shown.image, minlength=one.shown.images)
    return np.stack([wrong, every], axis=1).astype(np.float64)


def _coverage(shown: Shown) -> float:
    return len(np.unique(shown.image)) / max(shown.images, 1)


def _displayed(
    name: str,
    rule: str,
    work: Work,
    world: World,
    images: NDArray[np.intp],
    sure: Floats,
    items: Sequence[Qid],
) -> Displayed:
    things = _named(work, work.test)
    verdicts = [
        verdict(item, things[at], world) for at, item in zip(images.tolist(), items, strict=True)
    ]
    shown = Shown(len(work.test), images, sure, np.array(verdicts, dtype=np.uint8))
    bits = _bits(work, world)
    found = np.array([bits.get(item, 0.0) for item in items])
    return Displayed(work.setting, work.seed, name, rule, 0.0, shown, tuple(items), found, True)


def _named(work: Work, part: Part) -> list[frozenset[Qid]]:
    return [frozenset(work.items[row] for row in rows) for rows in part.rows()]


def _bits(work: Work, world: World) -> dict[Qid, float]:
    """Specificity of items and classes in training: -log2 of the share of images they fit."""
    counts: dict[Qid, int] = {}
    for named in _named(work, work.train):
        for qid in named.union(*(world.telling(one) for one in named)):
            counts[qid] = counts.get(qid, 0) + 1
    total = len(work.train) + 1
    return {qid: float(-np.log2((count + 1) / (total + 1))) for qid, count in counts.items()}
