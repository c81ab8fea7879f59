"""Fits what is shown: calibrator, support and threshold, from judged images.

The calibrator is fitted on one set of images, the threshold on another, by running the very
selection that serves; images that show nothing known count as wrong whatever is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.calibrate import (
    Bin,
    Calibrator,
    ece,
    fit_calibrator,
    lower_bound,
    reliability_table,
)
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.facts import Facts
from depicts_model.linker.head import Evidence, Head
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.items import ItemTable
from depicts_model.linker.masks import masks
from depicts_model.linker.score import Scorer
from depicts_model.linker.select import Selector
from depicts_model.types import Qid

Floats = NDArray[np.float64]
STARTS = 5
"""Pairs for the calibrator come from this many of the most probable items and their ancestors."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The knobs of the fit."""

    target_precision: float = 0.8
    alpha: float = 0.05
    """The threshold's precision reaches the target with confidence 1 - alpha."""
    specificity_floor: float = 3.0
    """Bits."""
    max_lured: float = 0.05
    """At most this share of the images of nothing known may get a suggestion."""
    min_support: int = 20
    """A node shown by fewer judged images is not suggested."""
    features: tuple[str, ...] = ("nearness", "energy")
    """Image features of the calibrator (`score.Scorer.image_features`)."""
    thresholds: tuple[float, ...] = tuple(round(0.30 + 0.02 * i, 2) for i in range(35))


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Images whose contents are known."""

    vectors: NDArray[np.float32]
    """(n, d), unit."""
    truths: tuple[frozenset[Qid], ...]
    """What each image shows; empty where it shows nothing that the model could know."""

    def __post_init__(self) -> None:
        if len(self.vectors) != len(self.truths):
            raise ValueError(f"{len(self.vectors)} vectors for {len(self.truths)} truths")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the selection showed on the held-out images, at one threshold."""

    confidence: tuple[float, ...]
    correct: tuple[bool, ...]
    covered: int
    """Images of known things that got at least one suggestion."""
    lured: int
    """Images of nothing known that did."""

    def precision(self) -> float:
        """Share of right suggestions; 0 where none was shown."""
        return sum(self.correct) / len(self.correct) if self.correct else 0.0

    def bound(self, alpha: float) -> float:
        """Lower confidence bound of the precision."""
        return lower_bound(sum(self.correct), len(self.correct), alpha) if self.correct else 0.0


@dataclass(frozen=True, slots=True)
class DisplayFit:
    """The calibration with its evidence."""

    calibration: Calibration
    shown: Shown
    reliability: tuple[Bin, ...]
    metrics: Mapping[str, float]
    """display_precision, display_bound, display_coverage, display_lured, display_ece."""


def fit_display(
    facts: Facts,
    items: ItemTable,
    scorer: Scorer,
    fit: Judged,
    held: Judged,
    aim: Aim | None = None,
) -> DisplayFit:
    """Fit on ``fit``, choose the threshold on ``held``; ``items`` in order, as ``scorer``.

    Raises ValueError where ``fit`` gives no right or no wrong pair.
    """
    aim = aim or Aim()
    hierarchy = Hierarchy.from_catalog(facts, items.qids)
    answers = Answers(facts, hierarchy)
    first = _calibration(scorer, aim, _support(answers, (*fit.truths, *held.truths)))
    bare = _selector(facts, items, hierarchy, first)
    calibrator = _fit_pairs(Head(scorer, hierarchy, Calibrator(0, 1)), bare, fit, answers, aim)
    head = Head(scorer, hierarchy, calibrator)
    results = _try(head, bare, held, answers, aim.thresholds)
    strange = sum(1 for truth in held.truths if not truth)
    good = [t for t in aim.thresholds if _good(results[t], strange, aim)]
    threshold = min(good) if good else None
    shown = results[threshold] if threshold is not None else Shown((), (), 0, 0)
    return _report(
        replace(first, calibrator=calibrator, display_threshold=threshold), shown, held, aim
    )


def _good(shown: Shown, strange: int, aim: Aim) -> bool:
    sure = shown.bound(aim.alpha) >= aim.target_precision
    return sure and shown.lured <= aim.max_lured * strange


class Answers:
    """Which nodes are right for an image: its true items and all their ancestors."""

    def __init__(self, facts: Facts, hierarchy: Hierarchy) -> None:
        self._facts = facts
        self._index = hierarchy.index
        self.qids = hierarchy.nodes
        self._found: dict[Qid, frozenset[int]] = {}

    def nodes(self, truth: Iterable[Qid]) -> frozenset[int]:
        """Rows of the nodes that are right where ``truth`` is shown."""
        return frozenset().union(*map(self._of, truth))

    def _of(self, qid: Qid) -> frozenset[int]:
        if qid not in self._found:
            named = {qid, self._facts.representative(qid)}
            kin = named.union(*map(self._facts.ancestors, named))
            self._found[qid] = frozenset(self._index[k] for k in kin if k in self._index)
        return self._found[qid]


def _support(answers: Answers, truths: Iterable[frozenset[Qid]]) -> dict[Qid, int]:
    """Number of judged images that show each node, by item."""
    counts = Counter(node for truth in truths for node in answers.nodes(truth))
    return {answers.qids[node]: n for node, n in sorted(counts.items())}


def _calibration(scorer: Scorer, aim: Aim, support: Mapping[Qid, int]) -> Calibration:
    return Calibration(
        logit_scale=scorer.logit_scale,
        prior_weight=scorer.prior_weight,
        nothing_bias=scorer.nothing_bias,
        calibrator=Calibrator(0, 1),
        display_threshold=None,
        specificity_floor=aim.specificity_floor,
        target_precision=aim.target_precision,
        supported=support,
        min_support=aim.min_support,
    )


def _selector(
    facts: Facts, items: ItemTable, hierarchy: Hierarchy, calibration: Calibration
) -> Selector:
    rules, bits = calibration.rules(), hierarchy.specificity(items.n_train)
    marks = masks(facts, hierarchy, bits, rules, calibration.supported_nodes())
    return Selector(facts, hierarchy, bits, marks, rules, items.vectors)


def _fit_pairs(
    head: Head, selector: Selector, judged: Judged, answers: Answers, aim: Aim
) -> Calibrator:
    """The calibrator from pairs (image, node); every image weighs the same."""
    mass, right, weight = [], [], []
    features: dict[str, list[float]] = {name: [] for name in aim.features}
    for evidence, truth in zip(head.read(judged.vectors), judged.truths, strict=True):
        nodes = _pairs(evidence, selector)
        mass += evidence.mass[nodes].tolist()
        true = answers.nodes(truth)
        right += [node in true for node in nodes]
        weight += [1 / max(len(nodes), 1)] * len(nodes)
        for name, values in features.items():
            values += [evidence.features[name]] * len(nodes)
    arrays = {name: np.array(values) for name, values in features.items()}
    return fit_calibrator(np.array(mass), arrays, np.array(right, bool), np.array(weight))


def _pairs(evidence: Evidence, selector: Selector) -> list[int]:
    """Nodes that could be shown: the most probable items' and their ancestors'."""
    top = evidence.ranked[:STARTS]
    starts = {int(n) for n in selector.hierarchy.node_of_item[top]}
    kin = starts.union(*(selector.hierarchy.ancestors(n).tolist() for n in starts))
    return [node for node in sorted(kin) if selector.masks.open[node]]


def _try(
    head: Head, selector: Selector, held: Judged, answers: Answers, thresholds: Iterable[float]
) -> dict[float, Shown]:
    """What is shown on the held-out images at each threshold."""
    tries = {t: replace(selector, rules=replace(selector.rules, threshold=t)) for t in thresholds}
    found: dict[float, list[tuple[bool, list[tuple[float, bool]]]]] = {t: [] for t in tries}
    for evidence, truth in zip(head.read(held.vectors), held.truths, strict=True):
        right = answers.nodes(truth)
        for threshold, rule in tries.items():
            found[threshold].append((bool(truth), list(_shown(rule, evidence, right))))
    return {t: _summed(images) for t, images in found.items()}


def _shown(
    selector: Selector, evidence: Evidence, right: frozenset[int]
) -> Iterator[tuple[float, bool]]:
    chosen = selector.choose(evidence)
    if isinstance(chosen, tuple):
        yield from ((choice.confidence, choice.node in right) for choice in chosen)


def _summed(images: list[tuple[bool, list[tuple[float, bool]]]]) -> Shown:
    pairs = [pair for _, shown in images for pair in shown]
    return Shown(
        confidence=tuple(confidence for confidence, _ in pairs),
        correct=tuple(correct for _, correct in pairs),
        covered=sum(1 for known, shown in images if known and shown),
        lured=sum(1 for known, shown in images if not known and shown),
    )


def _report(calibration: Calibration, shown: Shown, held: Judged, aim: Aim) -> DisplayFit:
    table = tuple(reliability_table(shown.confidence, shown.correct))
    known = sum(1 for truth in held.truths if truth)
    strange = len(held.truths) - known
    metrics = {
        "display_precision": shown.precision(),
        "display_bound": shown.bound(aim.alpha),
        "display_coverage": shown.covered / max(known, 1),
        "display_lured": shown.lured / max(strange, 1),
        "display_ece": ece(shown.confidence, shown.correct),
    }
    rows = tuple(asdict(row) for row in table)
    return DisplayFit(replace(calibration, reliability=rows), shown, table, metrics)
