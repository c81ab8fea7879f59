"""Every knob of ``depicts-model fit``, in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Polish:
    """What differs in the second course, which begins with the weights of the first.

    The first ends with 84 % of its photos by heart and 36 % of others right, for it sees three
    crops of each again and again. In the second no image comes twice.
    """

    epochs: int = 40
    epoch_share: float = 0.25
    """Share of the photos in an epoch, drawn anew: short epochs lose little to a kill."""
    batch: int = 128
    learning_rate: float = 1e-3
    warm_up: float = 0.04
    cool_down: float = 0.4
    """Share of the steps at the end in which the rate falls to nothing (linear)."""
    mix_share: float = 0.5
    """Share of the photos into which a part of another is pasted."""
    probe_share: float = 0.5
    """Share of the targets that is what the teacher's features say of the kinds."""
    zoom: float = 0.75
    """Least share of each side of a view that is cut out."""
    average: float = 0.998
    """The weights that are kept are a running mean over the steps, of this inertia."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """The recipe. It is written into the model card and into the checkpoint as it was used."""

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
    epoch_share: float = 1.0
    mix_share: float = 0.0
    probe_share: float = 0.0
    zoom: float = 1.0
    polish: Polish = Polish()
    """The second course; the four above are the first's."""

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
    """Share of the photos kept out of fitting: a half calibrates, a quarter sets the threshold,
    and a quarter is for the report alone."""

    @property
    def polishing(self) -> Knobs:
        """The knobs of the second course, at the last image side."""
        course = self.polish
        return replace(
            self,
            epochs=course.epochs,
            sizes=((1.0, self.side),),
            batch=course.batch,
            learning_rate=course.learning_rate,
            warm_up=course.warm_up,
            seed=self.seed + 1,
            epoch_share=course.epoch_share,
            mix_share=course.mix_share,
            probe_share=course.probe_share,
            zoom=course.zoom,
        )

    @property
    def side(self) -> int:
        """Image side in pixels at the end, and in service."""
        return self.sizes[-1][1]

    def size_at(self, epoch: int) -> int:
        """Image side in pixels in this epoch (from 0)."""
        done = (epoch + 1) / self.epochs
        return next(size for share, size in self.sizes if done <= share + 1e-9)
