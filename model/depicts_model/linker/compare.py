"""The rules of selection side by side: what each would show on the same judged images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from depicts_model.linker.calibration import Calibration
from depicts_model.linker.display import serving, tried
from depicts_model.linker.facts import Facts
from depicts_model.linker.head import Head
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Answers, Judged
from depicts_model.linker.rules import MOST, RULES, Rule, fit_darts
from depicts_model.linker.score import Scorer
from depicts_model.linker.select import Selector

UNREACHED: Final = "λ at its largest: none reaches the target"


@dataclass(frozen=True, slots=True)
class Compared:
    """What one rule showed."""

    rule: Rule
    knob: str
    """What it was set to; empty where it has nothing to set."""
    shown: int
    precision: float
    """By weight; 0 where none was shown."""
    coverage: float
    """Share of the images of something that got a suggestion, by weight."""


def compare(
    facts: Facts,
    items: ItemTable,
    scorer: Scorer,
    calibration: Calibration,
    choosing: Judged,
    report: Judged,
) -> tuple[Compared, ...]:
    """The rules of `rules.RULES` on ``report``; none where no threshold was found.

    ``threshold`` and ``climb`` go by the calibration's threshold, ``darts`` by the smallest λ that
    is right on the target's share of those images of ``choosing`` that show something which may be
    shown (`rules.fit_darts`: the paper knows no others). ``argmax`` has nothing to choose.
    """
    if calibration.display_threshold is None:
        return ()
    head, selector = serving(facts, items, scorer, calibration)
    answers = Answers(facts, head.hierarchy)
    bonus = _bonus(head, selector, answers, choosing, calibration.target_precision)
    threshold = f"threshold {calibration.display_threshold:g}"
    knobs: dict[Rule, str] = {
        "threshold": threshold,
        "climb": threshold,
        "darts": UNREACHED if bonus is None else f"λ = {bonus:.2f} bits",
    }
    weighed = MOST if bonus is None else bonus
    rules = {r: replace(selector.rules, rule=r, darts_bonus=weighed) for r in RULES}
    selectors = {rule: replace(selector, rules=knob) for rule, knob in rules.items()}
    found = tried(head, selectors, report, answers)
    known = float(report.weights[[bool(truth) for truth in report.truths]].sum())
    return tuple(
        Compared(
            rule,
            knobs.get(rule, ""),
            len(shown.correct),
            shown.precision(),
            shown.covered / max(known, 1e-12),
        )
        for rule, shown in found.items()
    )


def _bonus(
    head: Head, selector: Selector, answers: Answers, images: Judged, accuracy: float
) -> float | None:
    """λ of darts, bits, fitted on the images that show something which may be shown."""
    # of the rest of the nodes darts takes none: a few hundred columns instead of all
    nodes = np.flatnonzero(selector.masks.open_to({}))
    right = np.stack([np.isin(nodes, [*answers.nodes(truth)]) for truth in images.truths])
    confidence = np.stack([e.confidence[nodes] for e in head.read(images.vectors, images.pages)])
    seen = right.any(axis=1)
    bits, allowed = selector.specificity[nodes], np.ones(len(nodes), dtype=bool)
    return fit_darts(confidence[seen], right[seen], bits, allowed, accuracy)
