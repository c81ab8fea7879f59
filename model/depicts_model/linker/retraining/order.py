"""What a run of `retrain` is told, and what it works with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from depicts_model.errors import ConfigurationError
from depicts_model.linker.cached import CachedEncoder, Memory, seen_by
from depicts_model.linker.facts import Facts
from depicts_model.linker.link import Linker
from depicts_model.linker.retraining.lessons import Limits
from depicts_model.linker.retraining.vectors import Images
from depicts_model.settings import Settings


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. ``base``: the model whose encoder and item vectors stay; ``current``: the one
    that serves, None where none does; ``work``: folder of what is done so far.
    """

    base: Path
    current: Path | None
    work: Path
    data: str
    """Digest of the data set."""
    origin: Mapping[str, str]
    """Sources of the data set, each with its licence."""
    held_out: tuple[Path, ...] = ()
    """Lists of files that judged a model which served (`Registry.held_out`)."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Around:
    """What a run needs beside its order."""

    catalog: Facts
    settings: Settings
    images: Images
    say: Callable[[str], None]
    memory: Memory | None = None
    """Keeps the vectors of files; None: they are kept in the work folder alone."""
    device: str = "cpu"
    """Where images are encoded: ``cpu`` or ``cuda``."""


def loaded(folder: Path, around: Around) -> Linker:
    """The model at ``folder``, as it would serve."""
    return Linker.load(folder, around.catalog, around.settings)


def seeing(linker: Linker, around: Around) -> CachedEncoder:
    """The encoder of a model on the device, with the memory that there is."""
    found = seen_by(linker.encoder, linker.artefact, around.settings, around.memory)
    if around.device == "cpu":
        return found
    moved = copy.deepcopy(linker.encoder.model).to(around.device)
    # it rounds otherwise there
    space = f"{found.space} {around.device}"
    return replace(found, encoder=replace(linker.encoder, model=moved), space=space)


def check_device(name: str) -> None:
    """Raise ConfigurationError where this machine, or this torch, has no such device."""
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError("device cuda: there is none here, or this torch knows none")
