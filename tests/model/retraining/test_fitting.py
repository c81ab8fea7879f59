"""What chooses the score vouches for nothing that is shown, and judges nothing."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged
from depicts_model.linker.retraining import fitting
from depicts_model.linker.retraining.lessons import CALIBRATION, HOLDOUT, THRESHOLDS, Lessons
from depicts_model.linker.retraining.vectors import Looked
from depicts_model.linker.score import Weights
from depicts_model.types import Qid

from .test_enough import FACTS, LIMITS, lessons

ITEMS = ItemTable(
    (Qid("Q1"),),
    np.ones((1, 1), np.float32),
    np.zeros(1, np.float32),
    np.ones(1, bool),
    np.ones(1, np.int32),
)
FACTS.people = frozenset()


def test_every_image_has_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each image's vector is its number, so that it is known wherever it turns up."""
    parts: list[set[int]] = []

    def taken(*given: Any) -> Any:
        parts.extend({*one.vectors[:, 0].astype(int).tolist()} for one in given if _judges(one))
        return given[0]

    def shown(facts: Any, items: Any, *given: Any) -> Any:
        taken(*given)
        return SimpleNamespace(calibration=CALIBRATED, metrics={})

    monkeypatch.setattr(fitting, "looks", lambda items, seen, *_: taken(_part(seen)) and [])
    monkeypatch.setattr(fitting, "fit_scorer", taken)
    monkeypatch.setattr(fitting, "fit_display", shown)
    monkeypatch.setattr(fitting, "compare", lambda *_: ())
    taught = Lessons.of(partial(lessons, 1_000, 300, 100, each=2), FACTS, LIMITS)
    vectors = np.arange(len(taught.chosen), dtype=np.float32)[:, None]
    version = SimpleNamespace(version="toy-1")
    base: Any = SimpleNamespace(items=ITEMS, calibration=CALIBRATED, manifest=version)
    arrays = fitting.fit(base, taught, vectors, FACTS, LIMITS, print)
    nothing = dict.fromkeys((CALIBRATION, THRESHOLDS, HOLDOUT), vectors[:0])
    fitting.calibrate(*fitting.fitted(base, arrays), taught, Looked(vectors, nothing), FACTS)
    assert len(parts) == 6 and sum(map(len, parts)) == len({*vectors[:, 0].tolist()})
    assert all(parts) and set().union(*parts) == {*range(len(vectors))}
    units = [{taught.chosen[row].unit for row in part} for part in parts]
    assert sum(map(len, units)) == len(set().union(*units)), "nor is a unit parted"


def _judges(one: Any) -> bool:
    return isinstance(one, Judged)


def _part(seen: Any) -> Judged:
    return Judged(seen, (frozenset(),) * len(seen), np.ones(len(seen)))


CALIBRATED = Calibration(Weights(1.0), Calibrator(0, 1), None, 3.0, 0.8)
