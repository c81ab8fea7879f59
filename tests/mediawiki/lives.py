"""A bot that is killed again and again, and what each of its lives asked for, linked and stored."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

from werkzeug.wrappers import Request

from depicts_model.types import Outcome, Skipped, Suggested
from tests.bot import null_main
from tests.bot.command import Bot
from tests.model.store.looking import all_outcomes
from tests.sandbox.app import Seen

from .proxy import API, Proxy

FORKS: Final = multiprocessing.get_context("forkserver")
BATCH: Final = 50
PORTION: Final = 4
READS: Final = 3
"""Requests for the first files of a life: list, pages, entities."""
SECONDS: Final = 120.0
"""More than a life takes."""
ROUNDING: Final = 1e-5
FURTHER: Final = 0.1
"""Seconds behind a request in which a kill may fall: as long as it takes to link, and to store."""
Outcomes = dict[tuple[str, str], tuple[Outcome, str]]
"""By file and content: what is stored, and the version of the model."""


class Living(Protocol):
    """A process: of ``multiprocessing`` or, wrapped, of ``subprocess``."""

    def kill(self) -> None:
        """End it by SIGKILL."""


@dataclass(frozen=True, slots=True)
class Life:
    """What came to pass from start to end; ``before`` and ``after``: what was stored then."""

    asked: Sequence[Seen]
    before: Outcomes
    after: Outcomes
    linked: Sequence[str]
    killed: bool

    @property
    def start_up(self) -> list[Seen]:
        """Questions before the first list."""
        found = [one for one in self.asked if one.path == API]
        first = next((n for n, one in enumerate(found) if is_list(one)), len(found))
        return found[:first]

    @property
    def reads(self) -> list[Seen]:
        """Questions about files."""
        return [one for one in self.asked if is_read(one)]

    @property
    def pictures(self) -> list[str]:
        return [one.path for one in self.asked if "/images/" in one.path]

    @property
    def stored(self) -> int:
        return len(self.after) - len(self.before)

    @property
    def seen(self) -> int:
        """Stored outcomes whose picture was needed."""
        return _seen(self.after) - _seen(self.before)

    def faults(self) -> list[str]:
        """What it did too much of."""
        done = {mid for mid, _ in self.before}
        told = {
            "start-up": len(self.start_up) - 8,
            "reads": len(self.reads) - READS * (ceil(self.stored / BATCH) + 1),
            "pictures": len(self.pictures) - self.seen - 2 * PORTION,
            "linked and not stored": len(self.linked) - self.seen - PORTION,
            "linked though stored": len(done.intersection(self.linked)),
            "linked twice": len(self.linked) - len(set(self.linked)),
            "lost": len(self.before.items() - self.after.items()),
        }
        return [f"{what}: {much} too many" for what, much in told.items() if much > 0]


def is_list(seen: Seen) -> bool:
    return seen.params.get("list") == "logevents"


def is_read(seen: Seen) -> bool:
    return is_list(seen) or "pageids" in seen.params or seen.action == "wbgetentities"


def _seen(outcomes: Outcomes) -> int:
    """How many needed their picture."""
    return sum(not isinstance(outcome, Skipped) for outcome, _ in outcomes.values())


def outcomes(bot: Bot) -> Outcomes:
    """What is stored; nothing where there is no store yet."""
    if not (bot.folder / "store.sqlite").exists():
        return {}
    with bot.store() as store:
        found = all_outcomes(store)
    return {(one.file.mid, one.file.sha1): (one.outcome, one.model_version) for one in found}


def differences(one: Outcomes, other: Outcomes) -> list[tuple[str, str]]:
    """Files of which not the same is stored.

    A model's sums come out in another order where another number of pictures is encoded at once:
    of a confidence the sixth digit may be another one.
    """
    return [key for key in one.keys() | other.keys() if not _alike(one.get(key), other.get(key))]


def _alike(one: Any, other: Any) -> bool:
    if not (one and other and one[1] == other[1] and _bare(one[0]) == _bare(other[0])):
        return False
    pairs = zip(_confidences(one[0]), _confidences(other[0]), strict=True)
    return all(abs(ours - theirs) <= ROUNDING for ours, theirs in pairs)


def _confidences(outcome: Outcome) -> list[float]:
    return [s.confidence for s in outcome.suggestions] if isinstance(outcome, Suggested) else []


def _bare(outcome: Outcome) -> Outcome:
    if not isinstance(outcome, Suggested):
        return outcome
    return Suggested(tuple(replace(one, confidence=0.0) for one in outcome.suggestions))


@dataclass
class Bots:
    """Lives of one bot over the wiki behind ``proxy``; ``files``: images that there are in all."""

    bot: Bot
    proxy: Proxy
    told: Path
    lives: list[Life] = field(default_factory=list)

    def live(self, begin: Callable[[], Any], at: int | None = None, after: float = 0.0) -> Life:
        """From start to end, or to a kill ``after`` seconds from question or picture ``at``.

        The first list is 0. ``begin``: starts the process, which has ``kill`` and ``join``.
        """
        stored, first, line = outcomes(self.bot), len(self.proxy.requests), len(self._lines())
        process = begin()
        with _death(self.proxy, process, at, after):
            process.join(SECONDS)
        killed = process.exitcode == -9
        assert killed or process.exitcode == 0, f"ended by {process.exitcode}: {self._said()}"
        asked = self.proxy.requests[first:]
        life = Life(asked, stored, outcomes(self.bot), self._lines()[line:], killed)
        self.lives.append(life)
        return life

    def forked(self) -> Any:
        """A process forked from the warm one."""
        process = FORKS.Process(
            target=null_main.live, args=(self.bot.environment, self.bot.folder, self.told)
        )
        process.start()
        return process

    def _lines(self) -> list[str]:
        return self.told.read_text().splitlines() if self.told.exists() else []

    def _said(self) -> str:
        return (self.bot.folder / "said.txt").read_text()[-2000:]


@contextmanager
def _death(proxy: Proxy, process: Living, at: int | None, after: float) -> Iterator[None]:
    """Kill it at that moment, if it comes."""
    timers: list[threading.Timer] = []
    moments = iter(range(10**9))
    begun = threading.Event()
    lock = threading.Lock()

    def count(request: Request, params: dict[str, str]) -> None:
        with lock:
            if params.get("list") == "logevents":
                begun.set()
            if not begun.is_set() or next(moments) != at:
                return
        if not after:
            process.kill()
            return
        timers.append(threading.Timer(after, process.kill))
        timers[0].start()

    proxy.before = None if at is None else count
    try:
        yield
    finally:
        proxy.before = None
        for timer in timers:
            timer.cancel()
            timer.join()


def moment(random: Random, images: int, kills: int) -> tuple[int, float]:
    """When to kill a life, that ``kills`` of them are spread over ``images`` not yet stored.

    At a random one of the requests up to a last one, which is chosen so that a life stores on an
    average what there is for it to store; and a random time behind it, so that a kill may fall in
    the midst of linking and storing too. Where little is left, before any of it can be stored.
    """
    if images <= 3 * PORTION:
        return random.randint(0, READS - 1 + min(images - 1, PORTION - 1)), 0.0
    last = 0
    while _average(last) < images / kills:
        last += 1
    safe = READS + images - 2 * PORTION
    return random.randint(0, min(last, safe)), random.uniform(0.0, FURTHER)


def _average(last: int) -> float:
    """Images that a life stores which is killed at one of the requests up to ``last``."""
    # and half a portion more in the time behind it
    return sum(stored_by(at + PORTION // 2) for at in range(last + 1)) / (last + 1)


def stored_by(at: int) -> int:
    """Images that are stored when that request is made: all but the portion in hand, and the next.

    The picture that is asked for then is not there either.
    """
    return max(at - READS - PORTION, 0) // PORTION * PORTION
