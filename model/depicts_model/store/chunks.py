"""Long lists in parts that a statement has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

CHUNK: Final = 500
"""Values in one IN list; databases limit the variables of a statement."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of at most ``CHUNK`` values, in their order."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
