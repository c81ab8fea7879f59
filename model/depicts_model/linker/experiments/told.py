"""Results as a person gets them: a table on the terminal, and the files of a folder."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from depicts_model.errors import ConfigurationError
from depicts_model.linker.bootstrap import Interval, Ratio
from depicts_model.linker.experiments import report
from depicts_model.linker.experiments.comparison import Comparison
from depicts_model.linker.experiments.figures import RATIOS, comparisons, figures, sure
from depicts_model.linker.experiments.report_about import About
from depicts_model.linker.experiments.report_display import display_part
from depicts_model.linker.experiments.report_items import Labels, Pictures
from depicts_model.linker.experiments.results import Results
from depicts_model.linker.experiments.settings import SETTINGS
from depicts_model.linker.experiments.system import Family
from depicts_model.linker.experiments.systems import of_families

TOLD: Final = ("R@1", "R@10", "mAP@10", "DivR@10")
"""Columns of the terminal's table."""
SHOWN: Final = ("precision", "exact", "coverage", "ECE")
"""Figures of display mode that the terminal gets."""
METRICS: Final = "metrics.json"
WARNING: Final = "warning: "
REPORT: Final = "report.html"
_AGAINST: Final = {
    "ratios": "the best of the papers' systems",
    "ratios_vel": "the best of the VEL paper's",
    "ratios_baselines": "the best baseline",
}


def settings_named(words: str) -> tuple[str, ...]:
    """The settings of ``all``, or of names with commas between, each once.

    ConfigurationError with the nearest name where there is none of a name.
    """
    names = SETTINGS if words == "all" else [word.strip() for word in words.split(",")]
    for name in names:
        if name not in SETTINGS:
            near = difflib.get_close_matches(name.lower(), SETTINGS, n=1, cutoff=0.0)[0]
            raise ConfigurationError(f"unknown setting {name!r}; the nearest one is {near!r}")
    return tuple(dict.fromkeys(names))


def lines(compared: Mapping[str, Comparison]) -> Iterator[str]:
    """A table for each setting: every figure with its interval, then ours over the best rivals."""
    for one in compared.values():
        yield f"{one.setting}: {one.images} images, {len(one.seeds)} seed{'s' * _many(one)}"
        metrics = [metric for metric in TOLD if metric in one.metrics]
        wide = max(len(name) for name in one.systems)
        yield "  ".join([" " * wide, *(f"{metric:<19}" for metric in metrics)]).rstrip()
        for system in one.systems:
            cells = [_cell(sure(one, system, metric)) for metric in metrics]
            yield "  ".join([f"{system:<{wide}}", *cells])
        yield from _ratios(one)


def shown_lines(results: Results) -> Iterator[str]:
    """What ours and its rivals would show, averaged over seeds; errors side by side."""
    for setting in dict.fromkeys(one.setting for one in results.displayed):
        some = [one for one in results.displayed if one.setting == setting]
        yield f"display mode, {setting}:"
        for row in display_part(some).rows:
            cells = [f"{name} {row.figures[name]:.3f}" for name in SHOWN]
            yield f"  {row.system}, {row.rule}: {', '.join(cells)}"
    for name, found in results.errors.items():
        told = f"{found['value']:.3f} ({found['low']:.3f}–{found['high']:.3f})"
        yield f"errors of ours over {name}: {told}"
    if results.broken is not None:
        yield f"promises broken by what ours shows: {results.broken}"


def _many(one: Comparison) -> bool:
    return len(one.seeds) > 1


def _ratios(one: Comparison) -> Iterator[str]:
    for name, families in RATIOS.items():
        found = {metric: one.ratio(metric, families) for metric in TOLD if metric in one.metrics}
        told = [f"{metric} {_ratio(ratio)}" for metric, ratio in found.items() if ratio]
        if told:
            yield f"ours over {_AGAINST[name]}{_partly(one, families)}: {'; '.join(told)}"


def _partly(one: Comparison, families: Collection[Family]) -> str:
    """How many of these families' systems ran, where it is not all of them."""
    asked = of_families(families)
    ran = asked & {*one.systems}
    return "" if ran == asked else f" that ran ({len(ran)} of {len(asked)})"


def _cell(one: Interval) -> str:
    return f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})"


def _ratio(one: Ratio) -> str:
    return f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f}, {one.rival})"


def outside_lines(
    results: Results, along: Mapping[str, Interval], warnings: Sequence[str]
) -> Iterator[str]:
    """What a model would show on a test set of one's own: every figure, of what, how sure."""
    (run,), (shown,) = results.runs, results.displayed
    (row,) = display_part(results.displayed, {run.seed: run.files}, along).rows
    yield f"shown: {row.suggestions} suggestions on {shown.shown.images} images"
    for name, one in row.intervals.items():
        unit = " bits" if name == "specificity" else ""
        yield f"shown, {name}: {_cell(one)}{unit}"
    for warning in warnings:
        yield f"{WARNING}{warning}"


def write(
    results: Results,
    labels: Labels,
    pictures: Pictures,
    about: About,
    out: Path,
    along: Mapping[str, Interval] | None = None,
) -> None:
    """Put ``metrics.json`` and ``report.html`` into the folder, each whole.

    ``along``: figures beside those of the only display.
    """
    compared = comparisons(results.runs)
    out.mkdir(parents=True, exist_ok=True)
    draft = out / f"{METRICS}.part"
    text = json.dumps(figures(results, compared, about, along), indent=1, allow_nan=False)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(out / METRICS)
    page = report.render(results, labels, pictures, about, compared, along)
    report.write(page, out / REPORT)
