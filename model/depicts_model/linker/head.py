"""Everything between an image's vector and the choice: scores, masses, confidences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from depicts_model.linker.calibrate import EDGE, Calibrator
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
    named: Mapping[int, str] = field(default_factory=dict)
    """Nodes that the file's words name, each with the place that does."""

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
    text_weight: float = 0.0
    """ω, added to the log-odds of a node that the file's words support."""

    def read(
        self, images: NDArray[np.float32], supported: Sequence[Floats] | None = None
    ) -> Iterator[Evidence]:
        """Image vectors (n, d) as `encoder.Encoder.encode` gives them to evidence, one by one.

        ``supported``: for each image (A,), 1 for the nodes that words support, else 0
        (`words.Words.support`). In chunks: memory stays flat however many images come.
        """
        for start in range(0, len(images), CHUNK):
            part = slice(start, start + CHUNK)
            reading = read(self.scorer, self.hierarchy, images[part])
            words = None if supported is None else np.stack(supported[part])
            yield from self._evidence(reading, words)

    def _evidence(self, reading: Reading, words: Floats | None) -> Iterator[Evidence]:
        """The reading with consistent confidences, image by image."""
        confidence = self.hierarchy.surest(
            self.calibrator.confidence(reading.mass, reading.features)
        )
        if words is not None and words.any():
            confidence = self.hierarchy.surest(heard(confidence, words, self.text_weight))
        for row in range(len(confidence)):
            yield Evidence.of(
                reading.cosines[row],
                reading.probabilities[row],
                reading.mass[row],
                confidence[row],
                {name: values[row] for name, values in reading.features.items()},
            )


def heard(confidence: Floats, words: Floats, weight: float) -> Floats:
    """Confidences (n, A) from pixels after words (n, A) of 1 and 0 were heard.

    Bayes' rule in its odds form: logit P(a | pixels, words) = logit P(a | pixels) + ω. A confidence
    is a probability already, and given what is shown, pixels and words are taken as independent.
    """
    result: Floats = expit(logit(np.clip(confidence, EDGE, 1 - EDGE)) + weight * words)
    return np.where(words > 0, np.maximum(result, confidence), confidence)


def read(scorer: Scorer, hierarchy: Hierarchy, images: NDArray[np.float32]) -> Reading:
    """Image vectors (n, d) to scores, masses and features of n images."""
    cosines = scorer.cosines(images)
    probabilities = scorer.probabilities(scorer.logits(cosines))
    agreement = np.linalg.norm(images, axis=1, keepdims=True).astype(np.float64)
    features = {"nearness": hierarchy.nearest(cosines), "agreement": agreement}
    return Reading(cosines, probabilities, hierarchy.roll_up(probabilities), features)
