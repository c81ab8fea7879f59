"""How many files there are, counted at most once a minute.

A count goes through all outcomes, a page through its few; without this every reader would pay for
a count, and a crawler for the database. The cards beside it are never kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final, Protocol

from depicts_model.store import OutcomeFilter

KEPT_SECONDS: Final = 60.0
MOST_KEPT: Final = 256
"""Filters whose counts are kept; readers choose filters, and must not fill the memory."""

Tally = Mapping[str, int]
"""Files by the kind of their outcome."""


class Counted(Protocol):
    """What counts files: ``depicts_model.store.Store``."""

    def count_files(self, wanted: OutcomeFilter) -> Tally:
        """How many files have an outcome of each kind."""


class Counts:
    """Counts by filter, each up to ``KEPT_SECONDS`` old; usable from many threads.

    Nothing is kept of a filter that no file fits: that is counted fast, and the first file is
    seen at once. ``clock`` gives seconds that only grow.
    """

    def __init__(self, store: Counted, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[OutcomeFilter, tuple[float, Tally]] = {}

    def of(self, wanted: OutcomeFilter) -> Tally:
        """How many files have an outcome of each kind; a kind without any is left out."""
        now = self._clock()
        with self._lock:
            at, found = self._kept.get(wanted, (now, {}))
        if found and now - at < KEPT_SECONDS:
            return found
        # counted outside the lock: a slow count of one filter holds up no other
        found = self._store.count_files(wanted)
        with self._lock:
            self._keep(wanted, now, found)
        return found

    def _keep(self, wanted: OutcomeFilter, now: float, found: Tally) -> None:
        self._kept.pop(wanted, None)
        if found:
            self._kept[wanted] = (now, found)
        while len(self._kept) > MOST_KEPT:
            # the oldest: a dictionary keeps the order of what is put in
            del self._kept[next(iter(self._kept))]
