"""How far a step has come, for who waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tqdm import tqdm

Progress = Callable[[str, int | None, str], Any]
"""(step, how many in all, unit) to a bar with ``update`` and ``n``; a context manager."""


def shown(step: str, total: int | None, unit: str) -> Any:
    """A bar on stderr."""
    return tqdm(desc=step, total=total, unit=unit, unit_scale=unit == "B", smoothing=0)


def silent(step: str, total: int | None, unit: str) -> Any:
    """Nothing is shown."""
    return tqdm(desc=step, total=total, unit=unit, disable=True)
