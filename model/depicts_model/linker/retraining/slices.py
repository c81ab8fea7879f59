"""Parts of the holdout on which a new model must not be worse, whatever it gains elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.retraining.lessons import Lesson
from depicts_model.types import Qid

RARITY: Final = (
    ("never seen", 0, 1),
    ("seen 1 to 9 times", 1, 10),
    ("seen 10 to 99 times", 10, 100),
)
OFTEN: Final = "seen 100 times and more"


def slices_of(lessons: Sequence[Lesson], uses: Mapping[Qid, int]) -> dict[str, NDArray[np.bool_]]:
    """Masks (n,) by name: how often the training showed what is rarest in an image, the images of
    several things, and the sources.
    """
    rarest = np.array([_rarest(lesson, uses) for lesson in lessons])
    found = {name: (low <= rarest) & (rarest < high) for name, low, high in RARITY}
    found[OFTEN] = rarest >= RARITY[-1][2]
    found["several things"] = np.array([len(lesson.things) > 1 for lesson in lessons])
    for source in sorted({lesson.source for lesson in lessons}):
        found[f"source {source}"] = np.array([lesson.source == source for lesson in lessons])
    return found


def _rarest(lesson: Lesson, uses: Mapping[Qid, int]) -> int:
    return min(max(uses.get(qid, 0) for qid in thing) for thing in lesson.things)
