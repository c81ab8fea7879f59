"""zero-shot: the cosine of an image and "label description" of an item; nothing is learnt."""

from __future__ import annotations

from dataclasses import dataclass

from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Vectors, Work


@dataclass(frozen=True, slots=True)
class Knobs:
    """None."""


@dataclass(frozen=True, slots=True, eq=False)
class Cosines:
    """Unit vectors of the items (N, d)."""

    items: Vectors

    def scores(self, part: Part) -> Scores:
        """(n, N)."""
        cosines: Scores = part.vectors @ self.items.T
        return cosines


def fit(work: Work, knobs: Knobs, clock: Clock) -> Cosines:
    """Takes the text vectors as they are."""
    return Cosines(work.texts)


SYSTEM = System(
    name="zero-shot",
    family="vel",
    source="Visual Entity Linking for Wikimedia Commons (2024): CLIP without training; "
    "R@1/5/10 4.7/11.5/15.9, mAP@10 5.1",
    fit=fit,
    knobs=Knobs(),
)
