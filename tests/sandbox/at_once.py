"""How many requests a server answers at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class AtOnce:
    """``most``: the most so far of each kind."""

    most: Counter[str] = field(default_factory=Counter)
    _now: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counted(self, path: str) -> Iterator[None]:
        """Count a request for ``path`` among those of its kind, ``images`` or ``others``."""
        kind = "images" if "/images/" in path else "others"
        with self._lock:
            self._now[kind] += 1
            self.most[kind] = max(self.most[kind], self._now[kind])
        try:
            yield
        finally:
            with self._lock:
                self._now[kind] -= 1
