"""A training under way: what takes a step, and the checkpoint that it is taken up from.

There are two courses. The first is one cycle over ever larger images. The second (`Polish`) begins
with its weights, at a lower rate that stays level and then falls; what it keeps is the running mean
of the weights (Polyak & Juditsky 1992).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from depicts_model.errors import ArtefactError
from depicts_model.linker.training.knobs import Knobs

if TYPE_CHECKING:
    from depicts_model.linker.training.fit import TinyClip

FIRST, SECOND = "checkpoint.pt", "polish.pt"
WHAT = {"knobs": "knobs", "digest": "photos, names or teacher"}


@dataclass(frozen=True, slots=True)
class Course:
    """A training under way, and its checkpoint. ``average``: the running mean, if one is kept."""

    path: Path
    model: TinyClip
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    knobs: Knobs
    told: dict[str, Any]
    """What the checkpoint must have been made with: knobs and the digest of what is learnt."""
    average: AveragedModel | None = None

    def step(self, loss: Tensor) -> None:
        """Down the slope of ``loss``."""
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.model)

    def result(self) -> TinyClip:
        """The model whose weights are kept."""
        return self.model if self.average is None else cast("TinyClip", self.average.module)

    def save(self, epochs_done: int, seconds: float) -> None:
        """Replace the checkpoint, whole."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {**self.told, "epochs_done": epochs_done, "seconds": seconds}
        unfinished = self.path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(self.path)

    def take_up(self) -> tuple[int, float]:
        """Epochs that are done, and the seconds that they took."""
        if not self.path.exists():
            return 0, 0.0
        state = torch.load(self.path, weights_only=True, map_location="cpu")
        for what, ours in self.told.items():
            if state[what] != ours:
                raise ArtefactError(
                    f"{self.path}: made from other {WHAT[what]}; remove it to start anew"
                )
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        return int(state["epochs_done"]), float(state["seconds"])

    def _parts(self) -> dict[str, Any]:
        """What a checkpoint holds the state of."""
        parts = {"model": self.model, "optimizer": self.optimizer, "schedule": self.schedule}
        return parts if self.average is None else {**parts, "average": self.average}


def first_course(work: Path, model: TinyClip, steps: int, knobs: Knobs, digest: str) -> Course:
    """One cycle over ``knobs.epochs`` epochs of ``steps`` steps."""
    optimizer = _optimizer(model, knobs)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        knobs.learning_rate,
        epochs=knobs.epochs,
        steps_per_epoch=steps,
        pct_start=knobs.warm_up,
        cycle_momentum=False,
    )
    # other knobs of the second course leave the first as it is
    told = {"knobs": {**asdict(knobs), "polish": None}, "digest": digest}
    return Course(work / FIRST, model, optimizer, schedule, knobs, told)


def second_course(work: Path, model: TinyClip, steps: int, knobs: Knobs, digest: str) -> Course:
    """Onwards from ``model``, by ``knobs.polish``, in epochs of ``steps`` steps."""
    course = knobs.polishing
    optimizer = _optimizer(model, course)
    whole = steps * course.epochs
    rising, falling = course.warm_up * whole, knobs.polish.cool_down * whole

    def rate(step: int) -> float:
        return min(1.0, (step + 1) / max(rising, 1), (whole - step) / max(falling, 1))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    mean = get_ema_multi_avg_fn(knobs.polish.average)  # type: ignore[no-untyped-call]
    average = AveragedModel(model, multi_avg_fn=mean, use_buffers=True)
    told = {"knobs": asdict(knobs), "digest": digest}
    return Course(work / SECOND, model, optimizer, schedule, course, told, average)


def present(device: str) -> None:
    """Raises ArtefactError where torch has no such device here."""
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ArtefactError(f"{device}: torch finds no such device on this machine")


def seconds_of(work: Path) -> float:
    """Seconds that the epochs of the checkpoints took, over all starts."""
    kept = [path for path in (work / FIRST, work / SECOND) if path.exists()]
    states = [torch.load(path, weights_only=True, map_location="cpu") for path in kept]
    return sum(float(state["seconds"]) for state in states)


def _optimizer(model: TinyClip, knobs: Knobs) -> torch.optim.Optimizer:
    """AdamW; matrices and kernels decay, norms, biases and scales do not."""
    wide = [p for p in model.parameters() if p.ndim > 1]
    flat = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": wide, "weight_decay": knobs.weight_decay},
        {"params": flat, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=knobs.learning_rate, betas=(0.9, 0.98))
