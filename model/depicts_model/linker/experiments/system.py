"""What a system is: a name, a source, knobs with the values that trials draw from, and a fit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.experiments.work import Part, Work

Family = Literal["vel", "paper", "baseline", "ours"]
"""vel: the systems of the VEL paper; paper: of the other papers; baseline: linear probe, kNN."""
Scores = NDArray[np.float32]


class Fitted(Protocol):
    """A system after its fit."""

    def scores(self, part: Part) -> Scores:
        """(n, N): the higher, the better; only the order of a row means anything."""


@dataclass(slots=True)
class Clock:
    """The wall time that a fit may take; the same for every system."""

    seconds: float = float("inf")
    capped: bool = False
    """Whether the fit was cut short."""
    started: float = field(default_factory=time.monotonic)

    def up(self) -> bool:
        """True once the time is up; asked between steps, so that a fit ends with what it has."""
        self.capped = self.capped or time.monotonic() - self.started > self.seconds
        return self.capped


@dataclass(frozen=True, slots=True)
class System:
    """A named experiment."""

    name: str
    family: Family
    source: str
    """The paper, and what it published."""
    fit: Callable[[Work, Any, Clock], Fitted]
    """From the work, the knobs and the clock; it may look at train and val, never at test."""
    knobs: Any
    """A frozen dataclass: the knobs as published, or as good practice has them."""
    space: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Knob to the values that trials draw from; empty: there is nothing to tune."""

    def trial(self, number: int, seed: int = 0) -> Any:
        """The knobs of one trial; the first is ``knobs`` as they are."""
        if number == 0:
            return self.knobs
        draw = np.random.default_rng((seed, number))
        drawn = {name: values[draw.integers(len(values))] for name, values in self.space.items()}
        return replace(self.knobs, **drawn)
