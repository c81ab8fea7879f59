"""A reason never claims more than the suggestion that it speaks for."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.linker.head import Evidence
from depicts_model.linker.masks import Rules
from depicts_model.linker.reasons import percent, reasons

from .test_linker_select import LEAVES, selector
from .world import dags, q, steady


def _calibrated(mass: np.ndarray, steep: float) -> np.ndarray:
    """Less sure than its mass, as of a model that softmax makes too sure of itself."""
    return mass**steep


@steady
@given(st.data())
def test_no_percentage_exceeds_the_confidence_of_the_suggestion(data: st.DataObject) -> None:
    world = data.draw(dags())
    items = data.draw(st.lists(st.sampled_from(world.qids), min_size=1, unique=True))
    threshold = data.draw(st.sampled_from([0.1, 0.3, 0.5]))
    rule = selector(world, items, Rules(threshold, specificity_floor=0.0))
    raw = np.random.default_rng(data.draw(st.integers(0, 9999))).exponential(size=len(items)) ** 2
    p = raw / raw.sum()
    mass = rule.hierarchy.roll_up(p[None])
    sure = rule.hierarchy.surest(_calibrated(mass, data.draw(st.sampled_from([1.0, 2.0, 3.0]))))
    evidence = Evidence.of(p, p, mass[0], sure[0], {})
    found = rule.choose(evidence)
    for choice in found if isinstance(found, tuple) else ():
        said = " ".join(reasons(choice, evidence, rule, tuple(items), demo=False))
        told = [int(share) for share in re.findall(r"(\d+)%", said)]
        assert told and max(told) <= int(percent(choice.confidence)[:-1]), said


def test_the_nearest_item_is_told_with_its_calibrated_confidence() -> None:
    rule = selector()
    p = np.array([0.8, 0.16, 0.02, 0.01, 0.01])
    mass = rule.hierarchy.roll_up(p[None])
    sure = rule.hierarchy.surest(_calibrated(mass, 3.0))
    evidence = Evidence.of(p, p, mass[0], sure[0], {})
    found = rule.choose(evidence)
    assert isinstance(found, tuple)
    (cat,) = found
    assert cat.qid == q(3)
    said = " ".join(reasons(cat, evidence, rule, LEAVES, demo=False))
    assert "(nearest: tabby, 51%)" in said and "looks like cat (88%)" in said
