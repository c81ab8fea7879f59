"""A training under way: what takes a step, and the checkpoint that it is taken up from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from depicts_model.errors import ArtefactError
from depicts_model.linker.training.knobs import Knobs

if TYPE_CHECKING:
    from depicts_model.linker.training.fit import TinyClip

CHECKPOINT = "checkpoint.pt"
WHAT = {"knobs": "knobs", "digest": "photos, names or teacher"}


@dataclass(frozen=True, slots=True)
class Course:
    """A training under way, and its checkpoint. ``digest`` names what is learnt from."""

    path: Path
    model: TinyClip
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    knobs: Knobs
    digest: str

    def step(self, loss: Tensor) -> None:
        """Down the slope of ``loss``."""
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.schedule.step()

    def save(self, epochs_done: int, seconds: float) -> None:
        """Replace the checkpoint, whole."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "knobs": asdict(self.knobs),
            "digest": self.digest,
            "epochs_done": epochs_done,
            "seconds": seconds,
        }
        unfinished = self.path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(self.path)

    def take_up(self) -> tuple[int, float]:
        """Epochs that are done, and the seconds that they took."""
        if not self.path.exists():
            return 0, 0.0
        state = torch.load(self.path, weights_only=True, map_location="cpu")
        for what, ours in (("knobs", asdict(self.knobs)), ("digest", self.digest)):
            if state[what] != ours:
                raise ArtefactError(
                    f"{self.path}: made from other {WHAT[what]}; remove it to start anew"
                )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        return int(state["epochs_done"]), float(state["seconds"])


def begun(work: Path, model: TinyClip, steps: int, knobs: Knobs, digest: str) -> Course:
    """One cycle over ``knobs.epochs`` epochs of ``steps`` steps, its checkpoint in ``work``."""
    optimizer = _optimizer(model, knobs)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        knobs.learning_rate,
        epochs=knobs.epochs,
        steps_per_epoch=steps,
        pct_start=knobs.warm_up,
        cycle_momentum=False,
    )
    return Course(work / CHECKPOINT, model, optimizer, schedule, knobs, digest)


def present(device: str) -> None:
    """Raises ArtefactError where torch has no such device here."""
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ArtefactError(f"{device}: torch finds no such device on this machine")


def seconds_of(work: Path) -> float:
    """Seconds that the epochs of the checkpoint took, over all starts."""
    state = torch.load(work / CHECKPOINT, weights_only=True, map_location="cpu")
    return float(state["seconds"])


def _optimizer(model: TinyClip, knobs: Knobs) -> torch.optim.Optimizer:
    """AdamW; matrices and kernels decay, norms, biases and scales do not."""
    wide = [p for p in model.parameters() if p.ndim > 1]
    flat = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": wide, "weight_decay": knobs.weight_decay},
        {"params": flat, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=knobs.learning_rate, betas=(0.9, 0.98))
