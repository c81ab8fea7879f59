"""What every system must hold, whatever it learns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Work

from .works import small_work


def scores(system: System, work: Work, knobs: Any = None, clock: Clock | None = None) -> Scores:
    """Of the test part."""
    fitted = system.fit(work.blind(), knobs or system.knobs, clock or Clock())
    return fitted.scores(work.test)


def recall(found: Scores, part: Part, k: int) -> float:
    """Recall@k."""
    top = np.argsort(-found, axis=1, kind="stable")[:, :k].tolist()
    return float(np.mean([bool(set(t) & rows) for t, rows in zip(top, part.rows(), strict=True)]))


def holds(system: System, beats: float = 0.5) -> None:
    """Blind, steady, finite, and right at first place in more than ``beats`` of the images."""
    work = small_work()
    found = scores(system, work)
    assert found.shape == (len(work.test), len(work.items)) and found.dtype == np.float32
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, scores(system, work))
    np.testing.assert_array_equal(found, scores(system, _other_truths(work)))
    assert recall(found, work.test, 1) > beats
    alone = work.test.take(np.array([3]))
    fitted = system.fit(work.blind(), system.knobs, Clock())
    np.testing.assert_allclose(fitted.scores(alone)[0], found[3], atol=1e-4)


def stops(system: System) -> None:
    """A clock that is up from the start leaves a system that can still answer, and says so."""
    work, clock = small_work(), Clock(seconds=-1)
    found = scores(system, work, clock=clock)
    assert clock.capped and np.isfinite(found).all()


def every_trial_fits(system: System) -> None:
    """All twelve draws of the space are knobs with which a fit comes to an end."""
    work = small_work()
    for number in range(12):
        assert np.isfinite(scores(system, work, system.trial(number))).all()


def _other_truths(work: Work) -> Work:
    """The same pixels, every test truth replaced by a wrong one."""
    wrong = tuple((frozenset({len(work.items) - 1}),) for _ in work.test.files)
    part = Part(work.test.vectors, work.test.raw, wrong, work.test.files)
    return replace(work, test=part)
