"""Everything between an image's vector and the choice: scores, masses, confidences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.score import Scorer

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
CHUNK = 32
"""Images read at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the model makes of one image."""

    cosines: Floats
    """(N,)."""
    probabilities: Floats
    """(N,)."""
    mass: Floats
    """(A,), rolled up."""
    confidence: Floats
    """(A,), calibrated and consistent."""
    features: Mapping[str, Floats]
    """Features of the calibrator by name, (A,) or (1,): of each node, or of the image."""
    ranked: Rows
    """(N,): rows of the items, most probable first; equals in the order of their numbers."""

    @classmethod
    def of(
        cls,
        cosines: Floats,
        probabilities: Floats,
        mass: Floats,
        confidence: Floats,
        features: Mapping[str, Floats],
    ) -> Evidence:
        """The evidence with its ranking."""
        ranked = np.argsort(-probabilities, kind="stable")
        return cls(cosines, probabilities, mass, confidence, features, ranked)

    def features_of(self, node: int) -> dict[str, float]:
        """The features of one node."""
        return {
            name: float(values[min(node, len(values) - 1)])
            for name, values in self.features.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the scores and the hierarchy say of n images, before any calibration."""

    cosines: Floats
    probabilities: Floats
    mass: Floats
    features: Mapping[str, Floats]
    """(n, A) or (n, 1) by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Scores, roll-up and calibration over one hierarchy."""

    scorer: Scorer
    hierarchy: Hierarchy
    calibrator: Calibrator

    def read(self, images: NDArray[np.float32]) -> Iterator[Evidence]:
        """Image vectors (n, d) as `encoder.Encoder.encode` gives them to evidence, one by one.

        In chunks: memory stays flat however many images come.
        """
        for start in range(0, len(images), CHUNK):
            reading = read(self.scorer, self.hierarchy, images[start : start + CHUNK])
            yield from evidence(reading, self.hierarchy, self.calibrator)


def read(scorer: Scorer, hierarchy: Hierarchy, images: NDArray[np.float32]) -> Reading:
    """Image vectors (n, d) to scores, masses and features of n images."""
    cosines = scorer.cosines(images)
    logits = scorer.logits(cosines)
    probabilities = scorer.probabilities(logits)
    agreement = np.linalg.norm(images, axis=1, keepdims=True).astype(np.float64)
    features = {"nearness": hierarchy.nearest(cosines), "agreement": agreement}
    return Reading(cosines, probabilities, hierarchy.roll_up(probabilities), features)


def evidence(reading: Reading, hierarchy: Hierarchy, calibrator: Calibrator) -> Iterator[Evidence]:
    """The reading with consistent confidences, image by image."""
    raw = calibrator.confidence(reading.mass, reading.features)
    confidence = hierarchy.surest(raw)
    for row in range(len(raw)):
        yield Evidence.of(
            reading.cosines[row],
            reading.probabilities[row],
            reading.mass[row],
            confidence[row],
            {name: values[row] for name, values in reading.features.items()},
        )
