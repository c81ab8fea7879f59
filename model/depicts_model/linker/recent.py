"""What was seen last, in memory: files of the same content are often uploaded together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

MOST: Final = 1_000
"""Vectors: of 512 numbers each, two megabytes."""


class Recent:
    """A memory (see `cached.Memory`) of the last ``most`` values."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._values: dict[bytes, bytes] = {}

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are there."""
        return {key: self._values[key] for key in keys if key in self._values}

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep these values, and forget the oldest."""
        self._values |= rows
        # a dictionary is in the order in which its keys came
        for key in list(self._values)[: max(0, len(self._values) - self._most)]:
            del self._values[key]
