"""Fits what is shown: calibrator, support and threshold, from judged images.

The images that choose are two sets: a calibrator fitted on one is tried on the other, and the
threshold is chosen on both trials together (cross-fitting, so that no image judges a calibrator
that it helped to fit); the calibrator that serves is fitted on both. The score's terms and weights
(`fit_scores`) come from other images, else the level at which the threshold is certified would be
nominal. The figures are told of a set that chose nothing. Each trial runs the very selection that
serves. Images are weighted, so that what the model does not know can count as much as it does among
real files; whatever is shown for an image of nothing known counts as wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.calibrate import Bin, Calibrator, ece, ece_by_chance, reliability_table
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.facts import Facts
from depicts_model.linker.fit_head import fit_head
from depicts_model.linker.head import Evidence, Head
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Answers, Judged, Shown
from depicts_model.linker.masks import masks
from depicts_model.linker.rules import Rule
from depicts_model.linker.score import Scorer
from depicts_model.linker.select import Selector
from depicts_model.types import Qid

Floats = NDArray[np.float64]
Key = TypeVar("Key", float, Rule)

PAGE: Final = "combiner"
"""The key of what a file's page adds: constants, until judged images come with pages."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The knobs of the fit."""

    target_precision: float = 0.88
    """As the experiments' display mode has to reach: one bar for what is measured and served."""
    alpha: float = 0.05
    """The threshold's precision reaches the target with confidence 1 - alpha."""
    specificity_floor: float = 3.0
    """Bits."""
    max_lured: float = 0.05
    """At most this share of the images of nothing known may get a suggestion."""
    min_support: int = 13
    """A node shown by fewer of the images that choose is not suggested."""
    features: tuple[str, ...] = ("nearness", "agreement")
    """Features of the calibrator (`head.read`)."""
    thresholds: tuple[float, ...] = tuple(round(0.30 + 0.02 * i, 2) for i in range(35))
    starts: tuple[float, ...] = (0.9, 0.75, 0.6)
    """Thresholds that the search begins at: a high one may be met by too few images to tell."""


@dataclass(frozen=True, slots=True)
class DisplayFit:
    """The calibration with its evidence."""

    calibration: Calibration
    shown: Shown
    reliability: tuple[Bin, ...]
    metrics: Mapping[str, float]
    """display_precision, display_bound, display_coverage; display_ece, with the mean and the 95 %
    quantile that chance alone makes of it, display_ece_chance and _chance_95; and display_lured,
    where there are images of nothing known: of none no share can be told."""


def fit_display(
    facts: Facts,
    items: ItemTable,
    scorer: Scorer,
    fit: Judged,
    held: Judged,
    report: Judged,
    aim: Aim | None = None,
) -> DisplayFit:
    """Fit and choose on ``fit`` and ``held``, tell the figures of ``report``.

    ``items`` in order, as ``scorer``.

    Raises ValueError where either set gives no right or no wrong pair.
    """
    aim = aim or Aim()
    hierarchy = Hierarchy.from_catalog(facts, items.qids)
    answers = Answers(facts, hierarchy)
    first = _calibration(scorer, aim, _support(answers, (*fit.truths, *held.truths)))
    bare = _selector(facts, items, hierarchy, first)
    raw = Head(scorer, hierarchy, Calibrator(0, 1), first.combiner)

    def fitted(images: Judged, name: str) -> Head:
        try:
            return fit_head(raw, bare, images, answers, aim.features)
        except ValueError as error:
            raise ValueError(f"{name}: {error}, on {len(images.truths)} images") from None

    one = _try(fitted(fit, "calibration"), bare, held, answers, aim.thresholds)
    other = _try(fitted(held, "thresholds"), bare, fit, answers, aim.thresholds)
    strange = sum(1 for truth in (*fit.truths, *held.truths) if not truth)
    threshold = certified({t: one[t] + other[t] for t in aim.thresholds}, strange, aim)
    head = fitted(fit + held, "both")
    told = () if threshold is None else (threshold,)
    shown = _try(head, bare, report, answers, told).get(threshold or 0.0, Shown())
    chosen = replace(
        first,
        calibrator=head.calibrator,
        combiner=head.combiner,
        unfitted=tuple(k for k in first.unfitted if k != PAGE or head.combiner is raw.combiner),
        display_threshold=threshold,
    )
    return _report(chosen, shown, report, aim)


def certified(shown: Mapping[float, Shown], strange: int, aim: Aim) -> float | None:
    """The lowest threshold whose precision reaches the target at level 1 - alpha; None: none does.

    ``shown``: what is shown at each threshold; ``strange``: how many images are of nothing known.
    From each of the pre-set starts downwards, thresholds are tested up to the first that fails,
    which keeps the level for one start; the starts share alpha (fixed sequences with several
    starts, Angelopoulos et al. 2021, "Learn then test", arXiv 2110.01052, section 2.3).
    """
    found: list[float] = []
    for start in aim.starts:
        for threshold in sorted((t for t in shown if t <= start), reverse=True):
            if not _good(shown[threshold], strange, aim):
                break
            found.append(threshold)
    return min(found, default=None)


def _good(shown: Shown, strange: int, aim: Aim) -> bool:
    sure = shown.bound(aim.alpha / len(aim.starts)) >= aim.target_precision
    return sure and shown.lured <= aim.max_lured * strange


def _support(answers: Answers, truths: Iterable[frozenset[Qid]]) -> dict[Qid, int]:
    """Number of judged images that show each node, by item."""
    counts = Counter(node for truth in truths for node in answers.nodes(truth))
    return {answers.qids[node]: n for node, n in sorted(counts.items())}


def _calibration(scorer: Scorer, aim: Aim, support: Mapping[Qid, int]) -> Calibration:
    return Calibration(
        weights=scorer.weights,
        calibrator=Calibrator(0, 1),
        display_threshold=None,
        specificity_floor=aim.specificity_floor,
        target_precision=aim.target_precision,
        supported=support,
        min_support=aim.min_support,
        unfitted=(PAGE, "weights.votes"),
    )


def _selector(
    facts: Facts, items: ItemTable, hierarchy: Hierarchy, calibration: Calibration
) -> Selector:
    rules, bits = calibration.rules(), hierarchy.specificity(items.n_train)
    marks = masks(facts, hierarchy, bits, rules, calibration.supported_nodes())
    return Selector(facts, hierarchy, bits, marks, rules, items.vectors)


def serving(
    facts: Facts, items: ItemTable, scorer: Scorer, calibration: Calibration
) -> tuple[Head, Selector]:
    """The head and the selection that a calibration makes of ``items`` in order."""
    hierarchy = Hierarchy.from_catalog(facts, items.qids)
    head = Head(scorer, hierarchy, calibration.calibrator, calibration.combiner)
    return head, _selector(facts, items, hierarchy, calibration)


def _try(
    head: Head, selector: Selector, held: Judged, answers: Answers, thresholds: Iterable[float]
) -> dict[float, Shown]:
    """What is shown on the held-out images at each threshold."""
    tries = {t: replace(selector, rules=replace(selector.rules, threshold=t)) for t in thresholds}
    return tried(head, tries, held, answers)


def tried(
    head: Head, selectors: Mapping[Key, Selector], images: Judged, answers: Answers
) -> dict[Key, Shown]:
    """What each selection shows on the same judged images."""
    found: dict[Key, list[tuple[bool, float, list[tuple[float, bool]]]]]
    found = {key: [] for key in selectors}
    read = head.read(images.vectors, images.pages)
    for evidence, truth, weight in zip(read, images.truths, images.weights.tolist(), strict=True):
        right = answers.nodes(truth)
        for key, selector in selectors.items():
            found[key].append((bool(truth), weight, list(_shown(selector, evidence, right))))
    return {key: _summed(each) for key, each in found.items()}


def _shown(
    selector: Selector, evidence: Evidence, right: frozenset[int]
) -> Iterator[tuple[float, bool]]:
    chosen = selector.choose(evidence)
    if isinstance(chosen, tuple):
        yield from ((choice.confidence, choice.node in right) for choice in chosen)


def _summed(images: list[tuple[bool, float, list[tuple[float, bool]]]]) -> Shown:
    pairs = [(*pair, weight) for _, weight, shown in images for pair in shown]
    return Shown(
        confidence=tuple(confidence for confidence, _, _ in pairs),
        correct=tuple(correct for _, correct, _ in pairs),
        weight=tuple(weight for _, _, weight in pairs),
        covered=sum(weight for known, weight, shown in images if known and shown),
        lured=sum(1 for known, _, shown in images if not known and shown),
        each=tuple(len(shown) for _, _, shown in images if shown),
    )


def _report(calibration: Calibration, shown: Shown, judged: Judged, aim: Aim) -> DisplayFit:
    table = tuple(reliability_table(shown.confidence, shown.correct, shown.weight))
    chance, at_most = ece_by_chance(shown.confidence, shown.weight)
    known = np.array([bool(truth) for truth in judged.truths], dtype=bool)
    metrics = {
        "display_precision": shown.precision(),
        "display_bound": shown.bound(aim.alpha),
        "display_coverage": shown.covered / max(float(judged.weights[known].sum()), 1e-12),
        "display_ece": ece(shown.confidence, shown.correct, shown.weight),
        "display_ece_chance": chance,
        "display_ece_chance_95": at_most,
    }
    if not known.all():
        metrics["display_lured"] = shown.lured / int((~known).sum())
    rows = tuple(asdict(row) for row in table)
    return DisplayFit(replace(calibration, reliability=rows), shown, table, metrics)
