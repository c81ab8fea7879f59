"""The worker's loop: what people ask for, ahead of the crawl; the store is where it is asked.

What was taken comes due again by itself after ``AGAIN``: a worker that is killed between taking
and storing loses nothing. What was taken before is worked on alone, so that a file which kills
the worker takes no other with it; after ``TRIES`` it is stored as failed. The tries are counted in
the store: a kill by somebody else is one, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Final, Protocol

import click

from depicts_bot import pipeline
from depicts_bot.leases import SECONDS, Lease
from depicts_bot.pipeline import Batch
from depicts_bot.report import Tally
from depicts_bot.switching import StoppedError, Watch
from depicts_bot.uploads import Upload
from depicts_bot.work import Decision, Work
from depicts_model.errors import DepictsError, StoreError, WikiError
from depicts_model.types import Failed, Mid

POLL: Final = 0.2
"""Seconds between two looks at the queue while it is empty."""
AGAIN: Final = SECONDS
"""Seconds after which what was taken and not stored is due again."""
TRIES: Final = 3
MOST: Final = 8
"""Files at a time: the first of them waits for the last."""
PATIENCE: Final = (1.0, 30.0)
"""Seconds to wait after a fault of the wiki or the store: at first, and at most; less than the
time after which we count as hung."""

GAVE_UP: Final = Failed(f"worker: taken {TRIES} times, and never finished")


class Queue(Protocol):
    """What the worker needs of ``depicts_model.store.Store`` beside ``pipeline.Store``."""

    def queue_length(self) -> int:
        """How many files wait."""

    def take_requests(
        self, limit: int, at: datetime, again_after: timedelta
    ) -> list[tuple[Mid, int]]:
        """Files that are due, and how often each was taken, this time included."""

    def drop_requests(self, mids: Sequence[Mid]) -> object:
        """Nobody waits for these any more."""


@dataclass(slots=True)
class Worker:
    """Works while the lease is ours; ``run`` is the record that outcomes belong to."""

    work: Work
    queue: Queue
    watch: Watch
    lease: Lease
    run: int
    again: float
    tally: Tally = field(default_factory=Tally)
    _hand: deque[list[Mid]] = field(default_factory=deque)
    """Taken and not stored yet: what is stored together."""

    def serve(self, stop: Event, stale: Callable[[], bool]) -> None:
        """Until ``stop``, until the lease is lost, or until something we loaded is ``stale``.

        A fault of the wiki or of the store is waited out.
        """
        wait = PATIENCE[0]
        while self.lease.ours and not stop.is_set():
            self.lease.progress()
            try:
                if stale():
                    return
                pause = 0.0 if self.step() else POLL
                wait = PATIENCE[0]
            except (WikiError, StoreError) as error:
                self._mishap(error)
                pause, wait = wait, min(2 * wait, PATIENCE[1])
            stop.wait(pause)

    def step(self) -> bool:
        """Work on what is due, or on what is in hand still; whether there was anything."""
        try:
            self.watch.check()
            return self._work()
        except StoppedError:
            self._hand.clear()
            return False

    def _work(self) -> bool:
        if not self._hand:
            self._hand.extend(self._taken())
        if not self._hand:
            return False
        self._store(self._hand[0])
        self._hand.popleft()
        return True

    def _taken(self) -> Iterator[list[Mid]]:
        """What is due: new files together, those taken before one by one."""
        # a look costs less than a transaction that writes
        if not self.queue.queue_length():
            return
        most, again = min(MOST, self.work.batch), timedelta(seconds=self.again)
        taken = self.queue.take_requests(most, datetime.now(UTC), again)
        for mid, times in taken:
            if times > TRIES:
                self._give_up(mid)
        yield from groups(taken)

    def _store(self, mids: Sequence[Mid]) -> None:
        decisions = pipeline.look_at(self.work, [self._upload(mid) for mid in mids])
        # the switch may have been thrown, and the lease lost, while we looked
        self.watch.check()
        if self.lease.ours:
            self._keep(mids, decisions)

    def _keep(self, mids: Sequence[Mid], decisions: Sequence[Decision]) -> None:
        batch = Batch(tuple(decisions), 0, len(mids) - len(decisions))
        pipeline.act(self.work, self.run, batch)
        # one that is done already has no outcome to store, and waits for none
        self.queue.drop_requests(mids)
        batch.count(self.tally)
        click.echo(f"{self.tally.line()}; asked for", err=True)

    def _give_up(self, mid: Mid) -> None:
        """Store it as failed, without asking the wiki: that may be what never ends."""
        stored = self.work.store.latest(mid)
        file = stored.file if stored else Upload.asked_for(mid).unseen()
        self._keep([mid], [(file, GAVE_UP)])

    def _upload(self, mid: Mid) -> Upload:
        """The file as we know it, or as somebody asked for it."""
        stored = self.work.store.latest(mid)
        if stored is None:
            return Upload.asked_for(mid)
        return Upload.of_file(stored.file)

    def _mishap(self, error: DepictsError) -> None:
        """Say it; what a second question cannot mend goes back to the queue."""
        click.echo(f"error: {error}", err=True)
        if isinstance(error, WikiError) and error.retry_after is None and self._hand:
            self._hand.popleft()


def groups(taken: Sequence[tuple[Mid, int]]) -> Iterator[list[Mid]]:
    """What is worked on together: new files, and each by itself that was taken before.

    Those go forwards at the second try and backwards at the third, so that a single file which
    kills the worker keeps nobody behind it from being looked at.
    """
    new = [mid for mid, times in taken if times == 1]
    again = [mid for mid, times in taken if 1 < times <= TRIES]
    backwards = any(times == TRIES for _, times in taken)
    yield from [new] if new else []
    yield from ([mid] for mid in (reversed(again) if backwards else again))
