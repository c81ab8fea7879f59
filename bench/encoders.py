"""The image tower in lower precision against single floats."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from bench.measure import TIMING, Figure, ratio
from depicts_model.linker.images import Preprocess
from depicts_model.linker.precision import FULL, agreement, probes
from depicts_model.linker.towers import forward
from depicts_model.settings import PRECISIONS

BATCH: Final = 8
NAME: Final = "encoder_precision"


def on_vit() -> Iterator[Figure]:
    """A ViT-B/32 of random weights: how much faster each precision is, and how near."""
    import torch

    full = _tower()
    preprocess = Preprocess(224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    pixels = probes(preprocess, BATCH)
    where = f"ViT-B/32, random weights, batch of {BATCH}, {torch.get_num_threads()} threads"
    for precision in PRECISIONS:
        if precision == FULL:
            continue
        low = _tower().to(getattr(torch, precision))
        nearest = float(agreement(full, low, pixels).min())
        times, quick, long = ratio(partial(forward, low, pixels), partial(forward, full, pixels))
        baseline = f"{FULL}, {long * 1e3:.3g} ms against {quick * 1e3:.3g} ms"
        name = f"{NAME}_{precision}"
        yield Figure(name, times, "times as fast", baseline, f"{where}; {TIMING}")
        about = f"{where}; the least of {BATCH} generated images"
        yield Figure(f"{name}_cosine", nearest, "cosine", f"the same tower in {FULL}", about)


def _tower() -> Any:
    """The same weights each time."""
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    tower: Any = CLIPVisionModelWithProjection(CLIPVisionConfig())
    return tower.eval()
