"""Every knob of ``depicts-model fit``, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Knobs:
    """The recipe. It is written into the model card and into the checkpoint as it was used.

    Tried, and brought nothing: larger input, more views, a second course with averaged weights,
    CutMix and the teacher's discriminant as targets. The limit is overfitting: 84 % of its own
    photos come out right, 36 % of those held out.
    """

    # the image tower: a ResNet of transformers, small enough for 15 MB in half precision
    stem_channels: int = 64
    channels: tuple[int, ...] = (64, 128, 256, 352)
    depths: tuple[int, ...] = (2, 2, 2, 2)
    dim: int = 256
    """Dimensions of the joint space."""

    # the course: image side in pixels, by share of the epochs; small first, because it is cheap
    epochs: int = 40
    sizes: tuple[tuple[float, int], ...] = ((0.35, 40), (0.65, 52), (1.0, 64))
    batch: int = 256
    learning_rate: float = 3e-3
    warm_up: float = 0.15
    """Share of the steps in which the rate rises (one cycle, cosine)."""
    weight_decay: float = 0.05
    seed: int = 0

    # the loss: labels, the teacher's answers, the teacher's features, silence on what is strange
    logit_scale: float = 20.0
    label_smoothing: float = 0.05
    teacher_weight: float = 1.0
    feature_weight: float = 2.0
    texture_share: float = 0.06
    """Share of a batch that is no photo of anything: noise, stripes, shuffled patches."""
    stranger_share: float = 0.06
    """Share of a batch that is photos of kinds that are not learnt."""
    silence_weight: float = 0.5

    # the data
    stored_side: int = 80
    """Side of the square at which photos are kept in memory, pixels."""
    views: int = 3
    """Crops of a photo that the teacher answers for; the first is the whole photo."""
    crop_area: tuple[float, float] = (0.3, 1.0)
    crop_aspect: tuple[float, float] = (0.67, 1.5)
    grey_share: float = 0.15
    colour_jitter: float = 0.25
    sharpness: float = 1.2
    """How far images are blurred or sharpened at random: 1 is a 3 × 3 blur, or its opposite."""
    duplicate_bits: int = 6
    """Photos whose perceptual hashes differ in at most this many of 64 bits count as one."""
    min_photos: int = 40
    """A kind with fewer photos is not learnt. Half of these kinds stand for the strange in
    training, the other half for the strange in judging: most files show what no model knows."""
    judging_share: float = 0.12
    """Share of the photos kept out of fitting, in sixteenths: one for the score's weights and one
    for its terms, five to calibrate and five for the threshold (only items that enough of these ten
    show are ever suggested), four for the report alone."""

    @property
    def side(self) -> int:
        """Image side in pixels at the end, and in service."""
        return self.sizes[-1][1]

    def size_at(self, epoch: int) -> int:
        """Image side in pixels in this epoch (from 0)."""
        done = (epoch + 1) / self.epochs
        return next(size for share, size in self.sizes if done <= share + 1e-9)
