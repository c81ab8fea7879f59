"""The training loop of the tiny CLIP: one image tower, one linear text head, one plain loop.

The text tower (MiniLM) is frozen; a linear map takes its vectors into the joint space. The image
tower learns from three voices at once: the labels of the photos (full softmax over the kinds'
text vectors, logits adjusted by the kinds' frequency, Menon et al. 2021), a teacher's answers
(distillation, Hinton et al. 2015, through the text vectors of the teacher's class names) and the
teacher's features; on textures it learns to prefer nothing (outlier exposure, Hendrycks 2019).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from depicts_model.linker.training.batches import Batch, Lessons, normalise
from depicts_model.linker.training.course import Course, begun
from depicts_model.linker.training.knobs import Knobs

TOLD = 10
"""Steps between the figures of the bar."""


class TinyClip(nn.Module):
    """Image tower and both projections; unit vectors of ``knobs.dim`` dimensions come out."""

    def __init__(self, knobs: Knobs, text_width: int, feature_width: int) -> None:
        super().__init__()
        from transformers import ResNetConfig, ResNetModel

        width = knobs.channels[-1]
        self.vision = ResNetModel(
            ResNetConfig(
                embedding_size=knobs.stem_channels,
                hidden_sizes=list(knobs.channels),
                depths=list(knobs.depths),
                layer_type="basic",
            )
        )
        self.projection = nn.Linear(width, knobs.dim, bias=False)
        self.text_projection = nn.Linear(text_width, knobs.dim)
        self.feature_head = nn.Linear(width, feature_width) if feature_width else nn.Identity()
        start = float(np.log(knobs.logit_scale))
        self.log_scales = nn.Parameter(torch.tensor([start, start]))

    def pooled(self, images: Tensor) -> Tensor:
        """(b, 3, s, s) → (b, width); computed in half of the bits."""
        with torch.autocast(images.device.type, dtype=torch.bfloat16):
            pooled: Tensor = self.vision(pixel_values=images).pooler_output
        return pooled.flatten(1).float()

    def projected(self, pooled: Tensor) -> Tensor:
        """What `pooled` gives, (b, width) → unit (b, dim)."""
        return functional.normalize(self.projection(pooled), dim=-1)

    def text_vectors(self, embedded: Tensor) -> Tensor:
        """MiniLM vectors (n, 384) → unit (n, dim)."""
        return functional.normalize(self.text_projection(embedded), dim=-1)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """MiniLM vectors of the kinds (k, 384) and of the teacher's classes (c, 384); ``log_prior``
    (k,) of the kinds in the photos that are fitted.
    """

    kinds: Tensor
    classes: Tensor
    log_prior: Tensor

    def to(self, device: torch.device) -> Vocabulary:
        """The same where the model is."""
        return Vocabulary(*(part.to(device) for part in (self.kinds, self.classes, self.log_prior)))


def loss_of(model: TinyClip, batch: Batch, words: Vocabulary, knobs: Knobs) -> dict[str, Tensor]:
    """The parts of the loss, unweighted, each a mean over its images; two come from a teacher."""
    pooled = model.pooled(batch.images)
    vectors = model.projected(pooled)
    count = len(batch.targets)
    scale, teacher_scale = model.log_scales.exp()
    logits = scale * vectors @ model.text_vectors(words.kinds).T
    adjusted = logits[:count] + words.log_prior
    parts = {
        "labels": functional.cross_entropy(
            adjusted, batch.targets, label_smoothing=knobs.label_smoothing
        ),
        "silence": (logits[count:].logsumexp(-1) - logits[count:].mean(-1)).mean(),
    }
    if not len(words.classes):
        return parts
    answers = teacher_scale * vectors[:count] @ model.text_vectors(words.classes).T
    features = model.feature_head(pooled[:count])
    taught = functional.kl_div(
        answers.log_softmax(-1),
        batch.scores.log_softmax(-1),
        log_target=True,
        reduction="batchmean",
    )
    differ = (1 - functional.cosine_similarity(features, batch.features)).mean()
    return parts | {"teacher": taught, "features": differ}


def weights_of(knobs: Knobs) -> dict[str, float]:
    """How much each part of the loss counts."""
    return {
        "labels": 1.0,
        "teacher": knobs.teacher_weight,
        "features": knobs.feature_weight,
        "silence": knobs.silence_weight,
    }


def fit(
    lessons: Lessons,
    words: Vocabulary,
    work: Path,
    knobs: Knobs,
    digest: str = "",
    device: str = "cpu",
) -> TinyClip:
    """Train, or take up again from ``work``; returns the model, in eval mode.

    A kill loses at most the epoch under way. ``digest`` names everything that is learnt from;
    raises ArtefactError where the checkpoint was made with another, or with other knobs.
    """
    torch.manual_seed(knobs.seed)
    model = TinyClip(knobs, words.kinds.shape[1], lessons.answers.features.shape[-1])
    where = torch.device(device)
    model.to(where, memory_format=torch.channels_last)  # type: ignore[call-overload] # torch's stub lacks it
    lessons, words = replace(lessons, device=where), words.to(where)
    course = begun(work, model, lessons.steps(knobs), knobs, digest)
    first, spent = course.take_up()
    for epoch in range(first, knobs.epochs):
        started = time.monotonic()
        _epoch(course, lessons, words, epoch)
        spent += time.monotonic() - started
        course.save(epoch + 1, spent)
    return model.cpu().eval()


def _epoch(course: Course, lessons: Lessons, words: Vocabulary, epoch: int) -> None:
    """One pass over the photos; the bar shows running means of the parts of the loss."""
    model, knobs, weights = course.model, course.knobs, weights_of(course.knobs)
    title = f"epoch {epoch + 1} of {knobs.epochs} at {knobs.size_at(epoch)} px"
    bar = tqdm(lessons.batches(epoch, knobs), title, lessons.steps(knobs))
    means = dict.fromkeys(weights, words.kinds.new_zeros(()))
    model.train()
    for batch in bar:
        parts = loss_of(model, batch, words, knobs)
        course.step(torch.stack([weights[name] * part for name, part in parts.items()]).sum())
        means = {name: means[name].lerp(part.detach(), 0.02) for name, part in parts.items()}
        if bar.n % TOLD == 0:  # a figure that is told waits for the device
            bar.set_postfix({name: f"{part:.2f}" for name, part in means.items()}, refresh=False)


@torch.inference_mode()
def encode(model: TinyClip, pixels: NDArray[np.uint8], size: int, batch: int = 256) -> Tensor:
    """Unit vectors (n, dim) of photos (n, side, side, 3), scaled to size × size."""
    out = []
    for start in range(0, len(pixels), batch):
        images = torch.from_numpy(pixels[start : start + batch]).permute(0, 3, 1, 2).float() / 255
        images = functional.interpolate(images, (size, size), mode="bicubic", antialias=True)
        images = normalise(images.clamp(0, 1)).contiguous(memory_format=torch.channels_last)
        out.append(model.projected(model.pooled(images)))
    return torch.cat(out)
