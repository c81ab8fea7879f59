"""The report's part on display mode: a table, the reliability diagram, and rules compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depicts_model.linker.calibrate import Bin, reliability_table
from depicts_model.linker.experiments import report_plots as plots
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.results import OURS
from depicts_model.linker.rules import RULES

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class DisplayRow:
    """A system under a rule, averaged over seeds."""

    system: str
    rule: str
    target: float
    """Of the precision; of a rule that is swept its knob: a threshold, darts' λ in bits."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class DisplayPart:
    """What would be shown in one setting."""

    setting: str
    rows: tuple[DisplayRow, ...]
    """The points that are chosen to work at."""
    bins: tuple[Bin, ...]
    reliability: str
    """SVG; empty where nothing is shown."""
    rules: str
    """SVG; empty where no rule was tried with several knobs."""
    legend: tuple[plots.Series, ...]
    swept: tuple[DisplayRow, ...]
    """The points of that picture."""


def display_part(displayed: Sequence[Displayed]) -> DisplayPart:
    """The part on one setting's ``displayed``, at least one."""
    setting = displayed[0].setting
    rows = _averaged([one for one in displayed if one.chosen])
    subject = _subject(displayed)
    swept = _averaged([one for one in displayed if _is_swept(one, subject)])
    series = _series(swept)
    bins = _bins([one for one in displayed if one.chosen and one.system == subject])
    drawn = plots.reliability(f"reliability-{setting}", bins) if bins else ""
    rules = plots.precision_by_specificity(f"rules-{setting}", series) if series else ""
    return DisplayPart(
        setting, tuple(rows), tuple(bins), drawn, rules, series, tuple(swept) if series else ()
    )


def _subject(displayed: Sequence[Displayed]) -> str:
    names = [one.system for one in displayed]
    return OURS if OURS in names else names[0]


def _is_swept(one: Displayed, subject: str) -> bool:
    """Whether it is there to compare the rules, and not the point to work at."""
    return one.system == subject and one.rule in RULES and not one.chosen


def _averaged(displayed: Sequence[Displayed]) -> list[DisplayRow]:
    """A row for each system, rule and target, in the order of their first appearance."""
    groups: dict[tuple[str, str, float], list[Figures]] = {}
    for one in displayed:
        groups.setdefault((one.system, one.rule, one.target), []).append(one.figures())
    return [DisplayRow(*key, _mean(found)) for key, found in groups.items()]


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


def _bins(displayed: Sequence[Displayed]) -> list[Bin]:
    """The seeds' suggestions together, of the first rule that is chosen."""
    own = [one.shown for one in displayed if one.rule == displayed[0].rule]
    if not sum(len(one.image) for one in own):
        return []
    confidence = np.concatenate([one.confidence for one in own])
    return reliability_table(confidence, np.concatenate([one.right() for one in own]))
