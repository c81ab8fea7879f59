"""A head that counts how much of its evidence is kept at a time."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.head import Evidence, Head
from depicts_model.linker.page import Page


class Watched:
    """A head; ``most``: of how many images evidence was alive at once."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self.most = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._head, name)

    def read(
        self, images: NDArray[np.float32], pages: Sequence[Page] | None = None
    ) -> Iterator[Evidence]:
        """As the head's."""
        given: list[weakref.ref[Any]] = []
        for evidence in self._head.read(images, pages):
            given.append(weakref.ref(evidence.mass))
            self.most = max(self.most, sum(one() is not None for one in given))
            yield evidence
