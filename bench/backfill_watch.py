"""What a backfill does, seen from outside: the kernel tells which files are opened and written.

Linux's inotify, by its own calls: it tells of openings, too, which the libraries for it leave out.
"""

from __future__ import annotations

import ctypes
import os
import re
import select
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

# as inotify's manual has them
_OPENED: Final = 0x20
_PUT: Final = 0x80
_CREATED: Final = 0x100
_LOST: Final = 0x4000
_HEAD: Final = struct.Struct("iIII")
_MOST: Final = 1 << 16
_WAIT_MS: Final = 50
BEGUN: Final = re.compile(r"part-(\d+)\.parquet\..*work")
FINISHED: Final = re.compile(r"part-(\d+)\.json")


@dataclass(slots=True)
class Seen:
    """Moments, in seconds of `time.monotonic`, and what happened then."""

    opened: list[tuple[float, str]] = field(default_factory=list)
    """Photos, by name."""
    begun: list[tuple[float, int]] = field(default_factory=list)
    """Shards that a writing began of, by number."""
    finished: list[tuple[float, int]] = field(default_factory=list)
    """Shards whose manifests came."""

    def opened_again(self) -> int:
        """How often a photo was opened that had been opened before."""
        return sum(count - 1 for count in Counter(name for _, name in self.opened).values())


Take = Callable[[Seen, float, str, int], None]


@contextmanager
def watching(photos: Path, out: Path) -> Iterator[Seen]:
    """All that happens in both folders inside the block; both must be there."""
    libc = ctypes.CDLL(None, use_errno=True)
    source = _checked(libc.inotify_init1(os.O_NONBLOCK))
    try:
        kinds: dict[int, Take] = {_watch(libc, source, photos, _OPENED): _take_opened}
        kinds[_watch(libc, source, out, _PUT | _CREATED)] = _take_written
        with _listening(source, kinds) as seen:
            yield seen
    finally:
        os.close(source)


def _watch(libc: ctypes.CDLL, source: int, folder: Path, mask: int) -> int:
    return _checked(libc.inotify_add_watch(source, os.fsencode(folder), mask))


def _checked(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


@contextmanager
def _listening(source: int, kinds: Mapping[int, Take]) -> Iterator[Seen]:
    seen, stop = Seen(), threading.Event()
    faults: list[Exception] = []
    thread = threading.Thread(target=_listen, args=(source, kinds, seen, stop, faults))
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        for fault in faults:
            raise fault


def _listen(
    source: int,
    kinds: Mapping[int, Take],
    seen: Seen,
    stop: threading.Event,
    faults: list[Exception],
) -> None:
    poll = select.poll()
    poll.register(source, select.POLLIN)
    try:
        # what came before the end is read after it
        while poll.poll(_WAIT_MS) or not stop.is_set():
            _read(source, kinds, seen)
    except OSError as error:
        faults.append(error)


def _read(source: int, kinds: Mapping[int, Take], seen: Seen) -> None:
    try:
        data = os.read(source, _MOST)
    except BlockingIOError:
        return
    now, place = time.monotonic(), 0
    while place < len(data):
        watch, mask, _, length = _HEAD.unpack_from(data, place)
        if mask & _LOST:
            raise OSError("more happened than the kernel keeps")
        name = data[place + _HEAD.size : place + _HEAD.size + length].rstrip(b"\0")
        kinds[watch](seen, now, name.decode(), mask)
        place += _HEAD.size + length


def _take_opened(seen: Seen, now: float, name: str, _mask: int) -> None:
    if name:  # the folder itself has none
        seen.opened.append((now, name))


def _take_written(seen: Seen, now: float, name: str, mask: int) -> None:
    if mask & _CREATED and (begun := BEGUN.fullmatch(name)):
        seen.begun.append((now, int(begun[1])))
    if mask & _PUT and (finished := FINISHED.fullmatch(name)):
        seen.finished.append((now, int(finished[1])))
