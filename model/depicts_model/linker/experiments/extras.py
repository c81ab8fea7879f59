"""What stands beside the table: ours with each ingredient off, and the encoder's own feature."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from depicts_model.linker.experiments import ours
from depicts_model.linker.experiments.system import System
from depicts_model.linker.experiments.trials import chosen
from depicts_model.linker.experiments.work import Part, Vectors, Work
from depicts_model.linker.score import unit

RAW: Final = ("v2v", "linear-probe", "linear-probe-whitened", "knn", "ours")
"""Systems that can stand on a feature without words."""


def ablations() -> tuple[System, ...]:
    """Ours as it is chosen, with one ingredient off in each."""
    whole = chosen(ours.SYSTEM)
    return tuple(
        replace(ours.SYSTEM, name=f"ours {name}", knobs=replace(whole, **off), space={})
        for name, off in ours.ABLATIONS.items()
    )


def raw_view(work: Work) -> Work:
    """The work in the encoder's own space, centred on the training part; without words."""
    centre = unit(work.train.raw).mean(axis=0)

    def seen(part: Part) -> Part:
        moved: Vectors = unit(unit(part.raw) - centre)
        return replace(part, vectors=moved)

    return replace(
        work,
        setting=f"{work.setting}, raw feature",
        spread=None,
        texts=np.zeros((len(work.items), work.train.raw.shape[1]), dtype=np.float32),
        train=seen(work.train),
        val=seen(work.val),
        test=seen(work.test),
    )
