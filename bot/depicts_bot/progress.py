"""How far a run is: a bar for who sits before it, a line a minute for who reads a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from depicts_bot.report import Tally

if TYPE_CHECKING:
    from tqdm import tqdm

MINUTE: Final = 60.0
_WHOLE: Final = "{percentage:3.0f}% |{bar}| {desc} [{elapsed}, {remaining} left]"
_ENDLESS: Final = "{desc} [{elapsed}]"


@dataclass(slots=True)
class Pace:
    """Files a second, and the time left, since the run began to look at files."""

    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def rate(self, files: int) -> float:
        """Files a second."""
        return files / max(self.clock() - self._began, 1e-9)

    def left(self, share: float | None) -> float | None:
        """Seconds until the end, where ``share`` of the work, 0 to 1, is done; None: unknown."""
        if not share:
            return None
        return (self.clock() - self._began) * (1 - share) / share


class Log:
    """A line a minute on stderr."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._told = pace.clock()

    def show(self, tally: Tally, share: float | None) -> None:
        """Say how far we are, if nothing was said for a minute."""
        if self._pace.clock() - self._told < MINUTE:
            return
        self._told = self._pace.clock()
        print(line(tally, self._pace, share), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is left on the screen."""


class Bar:
    """A bar on the terminal that stderr is; it goes away with the run."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._bar: tqdm[None] | None = None

    def show(self, tally: Tally, share: float | None) -> None:
        """Draw it anew."""
        bar = self._bar or self._opened()
        bar.n = share or 0
        bar.bar_format = _ENDLESS if share is None else _WHOLE
        bar.set_description_str(files(tally, self._pace))

    def close(self) -> None:
        """Wipe it away."""
        if self._bar is not None:
            self._bar.close()

    def _opened(self) -> tqdm[None]:
        from tqdm import tqdm

        self._bar = tqdm(total=1.0, bar_format=_ENDLESS, leave=False)
        return self._bar


Display = Log | Bar


def display() -> Display:
    """What fits to where stderr goes."""
    return Bar(Pace()) if sys.stderr.isatty() else Log(Pace())


def files(tally: Tally, pace: Pace) -> str:
    """``1200 files, 7 with suggestions, 4.5 a second``."""
    shown = f"{tally.listed} files, {tally.suggested} with suggestions"
    return f"{shown}, {pace.rate(tally.listed):.1f} a second"


def line(tally: Tally, pace: Pace, share: float | None) -> str:
    """All counts, files a second, and the time left where it is known."""
    told = f"{tally.line()}; {pace.rate(tally.listed):.1f} a second"
    left = pace.left(share)
    return told if left is None else f"{told}; {share:.0%}, {timedelta(seconds=round(left))} left"
