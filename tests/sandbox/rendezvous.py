"""Makes a race happen on purpose: so many writers read, then they save one after another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 20.0


class Rendezvous:
    """Between reading and saving, the next ``expect(n)`` writers wait for each other.

    They save in the order in which they arrived, so that the winner is known beforehand. The
    state's lock is let go while waiting.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self._condition = threading.Condition(lock)
        self._expected = self._arrived = self._turn = 0

    def expect(self, writers: int) -> None:
        """Hold back the next ``writers`` saves until all of them have read."""
        self._expected, self._arrived, self._turn = writers, 0, 0

    @property
    def waiting(self) -> int:
        """How many have arrived."""
        return self._arrived

    @contextmanager
    def passage(self) -> Iterator[None]:
        """The stretch in which a writer saves; free where no race was asked for.

        Raises:
            TimeoutError: the others did not come within ``PATIENCE_S`` seconds.
        """
        if self._arrived >= self._expected:
            yield
            return
        mine, self._arrived = self._arrived, self._arrived + 1
        self._condition.notify_all()
        if not self._condition.wait_for(lambda: self._is_turn_of(mine), PATIENCE_S):
            raise TimeoutError("the racers did not all come")
        try:
            yield
        finally:
            self._turn += 1
            self._condition.notify_all()

    def _is_turn_of(self, writer: int) -> bool:
        return self._arrived >= self._expected and self._turn == writer
