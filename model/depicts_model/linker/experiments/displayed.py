"""What a system would show: the suggestions of display mode, by rule and target of precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.display_metrics import Shown, display_figures
from depicts_model.types import Qid

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Displayed:
    """S suggestions on the images of a test part."""

    setting: str
    seed: int
    system: str
    rule: str
    """``argmax``, ``threshold``, ``climb``, ``darts``, or a name of its own."""
    target: float
    """The precision that was asked for on the images that calibrated it, 0 where none was; where
    a rule is swept its knob: a threshold, or darts' λ in bits."""
    shown: Shown
    items: tuple[Qid, ...]
    """(S,): what is shown."""
    specificity: Floats
    """(S,), bits."""
    chosen: bool = False
    """Whether this is the point that the product would work at."""

    def __post_init__(self) -> None:
        if not len(self.shown.image) == len(self.items) == len(self.specificity):
            raise ValueError("suggestions, items and specificity differ in length")

    def figures(self) -> dict[str, float]:
        """`display_figures`, and the mean ``specificity`` in bits, NaN where nothing is shown."""
        bits = float(self.specificity.mean()) if len(self.specificity) else float("nan")
        return {**display_figures(self.shown), "specificity": bits}
