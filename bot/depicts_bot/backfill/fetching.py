"""Thumbnails for a backfill: one budget for all who fetch, and patience, for nobody waits here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Protocol

from depicts_model.errors import DepictsError, ImageError, WikiError
from depicts_model.wiki.thumbnails import CONNECTIONS, LATER, Thumbnails

PER_SECOND: Final = 5.0
"""Requests, where the operator says nothing."""
IN_A_ROW: Final = 20
"""So many files that could not be read or fetched, for a reason that passes, end the run."""
TRIES: Final = 3
"""Of a file, after a fault that may pass."""
BACKOFF: Final = 1.0
"""Seconds until the first of them, where the host names no time; twice as long each time."""
LONGEST: Final = 600.0
"""Seconds for which the host is left alone; a later run goes on where it asks for more."""


class StoppedError(DepictsError):
    """The work cannot go on now. Finished shards stay, and the same command goes on from there."""


class Client(Protocol):
    """What `depicts_model.wiki.thumbnails.Thumbnails` does."""

    def fetch(self, url: str, host: str) -> bytes:
        """The bytes, or WikiError or ImageError."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What all workers together may ask of the host of the thumbnails."""

    connections: int = CONNECTIONS
    per_second: float = PER_SECOND
    """Requests."""

    @property
    def seconds(self) -> float:
        """Between two requests over one of the connections."""
        return self.connections / self.per_second


@dataclass(slots=True)
class Polite:
    """A client over one connection of the budget.

    A connection keeps its own share of the pace and its own pauses, so that those who fetch need
    not know of each other: the engine sees to it that there are not more of them.
    """

    client: Client
    budget: Budget
    _next: float = field(default=0.0, init=False)
    _failures: int = field(default=0, init=False)

    def fetch(self, url: str, host: str) -> bytes:
        """As the client's; it waits for its turn, and as long as the host asks for.

        Raises StoppedError after ``IN_A_ROW`` files in a row that may be there at another time:
        a shard of such failures would be as good as finished.
        """
        try:
            data = self._patiently(url, host)
        except (WikiError, ImageError) as error:
            self._count(error)
            raise
        self._failures = 0
        return data

    def _patiently(self, url: str, host: str) -> bytes:
        for number in range(TRIES - 1):
            self._turn()
            try:
                return self.client.fetch(url, host)
            except WikiError as error:
                pause = _pause(error, number)
                if pause is None:
                    raise
                time.sleep(pause)
        self._turn()
        return self.client.fetch(url, host)

    def _turn(self) -> None:
        now = time.monotonic()
        time.sleep(max(0.0, self._next - now))
        self._next = max(self._next, now) + self.budget.seconds

    def _count(self, error: WikiError | ImageError) -> None:
        # a host that the operator did not name fails for all files alike
        foreign = isinstance(error, WikiError) and error.code == "foreign-host"
        counts = foreign or error.retry_after is not None
        self._failures = self._failures + 1 if counts else 0
        if self._failures >= IN_A_ROW:
            told = f"{self._failures} files in a row could not be fetched; the last: {error}"
            raise StoppedError(told) from None


def client_of(contact: str) -> Thumbnails:
    """Tries nothing again by itself: each try has its turn."""
    return Thumbnails(contact, retries=0)


def _pause(error: WikiError, number: int) -> float | None:
    """Seconds until another try makes sense, after so many; None: another one makes none."""
    if error.retry_after == LATER:  # the host named no time
        return float(BACKOFF * 2**number)
    if error.retry_after is None or error.retry_after > LONGEST:
        return None
    return error.retry_after
