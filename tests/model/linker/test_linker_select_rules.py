"""The rules of selection, each against the others on the same evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.errors import ArtefactError
from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.calibration import FILE, Calibration
from depicts_model.linker.masks import Rules
from depicts_model.linker.rules import RULES, Rule, darts, fit_darts
from depicts_model.linker.score import Weights
from depicts_model.types import NothingReason, Qid

from .test_linker_select import RULES as PLAIN
from .test_linker_select import chosen, seen, selector
from .world import ZOO, q, steady

CATS = [0.5, 0.3, 0.1, 0.06, 0.04]
"""Tabby, Siamese, beagle, bicycle, baker: surely a cat, not surely which."""


@pytest.mark.parametrize(
    ("rule", "bonus", "shown"),
    [
        ("argmax", 0, q(4)),
        ("climb", 0, q(3)),
        ("darts", 0, q(4)),
        ("darts", 1, q(3)),
        ("darts", 100, q(1)),
    ],
)
def test_each_rule_on_a_cat_of_uncertain_breed(rule: Rule, bonus: float, shown: Qid) -> None:
    by = selector(rules=replace(PLAIN, rule=rule, darts_bonus=bonus))
    assert chosen(by, CATS) == [shown]


def test_threshold_shows_what_is_sure_itself_and_never_climbs() -> None:
    by = selector(rules=replace(PLAIN, rule="threshold"))
    assert by.choose(seen(by, CATS)) is NothingReason.NOT_SURE
    assert chosen(by, [0.7, 0.1, 0.1, 0.06, 0.04]) == [q(4)]


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_shows_what_may_not_be_shown(rule: Rule) -> None:
    rules = replace(PLAIN, rule=rule)
    barred = selector(replace(ZOO, never_suggest=frozenset(ZOO.qids)), rules=rules)
    assert isinstance(barred.choose(seen(barred, CATS)), NothingReason)
    unfit = selector(rules=replace(rules, threshold=None))
    assert unfit.choose(seen(unfit, CATS)) is NothingReason.NOT_SURE
    general = selector(rules=replace(rules, specificity_floor=99))
    assert isinstance(general.choose(seen(general, CATS)), NothingReason)


def test_climb_is_the_default_and_an_unknown_rule_an_error(tmp_path: Path) -> None:
    assert Rules(0.5, 1.0).rule == "climb"
    calibration = Calibration(Weights(10.0), Calibrator(0.0, 1.0), 0.5, 1.0, 0.9)
    assert calibration.rules().rule == "climb"
    with pytest.raises(ValueError, match="unknown rule 'guess'"):
        Rules(0.5, 1.0, rule="guess")  # type: ignore[arg-type]
    text = replace(calibration, rule="darts", darts_bonus=2.5).to_json()
    (tmp_path / FILE).write_text(text, "utf-8")
    rules = Calibration.read(tmp_path / FILE).rules()
    assert (rules.rule, rules.darts_bonus) == ("darts", 2.5)
    (tmp_path / FILE).write_text(text.replace('"darts"', '"guess"'), "utf-8")
    with pytest.raises(ArtefactError, match=r"calibration\.json.*unknown rule 'guess'"):
        Calibration.read(tmp_path / FILE)


@steady
@given(st.integers(0, 9999), st.floats(0, 50), st.floats(0, 50))
def test_a_larger_bonus_never_gives_a_less_sure_node(seed: int, one: float, other: float) -> None:
    rng = np.random.default_rng(seed)
    confidence, bits, allowed = rng.random(20), 9 * rng.random(20), rng.random(20) > 0.3
    found = [darts(confidence, bits, allowed, bonus) for bonus in sorted((one, other))]
    if found[0] is None or found[1] is None:
        assert not allowed.any()
        return
    assert allowed[found[0]] and allowed[found[1]]
    assert confidence[found[1]] >= confidence[found[0]] - 1e-12


def test_the_fitted_bonus_is_the_smallest_that_reaches_the_accuracy() -> None:
    """Two leaves under a root: at 60 % a leaf is right, the root always."""
    confidence = np.tile([1.0, 0.6, 0.4], (10, 1))
    bits, allowed = np.array([0.5, 2.0, 2.0]), np.ones(3, bool)
    right = np.array([[True, n < 6, n >= 6] for n in range(10)])
    assert fit_darts(confidence, right, bits, allowed, 0.6) == 0
    bonus = fit_darts(confidence, right, bits, allowed, 0.9)
    # the root is chosen from 1 · (0.5 + λ) > 0.6 · (2 + λ)
    assert bonus == pytest.approx(1.75, abs=1e-3)
    right[0] = False
    assert fit_darts(confidence, right, bits, allowed, 0.95) is None
