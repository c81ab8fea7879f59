"""The training loop that the contrastive systems share: AdamW, a cosine, and an early end."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from depicts_model.linker.experiments.contrast import Batch, Contrast, Lessons
from depicts_model.linker.experiments.system import Clock

LARGEST_SCALE: Final = 100.0
"""As in CLIP: beyond it training becomes unstable."""


class Scale(nn.Module):
    """The factor of a cosine in a logit, learnt by its logarithm."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.tensor(math.log(start)))

    def forward(self) -> Tensor:
        """A number, never above `LARGEST_SCALE`."""
        return self.log.exp().clamp(max=LARGEST_SCALE)


@dataclass(slots=True)
class Best:
    """The weights that did best on the validation part."""

    model: nn.Module
    figure: float = -math.inf
    stale: int = 0
    """Looks since then."""
    state: dict[str, Any] = field(default_factory=dict)

    def see(self, figure: float) -> None:
        """Keep the weights as they are now, if this is better than all before."""
        self.stale += 1
        if figure > self.figure:
            self.figure, self.stale = figure, 0
            self.state = deepcopy(self.model.state_dict())

    def put_back(self) -> None:
        """Give the model these weights again."""
        self.model.load_state_dict(self.state)


def train(
    model: nn.Module,
    lessons: Lessons,
    loss: Callable[[Batch], Tensor],
    check: Callable[[], float],
    knobs: Contrast,
    clock: Clock,
) -> None:
    """Train what of ``model`` asks for gradients; it ends with the weights that did best.

    ``check`` gives the figure of the validation part; the weights at the start count too.
    """
    optimizer = torch.optim.AdamW(_groups(model, knobs), lr=knobs.rate)
    steps = lessons.steps(knobs) * knobs.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda at: pace(at, steps, knobs))
    draw, best = np.random.default_rng(knobs.seed), Best(model)
    best.see(_look(model, check))
    for epoch in range(1, knobs.epochs + 1):
        for batch in lessons.batches(draw, knobs):
            if clock.up():
                break
            optimizer.zero_grad()
            loss(batch).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        if clock.capped or epoch % knobs.check_every == 0 or epoch == knobs.epochs:
            best.see(_look(model, check))
        if clock.capped or best.stale >= knobs.patience:
            break
    best.put_back()
    model.eval()


def pace(step: int, steps: int, knobs: Contrast) -> float:
    """The share of the rate at a step: up in a line, then down along a cosine, never quite 0."""
    rising = max(1, round(knobs.warm_up * steps))
    if step < rising:
        return (step + 1) / rising
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising))) / 2


def _look(model: nn.Module, check: Callable[[], float]) -> float:
    model.eval()
    with torch.inference_mode():
        figure = check()
    model.train()
    return figure


def _groups(model: nn.Module, knobs: Contrast) -> list[dict[str, object]]:
    """Matrices decay; biases, norms and the scale do not."""
    learnt = [weights for weights in model.parameters() if weights.requires_grad]
    wide = {"params": [w for w in learnt if w.ndim > 1], "weight_decay": knobs.decay}
    return [wide, {"params": [w for w in learnt if w.ndim <= 1], "weight_decay": 0.0}]
