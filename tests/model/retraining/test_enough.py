"""Too little is told before a picture is looked at: what there is, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from depicts_model.errors import ArtefactError
from depicts_model.linker.retraining import enough
from depicts_model.linker.retraining.lessons import (
    CALIBRATION,
    HOLDOUT,
    SPLITS,
    TERMS,
    THRESHOLDS,
    WEIGHTS,
    Lesson,
    Lessons,
    Limits,
)
from depicts_model.types import Qid

FACTS: Any = SimpleNamespace(representative=lambda qid: qid)
LIMITS = Limits(1_000, 1_000, 1_000, 1_000)


def lessons(train: int, validation: int, test: int, each: int = 1) -> Iterator[Lesson]:
    """So many files of each split; ``each``: of one uploader."""
    things = (frozenset({Qid("Q1")}),)
    for split, count in zip(SPLITS, (train, validation, test), strict=True):
        for n in range(count):
            unit = f"{split} {n // each}"
            yield Lesson(f"{split}-{n}.jpg", things, unit, split, uploader=unit)


def test_what_there_is_of_each_role_is_told_and_what_is_missing() -> None:
    with pytest.raises(ArtefactError) as raised:
        Lessons.of(partial(lessons, 384, 48, 48), FACTS, LIMITS)
    said = str(raised.value)
    assert said.startswith("the data set is too small: seen: 384 images of 384 units; ")
    assert ", at least 30 of 10 are needed; " in said
    assert said.endswith("; holdout: 48 images of 48 units"), "enough for a first model"


def test_many_images_of_one_uploader_are_too_few() -> None:
    with pytest.raises(ArtefactError, match=r"holdout: 300 images of 1 units, at least 200 of 30"):
        Lessons.of(partial(lessons, 3_000, 600, 300, each=300), FACTS, LIMITS, compared=True)


def test_a_holdout_too_small_for_the_gate_is_told_at_once() -> None:
    assert len(Lessons.of(partial(lessons, 1_000, 300, 199), FACTS, LIMITS).rows(HOLDOUT)) == 199
    with pytest.raises(ArtefactError, match=r"199 images of 199 units, at least 200 of 30 are"):
        Lessons.of(partial(lessons, 1_000, 300, 199), FACTS, LIMITS, compared=True)


def test_images_that_are_not_there_are_none() -> None:
    found = Lessons.of(partial(lessons, 1_000, 300, 20), FACTS, LIMITS)
    gone = found.roles == HOLDOUT
    with pytest.raises(ArtefactError, match=r"holdout: 0 images of 0 units, .* 20 of \d+ images"):
        found.take(~gone)
    assert len(found.take(np.ones(len(gone), dtype=bool)).chosen) == len(found.chosen)


def test_many_more_images_vouch_than_fit_the_score() -> None:
    """The fit takes memory for each; what vouches for an item has to show it 13 times."""
    limits = Limits(seen_per_item=100, score=20, vouching=200)
    sizes = np.bincount(Lessons.of(partial(lessons, 100, 1_000, 20), FACTS, limits).roles)
    assert sizes[[WEIGHTS, TERMS]].tolist() == [20, 20]
    assert sizes[[CALIBRATION, THRESHOLDS]].tolist() == [200, 200]
    assert Limits().vouching >= 10 * Limits().score


def test_every_role_has_a_least() -> None:
    from depicts_model.linker.retraining.lessons import ROLES

    assert tuple(enough.least_of(True)) == ROLES
