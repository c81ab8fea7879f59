"""How sure what is shown is: figures as they are told, and intervals by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depicts_model.linker.display_metrics import Shown, Verdict
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.report_intervals import intervals
from depicts_model.types import Qid

EXACT, ANCESTOR, GENERAL, WRONG = Verdict


def displayed(images: list[int], verdicts: list[Verdict], of: int, seed: int = 0) -> Displayed:
    count = len(images)
    confidence = np.linspace(0.31, 1.0, count) if count else np.zeros(0)
    shown = Shown(of, np.array(images, np.intp), confidence, np.array(verdicts, np.uint8))
    bits = np.arange(count, dtype=np.float64)
    items = (Qid("Q1"),) * count
    return Displayed("small", seed, "m", "climb", 0.9, shown, items, bits, chosen=True)


def files(of: int, seed: int = 0) -> dict[int, list[str]]:
    return {seed: [f"{seed}/{at}" for at in range(of)]}


def test_the_figures_are_those_that_are_told() -> None:
    one = displayed([0, 0, 1, 3, 4], [EXACT, WRONG, ANCESTOR, GENERAL, EXACT], of=8)
    found = intervals([one], files(8))
    told = one.figures()
    assert found.keys() == told.keys()
    for name, figure in found.items():
        assert figure.value == pytest.approx(told[name]), name
        assert figure.low <= figure.value <= figure.high or name == "ECE"


def test_suggestions_of_an_image_are_one_witness() -> None:
    """Ten on each image tell no more of the precision than one on each."""
    verdicts = [EXACT, WRONG] * 10
    alone = displayed(list(range(20)), verdicts, of=20)
    many = displayed(
        [at for at in range(20) for _ in range(10)], [v for v in verdicts for _ in range(10)], of=20
    )
    one, ten = (intervals([some], files(20))["precision"] for some in (alone, many))
    assert (one.low, one.high) == pytest.approx((ten.low, ten.high))
    assert one.high - one.low > 0.3


def test_all_right_is_not_surely_all_right() -> None:
    found = intervals([displayed([0, 1, 2, 3, 4], [EXACT] * 5, of=30)], files(30))
    assert [found["precision"].low, found["precision"].high] == pytest.approx([0.4, 1])
    assert [found["too general"].low, found["too general"].high] == pytest.approx([0, 0.6])
    assert 0 < found["coverage"].low < 5 / 30 < found["coverage"].high


def test_seeds_count_together() -> None:
    first = displayed([0, 1], [EXACT, WRONG], of=10)
    second = displayed([0, 1], [EXACT, EXACT], of=10, seed=1)
    found = intervals([first, second], files(10) | files(10, seed=1))
    assert found["precision"].value == pytest.approx(0.75)


def test_silence_has_no_precision_and_is_sure_of_nothing() -> None:
    found = intervals([displayed([], [], of=12)], files(12))
    assert np.isnan([found["precision"].value, found["ECE"].low, found["specificity"].high]).all()
    assert (found["coverage"].value, found["coverage"].high) == (0, 0.25)
    with pytest.raises(KeyError):
        intervals([replace(displayed([], [], of=12), seed=3)], files(12))
