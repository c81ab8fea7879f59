"""What is switched off: everything by the page on the wiki, classes of items, or single items.

The service asks no wiki. The bot reads the page and leaves a note in the store, with the moment;
it is looked up here every few seconds at the most, and so are the classes that were paused for
their reverts and the lists that the bot went by. A reader therefore learns of a switch within a
minute, as promised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final, Protocol

from depicts_model import switch
from depicts_model.overrides import Overrides, recorded
from depicts_model.store import BOT_RUN
from depicts_model.types import Noted, Qid

KEPT_SECONDS: Final = 10.0
WORKER: Final = "worker"
"""Name of the note that a worker leaves as long as it lives."""
ALIVE: Final = timedelta(seconds=10)
"""A worker that left a note since then is alive."""
UNREAD: Final = timedelta(minutes=10)
"""A page that nobody has read for so long may say something else by now."""


class Notes(Protocol):
    """What switches are read from: ``depicts_model.store.Store``."""

    def noted(self, name: str) -> Noted | None:
        """The note of this name."""

    def pauses(self) -> Mapping[Qid, object]:
        """Classes that are paused for their reverts."""

    def last_inputs(self, kind: str) -> Mapping[str, Any]:
        """What the newest run of this kind recorded: the bot its lists."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the switches stand."""

    stopped: str | None
    """Why everything is switched off; None while it is not."""
    paused: frozenset[Qid]
    """Classes that are not shown, as they were named."""
    overrides: Overrides
    """The lists on the wiki, as the newest run of the bot found them."""
    working: bool
    """Whether a worker was alive when this was looked up."""
    unread: bool
    """Whether the page is read no more although there was a worker to read it."""


class Switches:
    """The switches, each up to ``KEPT_SECONDS`` old; usable from many threads.

    ``clock`` gives seconds that only grow, ``now`` the time.
    """

    def __init__(
        self,
        store: Notes,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._store = store
        self._now = now or _utc
        self._clock = clock
        self._lock = Lock()
        self._kept: tuple[float, Standing] | None = None

    def now(self) -> Standing:
        """How they stand; raises StoreError where that has to be looked up and cannot be."""
        at = self._clock()
        with self._lock:
            if self._kept is None or at - self._kept[0] >= KEPT_SECONDS:
                self._kept = at, self._read()
            return self._kept[1]

    def _read(self) -> Standing:
        page, worker = self._store.noted(switch.NOTE), self._store.noted(WORKER)
        said, now = switch.noted(page.value) if page else switch.ON, self._now()
        return Standing(
            stopped=said.reason if said.stopped else None,
            paused=frozenset(said.paused).union(self._store.pauses()),
            overrides=recorded(self._store.last_inputs(BOT_RUN)),
            # a note of the future is of a clock that was wrong, and not of a worker of now
            working=worker is not None and abs(now - worker.at) <= ALIVE,
            unread=worker is not None and (page is None or now - page.at > UNREAD),
        )


def _utc() -> datetime:
    return datetime.now(UTC)
