"""Reads ahead of the work: a thread of its own asks the wiki, and is held back where it is too far.

How far is what a killed run has to do again. A batch is read only once some of the batch before
is stored, and pictures are fetched for two portions at the most that are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import Final, Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")

AHEAD: Final = 2
"""Parts that are begun and not finished, at the most: the one in hand and the one after it."""
MEANWHILE: Final = 5.0
"""Seconds between two calls of ``meanwhile``."""
PATIENCE: Final = 5.0
"""Seconds that the thread has to end; one that waits for an answer longer is left behind."""


class _End:
    """The last thing in the queue."""


@dataclass(slots=True)
class _Pace:
    """How many parts are begun and not finished."""

    _open: int = 0
    _over: bool = False
    _changed: Condition = field(default_factory=Condition)

    def wait(self, most: int) -> bool:
        """Wait until no more than ``most`` are; False where there is nothing to wait for."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._open <= most)
            return not self._over

    def begun(self) -> None:
        with self._changed:
            self._open += 1

    def finished(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()


@dataclass(slots=True)
class Ahead(Generic[T, U]):
    """Batches of parts, taken from ``batches`` and begun by ``begin`` in a thread of its own."""

    batches: Iterator[Sequence[T]]
    begin: Callable[[T], U]
    meanwhile: Callable[[], None]
    _pace: _Pace = field(default_factory=_Pace)
    _queue: SimpleQueue[U | BaseException | _End] = field(default_factory=SimpleQueue)

    def __iter__(self) -> Iterator[U]:
        """The parts; one is finished when the next is asked for.

        Raises what the thread met, and what ``meanwhile`` raises.
        """
        while not isinstance(one := self._next(), _End):
            if isinstance(one, BaseException):
                raise one
            yield one
            self._pace.finished()

    def _next(self) -> U | BaseException | _End:
        while True:
            try:
                return self._queue.get(timeout=MEANWHILE)
            except Empty:
                self.meanwhile()

    def run(self) -> None:
        """What the thread does."""
        try:
            for one in self._begun():
                self._queue.put(one)
            self._queue.put(_End())
        except BaseException as error:
            self._queue.put(error)

    def stop(self) -> None:
        """Begin no further part."""
        self._pace.stop()

    def _begun(self) -> Iterator[U]:
        behind = 0
        while self._pace.wait(behind):
            parts = next(self.batches, None)
            if parts is None:
                return
            for part in parts:
                if not self._pace.wait(AHEAD - 1):
                    return
                self._pace.begun()
                yield self.begin(part)
            # a batch of few parts may be unfinished as a whole: then the next one waits
            behind = max(0, min(AHEAD, len(parts) - 1))


@contextmanager
def reading(
    batches: Iterator[Sequence[T]], begin: Callable[[T], U], meanwhile: Callable[[], None]
) -> Iterator[Iterator[U]]:
    """The parts of all batches, begun ahead; what is not asked for inside is given up.

    ``meanwhile`` is called every few seconds while the next part is waited for.
    """
    ahead = Ahead(batches, begin, meanwhile)
    # a daemon: what waits minutes for a wiki must not keep an interrupted program from ending
    thread = Thread(target=ahead.run, name="reading", daemon=True)
    thread.start()
    try:
        yield iter(ahead)
    finally:
        ahead.stop()
        thread.join(PATIENCE)
