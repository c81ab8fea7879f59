"""Everything between an image's vector and the choice: scores, masses, confidences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.combine import Combiner
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.page import Page
from depicts_model.linker.ranking import most_probable
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
    """Rows of the most probable items, best first (`ranking.most_probable`)."""
    pixels: Floats
    """(A,): the confidence before the file's page was heard."""
    page: Page
    """What the file's page says."""

    @classmethod
    def of(
        cls,
        cosines: Floats,
        probabilities: Floats,
        mass: Floats,
        confidence: Floats,
        features: Mapping[str, Floats],
        pixels: Floats | None = None,
        page: Page | None = None,
    ) -> Evidence:
        """The evidence with its ranking; without a page, ``pixels`` are the confidence."""
        return cls(
            cosines=cosines,
            probabilities=probabilities,
            mass=mass,
            confidence=confidence,
            features=features,
            ranked=most_probable(probabilities),
            pixels=confidence if pixels is None else pixels,
            page=page or Page(),
        )

    @property
    def named(self) -> Mapping[int, str]:
        """Nodes that the file's words name, each with the place that does."""
        return self.page.named


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
    """Scores, roll-up, calibration, and the file's page, over one hierarchy."""

    scorer: Scorer
    hierarchy: Hierarchy
    calibrator: Calibrator
    combiner: Combiner = field(default_factory=Combiner)

    def read(
        self, images: NDArray[np.float32], pages: Sequence[Page] | None = None
    ) -> Iterator[Evidence]:
        """Image vectors (n, d) as `encoder.Encoder.encode` gives them to evidence, one by one.

        ``pages``: what each image's page says; None: nothing. In chunks: memory stays flat however
        many images come.
        """
        said = [Page()] * len(images) if pages is None else pages
        for start in range(0, len(images), CHUNK):
            part = slice(start, start + CHUNK)
            reading = read(self.scorer, self.hierarchy, images[part])
            yield from self._evidence(reading, said[part])

    def _evidence(self, reading: Reading, pages: Sequence[Page]) -> Iterator[Evidence]:
        """The reading with consistent confidences, image by image."""
        pixels = self.hierarchy.surest(self.calibrator.confidence(reading.mass, reading.features))
        for row, page in enumerate(pages):
            yield Evidence.of(
                reading.cosines[row],
                reading.probabilities[row],
                reading.mass[row],
                self._heard(pixels[row], page),
                {name: values[row] for name, values in reading.features.items()},
                pixels[row],
                page,
            )

    def _heard(self, pixels: Floats, page: Page) -> Floats:
        """Confidences (A,) after the page was heard; a node stays as sure as what is below it."""
        both = self.combiner.confidence(pixels, page.terms)
        if self.combiner.only_adds:
            return self.hierarchy.raised(both, np.flatnonzero(both > pixels))
        result: Floats = self.hierarchy.surest(both[None])[0]
        return result


def read(scorer: Scorer, hierarchy: Hierarchy, images: NDArray[np.float32]) -> Reading:
    """Image vectors (n, d) to scores, masses and features of n images."""
    cosines = scorer.cosines(images)
    probabilities = scorer.probabilities(scorer.logits(images, cosines))
    agreement = np.linalg.norm(images, axis=1, keepdims=True).astype(np.float64)
    features = {"nearness": hierarchy.nearest(cosines), "agreement": agreement}
    return Reading(cosines, probabilities, hierarchy.roll_up(probabilities), features)
