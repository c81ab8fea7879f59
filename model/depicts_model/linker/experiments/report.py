"""The report of an experiment: one HTML file that needs nothing beside it, and holds no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from depicts_model.linker.bootstrap import DRAWS, LEVEL, Interval, Ratio
from depicts_model.linker.experiments import report_plots as plots
from depicts_model.linker.experiments import report_words as words
from depicts_model.linker.experiments.comparison import Comparison
from depicts_model.linker.experiments.figures import RATIOS, comparisons, sure
from depicts_model.linker.experiments.report_about import About
from depicts_model.linker.experiments.report_display import (
    ENOUGH,
    DisplayPart,
    Intervals,
    display_part,
)
from depicts_model.linker.experiments.report_items import (
    FEWEST,
    Labels,
    Pictures,
    best_and_worst,
    some_pictures,
    told_apart,
)
from depicts_model.linker.experiments.results import OURS, Results, Run
from depicts_model.linker.metrics import RECALL_AT

MAIN: Final = ("R@1", "R@10", "mAP@10", "DivR@10")
"""Figures whose ratios are told."""
SHOWN: Final = ("R@1", "R@5", "R@10", "R@100", "mAP@10", "DivR@10", "MRR@100")
"""Columns of a setting's table."""
AHEAD: Final = ("R@1", "R@10")
"""Columns that tell how far a system is from ours."""
FAMILIES: Final = {
    "vel": "VEL paper",
    "paper": "other papers",
    "baseline": "baseline",
    "ours": "ours",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A system in a setting's table."""

    system: str
    family: str
    cells: tuple[tuple[Interval, bool], ...]
    """Of each column the figure, and whether it is the best."""
    ahead: tuple[Interval | None, ...]
    seconds: float
    capped: bool


@dataclass(frozen=True, slots=True)
class SettingPart:
    """A setting's table and curves."""

    name: str
    seeds: int
    images: int
    columns: tuple[str, ...]
    ahead: tuple[str, ...]
    """Columns that compare with ours; none where ours did not run, or nothing else did."""
    rows: tuple[Row, ...]
    curves: str
    legend: tuple[plots.Series, ...]


@dataclass(frozen=True, slots=True)
class RatioRow:
    """Ours over the best of each group of rivals."""

    setting: str
    metric: str
    ratios: tuple[Ratio | None, ...]


def render(
    results: Results,
    labels: Labels,
    pictures: Pictures,
    about: About,
    compared: Mapping[str, Comparison] | None = None,
    along: Intervals | None = None,
) -> str:
    """The page. ``labels``: what items are called; ``pictures``: where images come from.

    ``along``: figures beside those of the only display.

    Raises ValueError where there is no run to tell of.
    """
    if not results.runs:
        raise ValueError("no run to tell of")
    found = comparisons(results.runs) if compared is None else compared
    main, labels = _main(results.runs), told_apart(labels)
    best, worst = best_and_worst([run for run in main if run.system == _subject(main)], labels)
    whole = _without_ablations(found[main[0].setting])
    first = [run for run in main if run.seed == main[0].seed and run.system in whole]
    return _template().render(
        about=about,
        words={**words.RANKING, **(words.SHOWN if results.displayed else {})},
        means=words.SHOWN,
        draws=DRAWS,
        level=LEVEL,
        families=FAMILIES,
        ratios=[row for one in found.values() for row in _ratios(one)],
        settings=[_setting(one, results.runs) for one in found.values()],
        display=_display(results, along),
        enough=ENOUGH,
        fewest=FEWEST,
        errors=results.errors,
        broken=results.broken,
        subject=_subject(main),
        where=main[0].setting,
        best=best,
        worst=worst,
        pictures=some_pictures(first, labels, pictures),
        tables=results.tables,
        trials=results.trials,
    )


def write(page: str, path: Path) -> None:
    """Put the page where it belongs, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.html")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)


def _main(runs: Sequence[Run]) -> list[Run]:
    """The runs of the first setting: pictures and items are told of it."""
    return [run for run in runs if run.setting == runs[0].setting]


def _subject(runs: Sequence[Run]) -> str:
    """The system whose items are told: ours, or the first."""
    names = [run.system for run in runs]
    return OURS if OURS in names else names[0]


def _display(results: Results, along: Intervals | None) -> list[DisplayPart]:
    found = []
    for setting in dict.fromkeys(one.setting for one in results.displayed):
        files = {run.seed: run.files for run in results.runs if run.setting == setting}
        some = [one for one in results.displayed if one.setting == setting]
        found.append(display_part(some, files, along))
    return found


def _ratios(one: Comparison) -> list[RatioRow]:
    rows = [
        RatioRow(one.setting, metric, tuple(one.ratio(metric, f) for f in RATIOS.values()))
        for metric in MAIN
        if metric in one.metrics
    ]
    return [row for row in rows if any(row.ratios)]


def _setting(one: Comparison, runs: Sequence[Run]) -> SettingPart:
    columns = tuple(metric for metric in SHOWN if metric in one.metrics)
    compares = OURS in one.systems and len(one.systems) > 1
    ahead = tuple(m for m in AHEAD if m in one.metrics) if compares else ()
    legend = _curves(one)
    ks = [k for k in RECALL_AT if f"R@{k}" in one.metrics]
    return SettingPart(
        name=one.setting,
        seeds=len(one.seeds),
        images=one.images,
        columns=columns,
        ahead=ahead,
        rows=tuple(_row(one, system, columns, ahead, runs) for system in one.systems),
        curves=plots.recall_curves(f"recall-{one.setting}", legend, ks),
        legend=legend,
    )


def _row(
    one: Comparison,
    system: str,
    columns: Sequence[str],
    ahead: Sequence[str],
    runs: Sequence[Run],
) -> Row:
    own = [run for run in runs if (run.setting, run.system) == (one.setting, system)]
    cells = [(sure(one, system, metric), _is_best(one, system, metric)) for metric in columns]
    return Row(
        system=system,
        family="" if _is_plain(one, own[0]) else FAMILIES[own[0].family],
        cells=tuple(cells),
        ahead=tuple(None if system == OURS else one.ahead(system, metric) for metric in ahead),
        seconds=sum(run.seconds for run in own) / len(own),
        capped=any(run.capped for run in own),
    )


def _is_plain(one: Comparison, run: Run) -> bool:
    """Whether its family tells no more than its name."""
    return run.family == "ours" and (run.system == OURS or OURS not in one.systems)


def _is_best(one: Comparison, system: str, metric: str) -> bool:
    column = one.mean[:, one.metrics.index(metric)]
    return len(column) > 1 and bool(column[one.systems.index(system)] == column.max())


def _without_ablations(one: Comparison) -> list[str]:
    """Ours without something is told in the tables, and nowhere else."""
    pairs = zip(one.systems, one.families, strict=True)
    return [n for n, f in pairs if n == OURS or f != "ours" or OURS not in one.systems]


def _curves(one: Comparison) -> tuple[plots.Series, ...]:
    """Ours first, where it ran."""
    names = sorted(_without_ablations(one), key=lambda name: name != OURS)
    ks = [k for k in RECALL_AT if f"R@{k}" in one.metrics]
    return tuple(
        plots.Series(n, tuple((k, one.interval(n, f"R@{k}").value) for k in ks), number)
        for number, n in enumerate(names)
    )


def _template() -> Template:
    text = resources.files("depicts_model").joinpath("data", "report.html").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)
