"""How far a run is: a bar for who sits before it, a line a minute for who reads a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from depicts_bot.report import Tally

if TYPE_CHECKING:
    from tqdm import tqdm

MINUTE: Final = 60.0
KNOWN: Final = (0.01, 5.0)
"""Before such a share is done, in so many seconds, the time left is a guess."""
_WHOLE: Final = "{percentage:3.0f}% |{bar}| {desc} [{elapsed}, {remaining} left]"
_BEGUN: Final = "{percentage:3.0f}% |{bar}| {desc} [{elapsed}]"
_ENDLESS: Final = "{desc} [{elapsed}]"


@dataclass(slots=True)
class Pace:
    """Files a second, and the time left, since the run began to look at files."""

    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    @property
    def seconds(self) -> float:
        """Since the run began to look at files."""
        return self.clock() - self._began

    def rate(self, files: int) -> float:
        """Files a second."""
        return files / max(self.seconds, 1e-9)

    def left(self, share: float | None) -> float | None:
        """Seconds until the end, where ``share`` of the work, 0 to 1, is done; None: unknown."""
        least, soon = KNOWN
        if share is None or share < least or self.seconds < soon:
            return None
        return self.seconds * (1 - share) / share


class Log:
    """A line a minute on stderr; ``name``: of the run, for there may be others in the log."""

    def __init__(self, pace: Pace, name: str) -> None:
        self._pace, self._name = pace, name
        self._told = pace.clock()

    def show(self, tally: Tally, share: float | None) -> None:
        """Say how far we are, if nothing was said for a minute."""
        if self._pace.clock() - self._told < MINUTE:
            return
        self._told = self._pace.clock()
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M}Z"
        told = f"{at} {self._name}: {line(tally, self._pace, share)}"
        print(told, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is left on the screen."""


class Bar:
    """A bar on the terminal that stderr is; it goes away with the run."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._bar: tqdm[None] | None = None

    def show(self, tally: Tally, share: float | None) -> None:
        """Draw it anew."""
        known = self._pace.left(share) is not None
        form = _ENDLESS if share is None else _WHOLE if known else _BEGUN
        bar = self._bar or self._opened(files(tally, self._pace))
        bar.n, bar.bar_format = share or 0, form
        bar.set_description_str(files(tally, self._pace))

    def close(self) -> None:
        """Wipe it away."""
        if self._bar is not None:
            self._bar.close()

    def _opened(self, said: str) -> tqdm[None]:
        from tqdm import tqdm

        self._bar = tqdm(total=1.0, bar_format=f"{said} [{{elapsed}}]", leave=False)
        return self._bar


Display = Log | Bar


def display(name: str) -> Display:
    """What fits to where stderr goes."""
    return Bar(Pace()) if sys.stderr.isatty() else Log(Pace(), name)


def files(tally: Tally, pace: Pace) -> str:
    """``1200 files, 7 suggested, 4.5/s``: a bar needs room beside it."""
    return f"{tally.listed} files, {tally.suggested} suggested, {pace.rate(tally.listed):.1f}/s"


def line(tally: Tally, pace: Pace, share: float | None) -> str:
    """All counts, files a second, and the time left where it is known."""
    told = f"{tally.line()}; {pace.rate(tally.listed):.1f} a second"
    left = pace.left(share)
    return told if left is None else f"{told}; {share:.0%}, {timedelta(seconds=round(left))} left"
