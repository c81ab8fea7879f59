"""Display mode against what anybody would try first, at equal coverage.

- a linear probe's best item, for as many images as ours answers, the surest first;
- the same probe through our own roll-up, calibration and climb, for as many;
- one constant answer for all images: the item or class that is right most often in training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.bootstrap import Bootstrap, Interval, interval_of
from depicts_model.linker.display_metrics import Shown, verdict
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.showing import Stage, Telling, shown_by
from depicts_model.linker.experiments.work import Part, Work
from depicts_model.linker.experiments.world import World
from depicts_model.types import Qid

Floats = NDArray[np.float64]
THRESHOLDS: Final = tuple(round(0.04 * step, 2) for step in range(1, 25))
"""At which a probe is tried for ours' coverage; what is shown beyond it is taken off again."""
ARGMAX: Final = "argmax, equal coverage"
CLIMB: Final = "climb, equal coverage"
CONSTANT: Final = "constant"
ALWAYS: Final = "one item for all"
"""Its rule; which item differs from seed to seed."""


def best_items(
    name: str, work: Work, answers: Telling, stage: Stage, world: World, coverage: float
) -> Displayed:
    """The most probable item of the surest images, so many that ``coverage`` is reached."""
    told = answers(work.test)
    best = told.argmax(axis=1)
    sure = np.exp(told[np.arange(len(told)), best])
    some = np.sort(np.argsort(-sure, kind="stable")[: round(coverage * len(told))])
    items = [work.items[row] for row in best[some]]
    return _displayed(name, ARGMAX, work, world, stage, some, sure[some], items)


def climbed(name: str, work: Work, stage: Stage, world: World, coverage: float) -> Displayed:
    """Through our pipeline: at the highest threshold that reaches ``coverage``, and of the images
    that it answers the surest, so many as ``coverage`` is.
    """
    selectors = {t: stage.with_rule("climb", t) for t in THRESHOLDS}
    found = shown_by(stage, selectors, work, world)
    wanted = round(coverage * len(work.test))
    reaching = [t for t in THRESHOLDS if len(np.unique(found[t][0].image)) >= wanted]
    shown, choices = found[max(reaching, default=THRESHOLDS[0])]
    kept = _surest(shown, wanted)
    cut = replace(
        shown,
        image=shown.image[kept],
        confidence=shown.confidence[kept],
        verdict=shown.verdict[kept],
    )
    some = [choices[at] for at in kept.tolist()]
    bits = np.array([stage.selector.specificity[choice.node] for choice in some])
    items = tuple(choice.qid for choice in some)
    return Displayed(work.setting, work.seed, name, CLIMB, 0.0, cut, items, bits, chosen=True)


def _surest(shown: Shown, images: int) -> NDArray[np.intp]:
    """The suggestions of so many images; an image is as sure as its surest suggestion."""
    sure = np.full(shown.images, -1.0)
    np.maximum.at(sure, shown.image, shown.confidence)
    best = np.argsort(-sure, kind="stable")[:images]
    return np.flatnonzero(np.isin(shown.image, best))


def constant(work: Work, stage: Stage, world: World) -> Displayed:
    """The same answer for every image: what is right for most of the training images."""
    counts: dict[Qid, int] = {}
    for named in _named(work, work.train):
        for qid in named.union(*(world.telling(one) for one in named)):
            counts[qid] = counts.get(qid, 0) + 1
    best = max(sorted(counts), key=lambda qid: counts[qid])
    everyone = np.arange(len(work.test))
    sure = np.full(len(everyone), counts[best] / len(work.train))
    items = [best] * len(everyone)
    return _displayed(CONSTANT, ALWAYS, work, world, stage, everyone, sure, items)


def ratio_of_errors(
    ours: Sequence[Displayed], other: Sequence[Displayed], files: Mapping[int, Sequence[str]]
) -> Interval:
    """The share of what is shown that is not right, ours over the other's; seeds count evenly.

    Both: one display a seed, of the same test images in the same order; ``files``: their names by
    seed. Paired bootstrap over photos (`bootstrap`). Infinite where the other makes no error.
    """
    pairs = [(one, _by_seed(other)[one.seed]) for one in ours]
    values = np.concatenate([np.hstack([_per_image(a), _per_image(b)]) for a, b in pairs])
    names = [(file, one.seed) for one in ours for file in files[one.seed]]
    boot = Bootstrap.over([file for file, _ in names], [seed for _, seed in names])
    mean, drawn = boot.mean(values), boot.means(values)
    return interval_of(float(_ratio(mean[None])[0]), _ratio(drawn))


def _by_seed(shown: Sequence[Displayed]) -> dict[int, Displayed]:
    return {one.seed: one for one in shown}


def _ratio(figures: Floats) -> Floats:
    """Of rows (…, 4): wrong and all of ours, wrong and all of the other's."""
    ours = figures[:, 0] * figures[:, 3]
    theirs = figures[:, 2] * figures[:, 1]
    result: Floats = np.divide(ours, theirs, out=np.full(len(ours), np.inf), where=theirs > 0)
    return result


def _per_image(one: Displayed) -> Floats:
    """(n, 2): wrong suggestions, and all, of each image."""
    wrong = np.bincount(one.shown.image, ~one.shown.right(), minlength=one.shown.images)
    every = np.bincount(one.shown.image, minlength=one.shown.images)
    return np.stack([wrong, every], axis=1).astype(np.float64)


def _displayed(
    name: str,
    rule: str,
    work: Work,
    world: World,
    stage: Stage,
    images: NDArray[np.intp],
    sure: Floats,
    items: Sequence[Qid],
) -> Displayed:
    things = _named(work, work.test)
    judged = [verdict(item, (things[at],), world) for at, item in zip(images, items, strict=True)]
    shown = Shown(len(work.test), images, sure, np.array(judged, dtype=np.uint8))
    node = stage.selector.hierarchy.index
    bits = np.array(
        [stage.selector.specificity[node[q]] if q in node else np.nan for q in items],
        dtype=np.float64,
    )
    return Displayed(work.setting, work.seed, name, rule, 0.0, shown, tuple(items), bits, True)


def _named(work: Work, part: Part) -> list[frozenset[Qid]]:
    return [frozenset(work.items[row] for row in rows) for rows in part.rows()]
