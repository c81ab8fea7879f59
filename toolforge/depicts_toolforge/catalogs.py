"""The catalog as its file is now: one that is replaced is seen within a minute, without a restart.

It is opened beside the requests, since a whole catalog is read to see that it is one; they are
answered from the old one meanwhile, which is closed when none of them can hold it any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from logging import Logger
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.replaced import mark

LOOK: Final = 60.0
"""Seconds between two looks at the file; no request takes as long."""


class Catalogs:
    """Gives the catalog; usable from many threads. None for a path: the starter catalog.

    ``clock`` gives seconds that only grow. Raises ArtefactError where there is none at first.
    """

    def __init__(
        self, path: Path | None, logger: Logger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path, self._logger, self._clock = path, logger, clock
        self._lock = Lock()
        self._looked = clock()
        self._mark = None if path is None else mark(path)
        self._catalog = Catalog.open(path)
        self._old: tuple[float, Catalog] | None = None
        self._opening: Thread | None = None

    def now(self) -> Catalog:
        """The catalog to answer this request from."""
        if self._path is not None and self._clock() - self._looked >= LOOK:
            with self._lock:
                self._look(self._path)
        return self._catalog

    def settled(self) -> None:
        """Return when no catalog is being opened any more."""
        if self._opening is not None:
            self._opening.join()

    def close(self) -> None:
        """Close what is open."""
        self.settled()
        for catalog in (self._catalog, *(self._old or ())[1:]):
            catalog.close()

    def _look(self, path: Path) -> None:
        at = self._clock()
        if at - self._looked < LOOK or (self._opening is not None and self._opening.is_alive()):
            return
        self._looked = at
        if self._old is not None and at - self._old[0] >= LOOK:
            self._old[1].close()
            self._old = None
        found = mark(path)
        if self._old is None and found is not None and found != self._mark:
            self._mark = found
            self._opening = Thread(target=self._open, args=(path,), daemon=True)
            self._opening.start()

    def _open(self, path: Path) -> None:
        try:
            new = Catalog.open(path)
        except ArtefactError as error:
            self._logger.error("the old catalog is kept: %s", error)
            return
        self._old, self._catalog = (self._clock(), self._catalog), new
        self._logger.info("another catalog: %s", new.snapshot)
