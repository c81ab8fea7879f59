"""Display mode of a system: the product's own roll-up, calibration and rules over its answers.

The validation part is cut in two by a lot: one half fits the calibrator, the other tries it, and
the other way round (`display.fit_display`); nothing of the test part takes part. What is shown is
judged by the table's own graph (`world`), not by the mended one that the rules climb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from depicts_model.linker.calibration import Calibration
from depicts_model.linker.display import Aim, fit_display, serving
from depicts_model.linker.display_metrics import Shown, Verdict, verdict
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.system import Fitted
from depicts_model.linker.experiments.work import Part, Rows, Work
from depicts_model.linker.experiments.world import World
from depicts_model.linker.facts import Facts
from depicts_model.linker.head import Evidence, Head
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged
from depicts_model.linker.rules import RULES, Rule
from depicts_model.linker.score import Scorer, Vectors, Weights
from depicts_model.linker.select import Choice, Selector
from depicts_model.types import Qid

Floats = NDArray[np.float64]
Telling = Callable[[Part], Floats]
"""A part to log-probabilities (n, N) of the candidates."""
AIM: Final = Aim(features=(), min_support=1)
"""The product's, but for the support of one image: as few judge each kind."""
THRESHOLDS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""At which the rules are compared."""
BONUSES: Final = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0)
"""λ of darts, bits, at which it is compared."""
LEAST: Final = -30.0
"""Log-probability of what a system cannot tell at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Told(Scorer):
    """A scorer whose logits are a system's log-probabilities."""

    telling: Telling | None = None
    columns: Rows | None = None
    """Of the candidates, those that the catalog holds."""

    def logits(self, images: Vectors, cosines: Floats) -> Floats:
        """Log-probabilities (n, columns); ``cosines`` are not looked at."""
        if self.telling is None or self.columns is None:
            raise ValueError("a scorer of a system needs its answers")
        nothing: Any = ((frozenset[int](),),) * len(images)
        part = Part(images, images, nothing, ("",) * len(images))
        result: Floats = self.telling(part)[:, self.columns].astype(np.float64)
        return result


def telling(fitted: Fitted, work: Work) -> Telling:
    """The log-probabilities of a system: its own, or the softmax of its classes' scores."""
    own = getattr(fitted, "log_probabilities", None)
    if own is not None:
        answers: Telling = own
        return answers
    known = np.flatnonzero(work.uses())

    def told(part: Part) -> Floats:
        scores = fitted.scores(part)
        result = np.full(scores.shape, LEAST)
        result[:, known] = log_softmax(scores[:, known].astype(np.float64), axis=1)
        return result

    return told


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A system ready to show: calibrated on the validation part."""

    head: Head
    selector: Selector
    calibration: Calibration

    @classmethod
    def of(cls, work: Work, answers: Telling, facts: Facts, aim: Aim = AIM) -> Stage:
        """Calibrate on the validation part; ValueError where it holds no right or no wrong pair."""
        held_by = {*facts.qids}
        columns = np.array([at for at, qid in enumerate(work.items) if qid in held_by])
        table = _table(work, columns)
        weights = Weights(similarity=1.0)
        log_prior = table.log_prior.astype(np.float64)
        scorer = Told(table.vectors, log_prior, weights, telling=answers, columns=columns)
        halves = np.random.default_rng((work.seed, 2)).permutation(len(work.val)) % 2
        one, other = (judged(work, work.val.take(np.flatnonzero(halves == h))) for h in (0, 1))
        fit = fit_display(facts, table, scorer, one, other, other, aim)
        head, selector = serving(facts, table, scorer, fit.calibration)
        return cls(head, selector, fit.calibration)

    def evidence(self, part: Part) -> Iterator[Evidence]:
        """What the system makes of each image."""
        return self.head.read(part.vectors)

    def with_rule(self, rule: Rule, threshold: float, bonus: float = 0.0) -> Selector:
        """The selection under another rule."""
        rules = replace(self.selector.rules, rule=rule, threshold=threshold, darts_bonus=bonus)
        return replace(self.selector, rules=rules)


def _table(work: Work, columns: Rows) -> ItemTable:
    uses = work.uses()[columns]
    prior = (uses + 1) / (uses + 1).sum()
    return ItemTable(
        qids=tuple(work.items[at] for at in columns),
        vectors=work.texts[columns],
        log_prior=np.log(prior).astype(np.float32),
        known=uses > 0,
        n_train=uses.astype(np.int32),
    )


def judged(work: Work, part: Part) -> Judged:
    """A part as the product's calibration takes it."""
    truths = tuple(frozenset(work.items[row] for row in rows) for rows in part.rows())
    return Judged(part.vectors, truths, np.ones(len(part)))


def shown_by(
    stage: Stage, selectors: Mapping[Any, Selector], work: Work, world: World
) -> dict[Any, tuple[Shown, tuple[Choice, ...]]]:
    """What each selection shows on the test part, judged, in one pass over its images."""
    found: dict[Any, list[tuple[int, Choice, Verdict]]] = {key: [] for key in selectors}
    things = [_named(work, truth) for truth in work.test.truths]
    for at, evidence in enumerate(stage.evidence(work.test)):
        for key, selector in selectors.items():
            chosen = selector.choose(evidence)
            for choice in chosen if isinstance(chosen, tuple) else ():
                found[key].append((at, choice, verdict(choice.qid, (things[at],), world)))
    return {key: _judged(len(work.test), rows) for key, rows in found.items()}


def _judged(
    images: int, rows: Sequence[tuple[int, Choice, Verdict]]
) -> tuple[Shown, tuple[Choice, ...]]:
    return (
        Shown(
            images,
            np.array([at for at, _, _ in rows], dtype=np.intp),
            np.array([choice.confidence for _, choice, _ in rows], dtype=np.float64),
            np.array([found for _, _, found in rows], dtype=np.uint8),
        ),
        tuple(choice for _, choice, _ in rows),
    )


def _named(work: Work, truth: Sequence[frozenset[int]]) -> frozenset[Qid]:
    return frozenset(work.items[row] for thing in truth for row in thing)


def displayed(
    name: str, work: Work, stage: Stage, world: World, rules: Sequence[Rule] = RULES
) -> list[Displayed]:
    """What the system shows at its own threshold, and under the other rules at several."""
    threshold = stage.calibration.display_threshold
    selectors: dict[tuple[str, float, bool], Selector] = {}
    if threshold is not None:
        own = stage.with_rule("climb", threshold)
        selectors["climb", stage.calibration.target_precision, True] = own
    for rule in rules:
        for knob in _knobs(rule):
            bonus = knob if rule == "darts" else 0.0
            chosen = stage.with_rule(rule, 0.01 if rule in ("argmax", "darts") else knob, bonus)
            selectors[rule, knob, False] = chosen
    shown = shown_by(stage, selectors, work, world)
    return [
        _displayed(name, work, stage, key, *shown[key]) for key in selectors
    ]  # fmt: skip


def _knobs(rule: Rule) -> tuple[float, ...]:
    return {"argmax": (0.0,), "darts": BONUSES}.get(rule, THRESHOLDS)


def _displayed(
    name: str,
    work: Work,
    stage: Stage,
    key: tuple[str, float, bool],
    shown: Shown,
    choices: Sequence[Choice],
) -> Displayed:
    rule, target, chosen = key
    bits = np.array([stage.selector.specificity[choice.node] for choice in choices])
    items = tuple(choice.qid for choice in choices)
    return Displayed(work.setting, work.seed, name, rule, target, shown, items, bits, chosen)
