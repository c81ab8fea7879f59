"""Every knob of ``depicts-model fit``, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Course:
    """A stretch of epochs under one cycle of the learning rate."""

    epochs: int
    sizes: tuple[tuple[float, int], ...]
    """Image side in pixels, by share of the epochs; small first, because it is cheap."""
    learning_rate: float
    sharpness: float = 0.0
    """How far images are blurred or sharpened at random: 1 is a 3 × 3 blur, or its opposite."""

    def size_at(self, epoch: int) -> int:
        """Image side in pixels in this epoch of the course (from 0)."""
        done = (epoch + 1) / self.epochs
        return next(size for share, size in self.sizes if done <= share + 1e-9)


@dataclass(frozen=True, slots=True)
class Knobs:
    """The recipe. It is written into the model card and into the checkpoint as it was used."""

    # the image tower: a ResNet of transformers, small enough for 15 MB in half precision
    stem_channels: int = 64
    channels: tuple[int, ...] = (64, 128, 256, 352)
    depths: tuple[int, ...] = (2, 2, 2, 2)
    dim: int = 256
    """Dimensions of the joint space."""

    # first the kinds; then that a thumbnail may be softer or sharper than the photos here
    courses: tuple[Course, ...] = (
        Course(22, ((0.35, 40), (0.65, 52), (1.0, 64)), 3e-3),
        Course(7, ((1.0, 64),), 1e-3, sharpness=1.2),
    )
    batch: int = 256
    warm_up: float = 0.15
    """Share of the steps in which the rate rises (one cycle, cosine)."""
    weight_decay: float = 0.05
    seed: int = 0

    # the loss: labels, the teacher's answers, the teacher's features, silence on textures
    logit_scale: float = 20.0
    label_smoothing: float = 0.05
    teacher_weight: float = 1.0
    feature_weight: float = 2.0
    texture_share: float = 0.06
    """Share of a batch that is no photo of anything: noise, stripes, shuffled patches."""
    texture_weight: float = 0.5

    # the data
    stored_side: int = 80
    """Side of the square at which photos are kept in memory, pixels."""
    views: int = 3
    """Crops of a photo that the teacher answers for; the first is the whole photo."""
    crop_area: tuple[float, float] = (0.3, 1.0)
    crop_aspect: tuple[float, float] = (0.67, 1.5)
    grey_share: float = 0.15
    colour_jitter: float = 0.25
    duplicate_bits: int = 6
    """Photos whose perceptual hashes differ in at most this many of 64 bits count as one."""
    calibration_share: float = 0.1
    """Share of the photos kept out of fitting: half for calibration, half for thresholds."""

    @property
    def side(self) -> int:
        """Image side in pixels at the end, and in service."""
        return self.courses[-1].sizes[-1][1]
