"""The systems by name, in the table's order; a system's module is imported when it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from importlib import import_module
from typing import Final

from depicts_model.errors import ConfigurationError
from depicts_model.linker.experiments.system import Family, System

MODULES: Final = {
    "random": "random_items",
    "top-k": "top_k",
    "zero-shot": "zero_shot",
    "mlp-1024": "mlp",
    "mlp-256": "mlp",
    "te-256": "te",
    "v2v": "v2v",
    "v2t": "v2t",
    "v2vt": "v2vt",
    "linear-probe": "linear_probe",
    "linear-probe-whitened": "linear_probe",
    "knn": "knn",
    "mlp-256-distinct": "mlp",
    "served": "served",
    "ours": "ours",
}
"""Name to the module beside this one."""
NAMES: Final = tuple(MODULES)


def by_name(name: str) -> System:
    """The system of this name; ConfigurationError with the nearest one where there is none."""
    if name not in MODULES:
        near = difflib.get_close_matches(name.lower(), NAMES, n=1, cutoff=0.0)[0]
        raise ConfigurationError(f"unknown system {name!r}; the nearest one is {near!r}")
    found = import_module(f"depicts_model.linker.experiments.{MODULES[name]}")
    here: tuple[System, ...] = getattr(found, "SYSTEMS", None) or (found.SYSTEM,)
    return next(system for system in here if system.name == name)


def of_families(families: Collection[Family]) -> frozenset[str]:
    """Names of all systems of these families."""
    return frozenset(name for name in NAMES if by_name(name).family in families)


def named(names: str) -> tuple[System, ...]:
    """The systems of ``all``, or of names with commas between, in the table's order."""
    asked = NAMES if names == "all" else tuple(name.strip() for name in names.split(","))
    found = {name: by_name(name) for name in asked}
    return tuple(found[name] for name in NAMES if name in found)
