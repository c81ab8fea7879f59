"""One request to the wiki at a time, of all the programs that share a store.

One connection at a time per wiki is what Commons asks of a bot, and worker, crawl and harvest are
one bot in three programs. So each request waits for the lease ``wiki`` and lets it go after. The
worker, for whom people wait, waits for a single request, never for a whole crawl: crawl and
harvest rest between two of theirs.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Final, Protocol

from depicts_bot.wiki import Json, Wiki
from depicts_model.errors import StoreError

NAME: Final = "wiki"
"""Of the lease."""
SECONDS: Final = 30.0
"""A program that is killed while it asks keeps the others waiting for so long; a request that
takes longer, of a wiki that is out of order, loses its turn."""
LOOK: Final = 0.02
"""Seconds between two looks whether it is our turn."""
REST: Final = 0.06
"""Longer than two looks: who waits for the wiki has it next."""


class Leases(Protocol):
    """What turns need of ``depicts_model.store.Store``."""

    def hold(self, name: str, holder: str, at: datetime, seconds: float) -> bool:
        """Take or renew a lease; False while another holds it."""

    def release(self, name: str, holder: str) -> None:
        """Let a lease go."""


@dataclass(slots=True)
class Rest:
    """Lets others ask between two requests of ours; what else we do meanwhile counts as rest."""

    seconds: float = REST
    _until: float = 0.0

    def over(self) -> None:
        """Wait for the end of it."""
        time.sleep(max(0.0, self._until - monotonic()))

    def begin(self) -> None:
        """A request came to its end."""
        self._until = monotonic() + self.seconds


def nothing() -> None:
    """What there is to do after a request, where nobody says so."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Waits for its turn; the holder is a random word, which tells of no machine."""

    store: Leases
    _ours: Lock = field(default_factory=Lock)
    """Threads of one program have one holder's name between them."""
    _holder: str = field(default_factory=lambda: secrets.token_hex(8))

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait until nobody else asks; raises StoreError."""
        with self._ours:
            while not self.store.hold(NAME, self._holder, datetime.now(UTC), SECONDS):
                time.sleep(LOOK)
            try:
                yield
            finally:
                # what was answered is good; the lease runs out by itself
                with suppress(StoreError):
                    self.store.release(NAME, self._holder)


@dataclass(frozen=True, slots=True)
class InTurn:
    """A wiki that is asked in turn; satisfies ``depicts_bot.wiki.Wiki``.

    ``after`` is called after each request, whether it went well or not.
    """

    wiki: Wiki
    turns: Turns
    high_limits: bool
    after: Callable[[], None] = nothing
    rest: Rest = field(default_factory=Rest)

    @property
    def api(self) -> str:
        """Address of its Action API."""
        return self.wiki.api

    def ask(self, **parameters: str) -> Json:
        """One request, when it is our turn; raises WikiError, StoreError."""
        self.rest.over()
        try:
            with self.turns.taken():
                return self.wiki.ask(**parameters)
        finally:
            self.rest.begin()
            self.after()


def connected(connect: Callable[[], Wiki], store: Leases) -> InTurn:
    """Log in by ``connect``, when it is our turn."""
    turns = Turns(store)
    with turns.taken():
        wiki = connect()
        # the first question for the limits may be a request, too
        return InTurn(wiki, turns, wiki.high_limits)
