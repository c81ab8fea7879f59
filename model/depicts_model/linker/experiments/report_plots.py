"""The report's plots as SVG that lies in the page: no file of its own, no script, its colours.

Colours are sentinels that become variables of the page's style sheet, so that one picture serves
light and dark. What a picture shows stands in a table beside it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from depicts_model.linker.calibrate import Bin

INK: Final = "#010101"
GRID: Final = "#020202"
COLOURS: Final = 8
"""Variables ``--s0`` … of the style sheet."""
DASHES: Final = ("solid", (0, (5, 2)), (0, (1, 1.5)))
"""Line styles, taken in turn: with the colours 24 pairs, and no two neighbours look alike."""
DASH_ARRAYS: Final = ("none", "10 4", "2 3")
"""The same for the legend."""
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
_SIZE: Final = (4.6, 3.2)
"""Inches; the page scales it."""
APART: Final = 0.062
"""Between the numbers at the ends of curves, in heights of the plot."""
_LINK: Final = "http://www.w3.org/1999/xlink"


@dataclass(frozen=True, slots=True)
class Series:
    """A name with points; ``number`` chooses colour and dashes."""

    name: str
    points: tuple[tuple[float, float], ...]
    number: int

    @property
    def dash(self) -> str:
        """Of the legend's line."""
        return DASH_ARRAYS[self.number % len(DASH_ARRAYS)]

    @property
    def colour(self) -> int:
        """Number of the style sheet's variable."""
        return self.number % COLOURS


def recall_curves(name: str, series: Sequence[Series], ks: Sequence[int]) -> str:
    """R@k by k, on a logarithmic axis; the first series is drawn thick.

    At a curve's end stands its place in the legend, from 1, so that no colour need be told.
    """
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure, axes = _axes("k", "R@k")
        for one in reversed(series):
            _draw(axes, one, width=3.0 if one.number == 0 else 1.5)
        axes.set_xscale("log")
        axes.set_xticks(list(ks), [str(k) for k in ks])
        axes.minorticks_off()
        axes.set_ylim(0, 1)
        ends = _apart([one.points[-1][1] for one in series]) if len(series) > 1 else []
        for place, (one, up) in enumerate(zip(series, ends, strict=False), 1):
            how: dict[str, Any] = {"fontsize": 9, "va": "center", "color": _colour(one.number)}
            axes.annotate(str(place), (1.02, up), xycoords=("axes fraction", "data"), **how)
        return _svg(figure, name, "Recall among the first k answers, by system")


def reliability(name: str, bins: Sequence[Bin]) -> str:
    """Share that was right by confidence; a dot's area is its share of what is shown."""
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure, axes = _axes("confidence said", "share that was right")
        axes.plot([0, 1], [0, 1], color=INK, linestyle=DASHES[2], linewidth=1)
        across, up = [b.confidence for b in bins], [b.precision for b in bins]
        axes.plot(across, up, color=_colour(0), linewidth=1.5)
        axes.scatter(across, up, s=[20 + 300 * b.share for b in bins], color=_colour(0))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        return _svg(figure, name, "What was right by the confidence that was said")


def precision_by_specificity(name: str, rules: Sequence[Series]) -> str:
    """Precision against mean specificity in bits, a line for each rule, a dot for each target."""
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure, axes = _axes("mean specificity of what is shown, bits", "precision")
        for one in rules:
            _draw(axes, one, width=1.5, marker="o")
        axes.margins(0.08)
        return _svg(figure, name, "Precision against specificity, by rule of selection")


def _apart(ends: Sequence[float]) -> list[float]:
    """The heights moved apart, in their order, of equals the first on top: to be read beside."""
    order = sorted(range(len(ends)), key=lambda at: (ends[at], -at))
    moved = [ends[at] for at in order]
    for at in range(1, len(moved)):
        moved[at] = max(moved[at], moved[at - 1] + APART)
    over = max(0.0, moved[-1] - 1.0) if moved else 0.0
    for at in reversed(range(len(moved))):
        above = moved[at + 1] - APART if at + 1 < len(moved) else moved[at] - over
        moved[at] = min(moved[at], above)
    found = dict(zip(order, moved, strict=True))
    return [found[at] for at in range(len(ends))]


def _axes(across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes: Axes = figure.add_subplot()
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    return figure, axes


def _draw(axes: Axes, one: Series, width: float, marker: str = "") -> None:
    across, up = zip(*one.points, strict=True)
    style = DASHES[one.number % len(DASHES)]
    how: dict[str, Any] = {"linestyle": style, "linewidth": width, "marker": marker}
    axes.plot(across, up, color=_colour(one.number), markersize=5, **how)


def _colour(number: int) -> str:
    return f"#0300{number % COLOURS:02x}"


def _svg(figure: Figure, name: str, words: str) -> str:
    """The picture as it lies in a page: ids of its own, variables for colours, nothing foreign."""
    data = io.StringIO()
    figure.savefig(data, format="svg", transparent=True, metadata={"Date": None})
    text = data.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    text = text.replace(INK, "var(--ink)").replace(GRID, "var(--line)")
    text = re.sub(r"#0300(\d\d)", lambda found: f"var(--s{int(found[1])})", text)
    inside = text[text.index(">", text.index("<svg")) + 1 :]
    box = " ".join(f"{72 * side:g}" for side in (0, 0, *_SIZE))
    return f'<svg role="img" aria-label="{words}" viewBox="{box}" xmlns:xlink="{_LINK}">{inside}'
