"""One worker at a time, by a lease in the store that a thread renews while the work goes on.

A worker that hangs is as good as dead: the thread renews no more where nothing came to an end for
``HUNG`` seconds, so that another one may take over and nobody takes the worker for alive. After
``END`` seconds it ends the process, to be started anew by whatever starts it.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any, Final, Protocol

from depicts_model.errors import StoreError

NAME: Final = "worker"
"""Of the lease, and of the note that is the worker's heartbeat."""
SECONDS: Final = 30.0
"""A worker that was killed is replaced after this time."""
RENEW: Final = 3.0
"""Seconds between two heartbeats: the service takes one of ten seconds for fresh."""


HUNG: Final = 60.0
"""Each thing that the worker does is shorter: a request, a picture, linking eight of them."""
END: Final = 300.0
"""Loading catalog and model is shorter, too."""


class Leases(Protocol):
    """What a lease needs of ``depicts_model.store.Store``."""

    def hold(self, name: str, holder: str, at: datetime, seconds: float) -> bool:
        """Take or renew a lease; False while another holds it."""

    def release(self, name: str, holder: str) -> None:
        """Let a lease go."""

    def note(self, name: str, value: Any, at: datetime) -> None:
        """Keep a fact under its name."""


@dataclass(slots=True)
class Lease:
    """The right to be the worker; its holder is a random word, which tells of no machine."""

    store: Leases
    seconds: float
    renew: float
    beat: Mapping[str, Any] | None = None
    """What the heartbeat says; None as long as nobody would be served yet: then we are loading."""
    hung: float = HUNG
    end: float = END
    _holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _until: float = 0.0
    _progress: float = field(default_factory=time.monotonic)

    @property
    def ours(self) -> bool:
        """Whether we hold it still, by our own clock: a process may be stopped for long."""
        return time.monotonic() < self._until

    def progress(self) -> None:
        """Something came to an end, well or not."""
        self._progress = time.monotonic()

    @contextmanager
    def held(self, stop: Event) -> Iterator[bool]:
        """Wait until the lease is ours, and renew it inside; False where ``stop`` came first."""
        while not stop.is_set() and not self._renewed():
            stop.wait(self.renew)
        self.progress()
        ended = Event()
        thread = Thread(target=self._keep, args=(ended,), name="lease", daemon=True)
        thread.start()
        try:
            yield self.ours
        finally:
            ended.set()
            thread.join()
            self._let_go()

    def _take(self) -> bool:
        asked = time.monotonic()
        if self.store.hold(NAME, self._holder, datetime.now(UTC), self.seconds):
            self._until = asked + self.seconds
            return True
        self._until = 0.0
        return False

    def _keep(self, ended: Event) -> None:
        """Renew until the end, or until somebody else has it or the work hangs."""
        while not ended.wait(self.renew):
            still = time.monotonic() - self._progress
            if still >= self.end:
                _end_process(still)
            loading = self.beat is None
            if self.ours and (loading or still < self.hung):
                self._renewed()

    def _renewed(self) -> bool:
        """Renew, with a heartbeat; where the database is away it may come back in time."""
        try:
            taken = self._take()
            if taken and self.beat is not None:
                self.store.note(NAME, dict(self.beat), datetime.now(UTC))
        except StoreError as error:
            print(f"error: {error}", file=sys.stderr)
            return False
        return taken

    def _let_go(self) -> None:
        self._until = 0.0
        with suppress(StoreError):
            self.store.release(NAME, self._holder)


def _end_process(seconds: float) -> None:
    """At once: what hangs in the main thread would let nobody end it in good order."""
    told = f"error: worker: nothing came to an end for {seconds:.0f} seconds; it ends itself"
    print(told, file=sys.stderr, flush=True)
    os._exit(1)
