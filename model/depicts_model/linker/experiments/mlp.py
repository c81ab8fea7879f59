"""mlp-1024, mlp-256: both encoders frozen, a small network on top, trained contrastively.

Recipe of the VEL paper: InfoNCE within the batch, parents at one hop among the targets, an item's
gradient divided by its frequency in the batch, AdamW at 1e-3, no frequency prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from depicts_model.linker.experiments.contrast import Batch, Contrast, Lessons, loss_of
from depicts_model.linker.experiments.course import Scale, train
from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Vectors, Work
from depicts_model.linker.experiments.worth import worth


@dataclass(frozen=True, slots=True)
class Knobs(Contrast):
    """Where the paper says nothing: a common size, and a residual that starts as zero-shot."""

    check_every: int = 5
    hidden: int = 1024
    dropout: float = 0.1
    residual: bool = True
    """Whether the network adds to the frozen vector, or takes its place."""
    on_items: bool = False
    """Whether the items' vectors get a network of their own, or only the images'."""


SPACE: Final[Mapping[str, tuple[Any, ...]]] = {
    "rate": (1e-3, 2e-3, 3e-3),
    "decay": (0.01, 0.1, 0.5),
    "scale": (3.0, 5.0, 7.0, 10.0, 14.0),
    "hidden": (512, 1024),
    "dropout": (0.0, 0.1, 0.3),
    "residual": (True, False),
    "on_items": (True, False),
    "parents": (0.1, 0.3, 1.0),
    "both_ways": (True, False),
}


class Head(nn.Module):
    """One hidden layer; unit vectors (n, d) in, unit vectors (n, d) out."""

    def __init__(self, dim: int, knobs: Knobs) -> None:
        super().__init__()
        self.residual = knobs.residual
        self.net = nn.Sequential(
            nn.Linear(dim, knobs.hidden),
            nn.GELU(),
            nn.Dropout(knobs.dropout),
            nn.Linear(knobs.hidden, dim),
        )
        if knobs.residual:
            for weights in self.net[-1].parameters():
                nn.init.zeros_(weights)

    def forward(self, vectors: Tensor) -> Tensor:
        """The new unit vectors."""
        made = self.net(vectors)
        return functional.normalize(vectors + made if self.residual else made, dim=-1)


class Heads(nn.Module):
    """Both sides, and the scale of their cosines."""

    def __init__(self, dim: int, knobs: Knobs) -> None:
        super().__init__()
        self.images = Head(dim, knobs)
        self.items = Head(dim, knobs) if knobs.on_items else nn.Identity()
        self.scale = Scale(knobs.scale)

    @torch.inference_mode()
    def scores(self, images: Vectors, items: Vectors) -> Scores:
        """Cosines (n, N) of unit vectors (n, d) and (N, d)."""
        left, right = self.images(torch.from_numpy(images)), self.items(torch.from_numpy(items))
        found: Scores = (left @ right.T).numpy()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The heads, and the frozen vectors of the items (N, d)."""

    heads: Heads
    texts: Vectors

    def scores(self, part: Part) -> Scores:
        """(n, N)."""
        return self.heads.scores(part.vectors, self.texts)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Trained:
    """Trains on the train part's pairs; ends where the validation part does best."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(knobs.seed)
        heads = Heads(work.texts.shape[1], knobs)
        lessons = Lessons.of(work, knobs.parents)
        images = torch.from_numpy(work.train.vectors)
        items = torch.from_numpy(work.texts[lessons.seen])

        def loss(batch: Batch) -> Tensor:
            right = heads.items(items)[batch.columns]
            return loss_of(heads.images(images[batch.images]), right, heads.scale(), batch, knobs)

        def check() -> float:
            return worth(heads.scores(work.val.vectors, work.texts), work.val)

        train(heads, lessons, loss, check, knobs, clock)
    return Trained(heads, work.texts)


_1024: Final = System(
    name="mlp-1024",
    family="vel",
    source="Visual Entity Linking for Wikimedia Commons (2024): MLP on frozen CLIP, batches of "
    "1024; R@1/5/10 16.2/40.5/51.8, mAP@10 18.7",
    fit=fit,
    knobs=Knobs(batch=1024, epochs=150),
    space=SPACE,
)
_256: Final = System(
    name="mlp-256",
    family="vel",
    source="Visual Entity Linking for Wikimedia Commons (2024): MLP on frozen CLIP, batches of "
    "256; R@1/5/10 14.2/38.8/49.8, mAP@10 17.3",
    fit=fit,
    knobs=Knobs(batch=256, epochs=60),
    space=SPACE,
)
_STRONG: Final = System(
    name="mlp-256-distinct",
    family="vel",
    source="mlp-256 with one column an item and batch, so that it learns the items' frequencies "
    "too; the paper does not say which, and this is the stronger rival",
    fit=fit,
    knobs=Knobs(batch=256, epochs=60, distinct=True),
    space={**SPACE, "parents": (0.0, 0.1, 0.3)},
)
SYSTEMS: Final = (_1024, _256, _STRONG)
