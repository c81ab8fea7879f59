"""The image adapter of the VNEL paper, and the knobs that its systems share.

Source: Sun et al., "Visual Named Entity Linking: A New Dataset and A Baseline" (2022, arXiv
2211.04872): encoders frozen, a residual network 512 → 1024 → 512 on the images, fine-tuned
contrastively. Here d → 2d → d, as published. What the paper leaves open is left to trials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from depicts_model.linker.experiments.contrast import Contrast
from depicts_model.linker.experiments.course import Scale


@dataclass(frozen=True, slots=True)
class Knobs(Contrast):
    """Images look for their items, never the other way; no parents among the targets."""

    batch: int = 256
    parents: float = 0.0
    by_frequency: bool = False
    distinct: bool = True
    """WikiPerson's batches hold hardly any item twice; so it is here."""
    both_ways: bool = False
    epochs: int = 40
    dropout: float = 0.1
    pool: Literal["max", "mean"] = "mean"
    """v2v: an item is as near as its nearest image, or as its images on average."""


SPACE: Final[Mapping[str, tuple[Any, ...]]] = {
    "batch": (128, 256, 1024),
    "rate": (1e-4, 3e-4, 1e-3, 3e-3),
    "decay": (0.0, 0.01, 0.1, 0.5),
    "scale": (10.0, 20.0, 40.0),
    "dropout": (0.0, 0.1, 0.3, 0.5),
}


class Adapter(nn.Module):
    """Unit vectors (…, d) in, unit vectors (…, d) out; at the start they stay as they are."""

    def __init__(self, dim: int, knobs: Knobs) -> None:
        super().__init__()
        self.scale = Scale(knobs.scale)
        self.net = nn.Sequential(
            nn.Linear(dim, 2 * dim), nn.ReLU(), nn.Dropout(knobs.dropout), nn.Linear(2 * dim, dim)
        )
        for weights in self.net[-1].parameters():
            nn.init.zeros_(weights)

    def forward(self, vectors: Tensor) -> Tensor:
        """The adapted vectors."""
        return functional.normalize(vectors + self.net(vectors), dim=-1)


def towards(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross entropy of the rows that have a target; both (b, c), targets of any sum."""
    weight = targets.sum(1)
    shares = targets / weight.clamp(min=1e-9)[:, None]
    losses = -(shares * functional.log_softmax(logits, dim=1)).sum(1)
    return losses.sum() / (weight > 0).sum().clamp(min=1)


def seeded(dim: int, knobs: Knobs) -> Adapter:
    """The adapter as every fit of this seed starts with it."""
    torch.manual_seed(knobs.seed)
    return Adapter(dim, knobs)
