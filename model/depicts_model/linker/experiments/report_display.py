"""The report's part on display mode: a table, the reliability diagram, and rules compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.bootstrap import Interval
from depicts_model.linker.calibrate import Bin, ece_by_chance, reliability_table
from depicts_model.linker.experiments import report_plots as plots
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.report_intervals import Files, intervals
from depicts_model.linker.experiments.results import OURS
from depicts_model.linker.rules import RULES

Floats = NDArray[np.float64]
Figures = dict[str, float]
Intervals = Mapping[str, Interval]
ENOUGH: Final = 50
"""Suggestions without which there is no reliability diagram: its dots would be chance."""

DRAWS: Final = 300
"""Of the calibration error by chance, told to a digit or two."""


@dataclass(frozen=True, slots=True)
class DisplayRow:
    """A system under a rule, averaged over seeds."""

    system: str
    rule: str
    target: float
    """Of the precision; of a rule that is swept its knob: a threshold, darts' λ in bits."""
    figures: Figures
    suggestions: int
    """Of all seeds together."""
    intervals: Intervals = field(default_factory=dict)
    """Of the figures; none where the rules are only compared."""


@dataclass(frozen=True, slots=True)
class DisplayPart:
    """What would be shown in one setting."""

    setting: str
    rows: tuple[DisplayRow, ...]
    """The points that are chosen to work at."""
    bins: tuple[Bin, ...]
    reliability: str
    """SVG; empty where too little is shown."""
    suggestions: int
    """That it is of."""
    chance: tuple[float, float]
    """ECE that perfectly true confidences would show on as many: mean, and 95 % quantile."""
    rules: str
    """SVG; empty where no rule was tried with several knobs."""
    legend: tuple[plots.Series, ...]
    swept: tuple[DisplayRow, ...]
    """The points of that picture."""


def display_part(
    displayed: Sequence[Displayed], files: Files | None = None, along: Intervals | None = None
) -> DisplayPart:
    """The part on one setting's ``displayed``, at least one.

    ``files``: the images by seed; without them there are no intervals. ``along``: further figures
    of the only row.
    """
    setting = displayed[0].setting
    chosen = [one for one in displayed if one.chosen]
    subject = _subject(displayed)
    swept = _averaged([one for one in displayed if _is_swept(one, subject)])
    series = _series(swept)
    told = [one for one in chosen if one.system == subject]
    confidence, right = _suggestions(told)
    bins = reliability_table(confidence, right) if len(right) else []
    enough = len(right) >= ENOUGH
    return DisplayPart(
        setting=setting,
        rows=tuple(_averaged(chosen, files, along)),
        bins=tuple(bins),
        reliability=plots.reliability(f"reliability-{setting}", bins) if enough else "",
        suggestions=len(right),
        chance=ece_by_chance(confidence, draws=DRAWS) if files is not None else (0.0, 0.0),
        rules=plots.precision_by_specificity(f"rules-{setting}", series) if series else "",
        legend=series,
        swept=tuple(swept) if series else (),
    )


def _subject(displayed: Sequence[Displayed]) -> str:
    names = [one.system for one in displayed]
    return OURS if OURS in names else names[0]


def _is_swept(one: Displayed, subject: str) -> bool:
    """Whether it is there to compare the rules, and not the point to work at."""
    return one.system == subject and one.rule in RULES and not one.chosen


def _averaged(
    displayed: Sequence[Displayed], files: Files | None = None, along: Intervals | None = None
) -> list[DisplayRow]:
    """A row for each system, rule and target, in the order of their first appearance."""
    groups: dict[tuple[str, str, float], list[Displayed]] = {}
    for one in displayed:
        groups.setdefault((one.system, one.rule, one.target), []).append(one)
    beside = along or {}
    more = {name: one.value for name, one in beside.items()}
    return [
        DisplayRow(
            *key,
            {**_mean([one.figures() for one in found]), **more},
            sum(len(one.items) for one in found),
            {} if files is None else {**intervals(found, files), **beside},
        )
        for key, found in groups.items()
    ]


def _mean(found: Sequence[Figures]) -> Figures:
    """Name by name over seeds; a seed that shows nothing has no precision to average."""
    means = {}
    for name in found[0]:
        values = [one[name] for one in found if not math.isnan(one[name])]
        means[name] = float(np.mean(values)) if values else math.nan
    return means


def _series(rows: Sequence[DisplayRow]) -> tuple[plots.Series, ...]:
    """Of each rule its points by knob; none unless a rule was tried at several."""
    found = []
    for number, rule in enumerate(RULES):
        own = sorted((row for row in rows if row.rule == rule), key=lambda row: row.target)
        points = [(row.figures["specificity"], row.figures["precision"]) for row in own]
        told = tuple(point for point in points if not math.isnan(point[0]))
        if told:
            found.append(plots.Series(rule, told, number))
    return tuple(found) if any(len(one.points) > 1 for one in found) else ()


def _suggestions(displayed: Sequence[Displayed]) -> tuple[Floats, NDArray[np.bool_]]:
    """Confidence and what was right, of the seeds together, by the first rule that is chosen."""
    own = [one.shown for one in displayed if one.rule == displayed[0].rule]
    if not own:
        return np.zeros(0), np.zeros(0, dtype=bool)
    confidence = np.concatenate([one.confidence for one in own])
    return confidence, np.concatenate([one.right() for one in own])
