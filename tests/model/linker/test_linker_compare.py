"""The four rules are compared on the same images, each as it would serve."""

from __future__ import annotations

from dataclasses import replace

import pytest

from depicts_model.linker.compare import UNREACHED, compare
from depicts_model.linker.display import DisplayFit, fit_display
from depicts_model.linker.rules import RULES

from .test_linker_display import AIM, _items, _judged, _scorer
from .world import ZOO

ITEMS = _items()
SCORER = _scorer(ITEMS)
FIT, HELD, REPORT = (_judged(ITEMS, seed, 200, 80, 1.0) for seed in (1, 2, 3))


@pytest.fixture(scope="module")
def fitted() -> DisplayFit:
    return fit_display(ZOO, ITEMS, SCORER, FIT, HELD, REPORT, AIM)


def test_each_rule_is_told_and_the_served_one_as_it_serves(fitted: DisplayFit) -> None:
    rows = compare(ZOO, ITEMS, SCORER, fitted.calibration, FIT + HELD, REPORT)
    assert tuple(row.rule for row in rows) == RULES
    found = {row.rule: row for row in rows}
    climb, argmax = found["climb"], found["argmax"]
    assert climb.precision == pytest.approx(fitted.metrics["display_precision"])
    assert climb.coverage == pytest.approx(fitted.metrics["display_coverage"])
    assert climb.shown == len(fitted.shown.correct)
    assert argmax.knob == "" and found["darts"].knob.startswith("λ = ")
    assert found["threshold"].knob == climb.knob and climb.knob.startswith("threshold ")
    assert found["threshold"].coverage <= climb.coverage
    assert argmax.coverage >= found["threshold"].coverage, "it answers however unsure"
    assert argmax.precision < climb.precision, "and for images of nothing"


def test_a_target_that_no_bonus_reaches_is_said(fitted: DisplayFit) -> None:
    """Only kinds that look alike may be shown, nothing above them."""
    narrow = replace(fitted.calibration, specificity_floor=1.5, target_precision=0.9999)
    rows = compare(ZOO, ITEMS, SCORER, narrow, FIT + HELD, REPORT)
    assert [row.knob for row in rows if row.rule == "darts"] == [UNREACHED]


def test_without_a_threshold_there_is_nothing_to_compare(fitted: DisplayFit) -> None:
    silent = replace(fitted.calibration, display_threshold=None)
    assert compare(ZOO, ITEMS, SCORER, silent, FIT + HELD, REPORT) == ()
