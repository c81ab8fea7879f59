"""How far a step has come, for who waits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, TextIO

from tqdm import tqdm

Progress = Callable[[str, int | None, str], Any]
"""(step, how many in all, unit) to a bar with ``update`` and ``n``; a context manager."""
NOW_AND_THEN: Final = 30.0
"""Seconds between two lines of a log."""
LINE: Final = "{desc}: {n_fmt} of {total_fmt} {unit}, {elapsed} gone"


class Lines:
    """Where nobody watches: each state of a bar is a line of its own; none is rewritten."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", "ascii")

    def write(self, text: str) -> None:
        """A line, unless it is empty."""
        if line := text.strip():
            self._stream.write(f"{line}\n")

    def flush(self) -> None:
        """See `TextIO`."""
        self._stream.flush()


def shown(step: str, total: int | None, unit: str) -> Any:
    """A bar on stderr; in a log a line at its start and end, and now and then."""
    more: dict[str, Any] = {}
    if not sys.stderr.isatty():
        often = {"mininterval": NOW_AND_THEN, "maxinterval": 2 * NOW_AND_THEN}
        more = {"file": Lines(sys.stderr), "bar_format": LINE, **often}
    return tqdm(desc=step, total=total, unit=unit, unit_scale=unit == "B", smoothing=0, **more)


def silent(step: str, total: int | None, unit: str) -> Any:
    """Nothing is shown."""
    return tqdm(desc=step, total=total, unit=unit, disable=True)
