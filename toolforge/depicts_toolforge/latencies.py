"""How long answers took, counted by hour, route and bucket: for the page of statistics.

Counts are kept in memory and handed to the store at most once a minute, after an answer was sent:
no reader waits for it. A process that is killed loses what it counted since. Nothing is counted of
who asked for what: a route has names of parameters, not what they were.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Final

from flask import Flask, Response, g, request

from depicts_model.errors import StoreError, UnsureError
from depicts_model.types import Latency
from depicts_toolforge.api import ALIVE
from depicts_toolforge.figures import EDGES

FLUSH_SECONDS: Final = 60.0
MOST_KEPT: Final = 10_000
"""Counts that wait for a store which does not answer; more are forgotten."""

LONGEST: Final = 64
"""Characters kept of a route."""

Key = tuple[datetime, str, int]
"""The hour, the route, the bucket."""


def bucket(milliseconds: float) -> int:
    """The bucket of an answer, from 0."""
    return bisect_left(EDGES, milliseconds)


class Latencies:
    """Counts since the last flush; safe for many threads.

    ``save`` keeps counts and may raise StoreError: they are kept then, and tried again a minute
    later, unless the store may have kept them. ``clock`` gives seconds that only grow, ``now`` the
    time.
    """

    def __init__(
        self,
        save: Callable[[Sequence[Latency]], None],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._save, self._clock, self._now = save, clock, now
        self._lock = Lock()
        self._counts: Counter[Key] = Counter()
        self._due = clock() + FLUSH_SECONDS

    def add(self, route: str, milliseconds: float) -> None:
        """Count an answer."""
        hour = self._now().replace(minute=0, second=0, microsecond=0)
        key = (hour, route[:LONGEST], bucket(milliseconds))
        with self._lock:
            if key in self._counts or len(self._counts) < MOST_KEPT:
                self._counts[key] += 1

    def flush(self) -> None:
        """Hand the counts over, if a minute has passed; where the store fails they are kept."""
        with self._lock:
            if self._clock() < self._due or not self._counts:
                return
            self._due = self._clock() + FLUSH_SECONDS
            counts, self._counts = self._counts, Counter()
        try:
            # in one order, whoever flushes: two writers do not wait for each other's rows
            self._save([Latency(*key, count) for key, count in sorted(counts.items())])
        except UnsureError:
            # they may be kept: a minute less is better than one counted twice
            return
        except StoreError:
            with self._lock:
                self._counts.update(counts)


def install(app: Flask, latencies: Latencies) -> None:
    """Count every answer to a known route, and flush after one was sent.

    Not the one that must never wait for the store, not even afterwards.
    """

    def start() -> None:
        g.received = time.perf_counter()

    def finish(response: Response) -> Response:
        if request.url_rule is not None and request.endpoint != ALIVE:
            latencies.add(request.url_rule.rule, (time.perf_counter() - g.received) * 1000)
            response.call_on_close(latencies.flush)
        return response

    app.before_request(start)
    app.after_request(finish)
