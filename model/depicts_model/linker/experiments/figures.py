"""All figures of an experiment as one value fit for JSON: what ``bench/experiments.json`` holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from depicts_model.linker.bootstrap import DRAWS, LEVEL, Interval, widened
from depicts_model.linker.experiments.comparison import Comparison
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.report_about import About
from depicts_model.linker.experiments.report_intervals import intervals
from depicts_model.linker.experiments.results import Results, Run
from depicts_model.linker.experiments.system import Family
from depicts_model.linker.metrics import NORMALISERS, per_image

RATIOS: Final[Mapping[str, tuple[Family, ...]]] = {
    "ratios": ("vel", "paper"),
    "ratios_vel": ("vel",),
    "ratios_baselines": ("baseline",),
}
"""Ours over the best system of these families."""


def comparisons(runs: Sequence[Run]) -> dict[str, Comparison]:
    """Setting to the comparison of all systems that ran in it."""
    by_setting: dict[str, list[Run]] = {}
    for run in runs:
        by_setting.setdefault(run.setting, []).append(run)
    return {setting: Comparison.of(found) for setting, found in by_setting.items()}


def figures(
    results: Results,
    compared: Mapping[str, Comparison] | None = None,
    about: About | None = None,
    along: Mapping[str, Interval] | None = None,
) -> dict[str, Any]:
    """``about``: what was compared; ``runs``: one entry a run; ``averages``: over seeds, with
    intervals and how far each is ahead of ours; the ratios, by setting and metric; ``display`` and
    the tables of their own.

    ``compared``: `comparisons` of the runs, where they are there already; ``along``: further
    figures of the only display.
    """
    found = comparisons(results.runs) if compared is None else compared
    ratios = {name: _ratios(found, families) for name, families in RATIOS.items()}
    plain: dict[str, Any] = _plain(
        {
            "about": about.plain() if about else {},
            "definitions": {
                "mAP": f"sum of precisions at hits / {NORMALISERS['min']}",
                "DivR": "covered things / min(k, |G|), 0 hops",
                "intervals": f"paired bootstrap over photos, {DRAWS} draws, {LEVEL:.0%}",
            },
            "runs": [_entry(run) for run in results.runs],
            "averages": {setting: _averages(one) for setting, one in found.items()},
            **ratios,
            "display": [_display(one, results.runs, along or {}) for one in results.displayed],
            "display_errors": {name: dict(found) for name, found in results.errors.items()},
            "display_broken_promises": results.broken,
            "tables": dict(results.tables),
            "trials": list(results.trials),
        }
    )
    return plain


def _entry(run: Run) -> dict[str, Any]:
    values = per_image(run.top, run.truths)
    return {
        "setting": run.setting,
        "system": run.system,
        "seed": run.seed,
        "family": run.family,
        "images": len(run.files),
        "seconds": round(run.seconds, 1),
        "capped": run.capped,
        "metrics": {name: float(value.mean()) for name, value in values.items()},
    }


def _display(one: Displayed, runs: Sequence[Run], along: Mapping[str, Interval]) -> dict[str, Any]:
    files = [run.files for run in runs if (run.setting, run.seed) == (one.setting, one.seed)]
    # of the points that only compare the rules there are hundreds
    told = one.chosen and files
    ends = {**intervals([one], {one.seed: files[0]}), **along} if told else {}
    return {
        "setting": one.setting,
        "seed": one.seed,
        "system": one.system,
        "rule": one.rule,
        "target": one.target,
        "chosen": one.chosen,
        "images": one.shown.images,
        "suggestions": len(one.items),
        "metrics": {**one.figures(), **{name: found.value for name, found in along.items()}},
        "intervals": {name: asdict(found) for name, found in ends.items()},
    }


def _averages(one: Comparison) -> dict[str, Any]:
    return {
        system: {metric: _average(one, system, metric) for metric in one.metrics}
        for system in one.systems
    }


def sure(one: Comparison, system: str, metric: str) -> Interval:
    """A system's figure; of one that is always right, or never, the interval is `widened`."""
    return widened(one.interval(system, metric), one.images // len(one.seeds))


def _average(one: Comparison, system: str, metric: str) -> dict[str, Any]:
    ahead = one.ahead(system, metric)
    found = asdict(sure(one, system, metric))
    return found if ahead is None else {**found, "ahead": asdict(ahead)}


def _ratios(found: Mapping[str, Comparison], families: Sequence[Family]) -> dict[str, Any]:
    by_setting = {}
    for setting, one in found.items():
        ratios = {metric: one.ratio(metric, families) for metric in one.metrics}
        by_setting[setting] = {metric: asdict(r) for metric, r in ratios.items() if r}
    return by_setting


def _plain(value: Any) -> Any:
    """Floats at six digits, and None for what JSON has no number for."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
