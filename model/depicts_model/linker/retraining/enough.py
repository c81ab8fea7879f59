"""How much a data set has to hold: asked before a picture is looked at, which may take hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from depicts_model.errors import ArtefactError
from depicts_model.linker.gate import LEAST_IMAGES, LEAST_UNITS


@dataclass(frozen=True, slots=True)
class Count:
    """Images, and the units that they are of: uploaders, or what stands for them."""

    images: int
    units: int

    def __str__(self) -> str:
        return f"{self.images} images of {self.units} units"

    def holds(self, least: Count) -> bool:
        """Whether it is no less than ``least``."""
        return self.images >= least.images and self.units >= least.units


LEAST: Final = {
    "seen": Count(100, 10),
    "weights": Count(15, 5),
    "terms": Count(15, 5),
    "calibration": Count(30, 10),
    "thresholds": Count(30, 10),
    "holdout": Count(1, 1),
}
"""By role. Nothing is shown of what fewer than 13 judged images show, and no threshold is certified
by fewer than 19 answers, all of them right: of two slices of 30 images most models show nothing.
The units are for the slices not to be one uploader's taste.
"""
COMPARED: Final = Count(LEAST_IMAGES, LEAST_UNITS)
"""Of the holdout where a model serves: the gate compares on no fewer."""


def least_of(compared: bool) -> dict[str, Count]:
    """The least of each role; ``compared``: there is a model to be compared with."""
    return {**LEAST, "holdout": COMPARED} if compared else dict(LEAST)


def check(units: Mapping[str, Sequence[str]], least: Mapping[str, Count], more: str = "") -> None:
    """Raise ArtefactError where a role has too little; it tells what there is of each.

    ``units``: of each image of a role the unit; ``more``: why that may be.
    """
    found = {role: Count(len(some), len({*some})) for role, some in units.items()}
    if all(count.holds(least[role]) for role, count in found.items()):
        return
    told = "; ".join(_told(role, count, least[role]) for role, count in found.items())
    raise ArtefactError(f"the data set is too small: {told}{more}")


def _told(role: str, count: Count, least: Count) -> str:
    needed = "" if count.holds(least) else f", at least {least.images} of {least.units} are needed"
    return f"{role}: {count}{needed}"
