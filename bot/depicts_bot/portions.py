"""The files of one request, judged by what the wiki says, in the portions that are linked at once.

A portion is stored as a whole, with the checkpoint behind it, so it is small: a run that is killed
fetches again the pictures of two of them at the most, of the one in hand and of the one ahead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from depicts_bot.context import describe
from depicts_bot.eligibility import FileFacts, why_not
from depicts_bot.sources import Step
from depicts_bot.uploads import Upload
from depicts_bot.work import Decision, Key, Work
from depicts_model.types import Failed, Mid, SkipReason

if TYPE_CHECKING:
    from depicts_model.store import StoredOutcome

IMAGES: Final = 4
"""Pictures of a portion."""

OVERWRITTEN: Final = Failed("overwritten: another version was uploaded meanwhile")


class Passed(Enum):
    """Why a row of a list gets no outcome now."""

    GONE = auto()
    """It names no file any more."""
    DONE = auto()
    """It has one: of an earlier run, or of this one."""
    YOUNG = auto()
    """Its time has not come: a later run looks at it."""
    END = auto()
    """It is the end of the list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list, judged; ``mark``: the checkpoint behind it, None where there is none."""

    sight: FileFacts | Passed
    mark: str | None = None
    reason: SkipReason | None = None
    """Why the file is not to be looked at."""
    closed: Decision | None = None
    """About an older version of the file, which is to be stored first."""
    waited: float | None = None
    """Seconds that a server asked for when the file failed before."""

    @property
    def eligible(self) -> bool:
        """Whether its picture is needed."""
        return isinstance(self.sight, FileFacts) and self.reason is None


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows of a list, one after another, that are decided about and stored together."""

    entries: tuple[Entry, ...]

    @property
    def waited(self) -> dict[Mid, float]:
        """How many seconds those had to wait that failed before."""
        judged = ((e.sight, e.waited) for e in self.entries)
        return {
            sight.context.file.mid: waited
            for sight, waited in judged
            if isinstance(sight, FileFacts) and waited is not None
        }

    @property
    def files(self) -> list[tuple[FileFacts, SkipReason | None]]:
        """Those that get an outcome, with the reason why they are not looked at."""
        return [(e.sight, e.reason) for e in self.entries if isinstance(e.sight, FileFacts)]

    @property
    def eligible(self) -> list[FileFacts]:
        """Those that are looked at."""
        return [facts for facts, reason in self.files if reason is None]

    @property
    def closed(self) -> list[Decision]:
        """Decisions about older versions."""
        return [entry.closed for entry in self.entries if entry.closed]

    @property
    def checkpoint(self) -> str | None:
        """Behind the last row."""
        return self.entries[-1].mark

    def passed(self, why: Passed) -> int:
        """How many rows get no outcome for this reason."""
        return sum(entry.sight is why for entry in self.entries)


def of_steps(work: Work, steps: Sequence[Step], before: Collection[Key] = ()) -> list[Entry]:
    """Entries of the rows that a source listed.

    ``before``: files that this run is about to store, which the store does not know yet.
    """
    uploads = [step.upload for step in steps if step.upload]
    there = _described(work, uploads)
    sights = iter(_sights(work, uploads, there, before, work.listing.waits))
    return [_judged(work, next(sights) if step.upload else Passed.END, step.mark) for step in steps]


def of_uploads(work: Work, uploads: Sequence[Upload]) -> list[Entry]:
    """Entries of files that somebody asked for, however young; none may be ``gone``."""
    sights = _sights(work, uploads, _described(work, uploads))
    return [_judged(work, sight) for sight in sights]


def of_failures(work: Work, failures: Sequence[StoredOutcome]) -> list[Entry]:
    """Entries of files that failed before.

    One that was overwritten meanwhile has two outcomes: it is looked at, and its old version is
    closed.
    """
    uploads = [Upload.of_file(failure.file) for failure in failures]
    there = _described(work, uploads)
    sights = _sights(work, uploads, there)
    keys = [key_of(there[upload.pageid]) for upload in uploads]
    return [
        replace(_judged(work, sight), waited=_waited(failure), closed=_closed(failure, key))
        for sight, failure, key in zip(sights, failures, keys, strict=True)
    ]


def _closed(failure: StoredOutcome, key: Key) -> Decision | None:
    """``key``: of the file as it is now."""
    file = failure.file
    return None if (file.mid, file.sha1) == key else (file, OVERWRITTEN)


def _waited(failure: StoredOutcome) -> float | None:
    return failure.outcome.retry_after if isinstance(failure.outcome, Failed) else None


def split(entries: Sequence[Entry]) -> Iterator[Portion]:
    """The entries in their order, with at most ``IMAGES`` pictures in a portion."""
    some: list[Entry] = []
    images = 0
    for entry in entries:
        if entry.eligible and images == IMAGES:
            yield Portion(tuple(some))
            some, images = [], 0
        some.append(entry)
        images += entry.eligible
    if some:
        yield Portion(tuple(some))


def key_of(facts: FileFacts) -> Key:
    """By which an outcome is known; a file without SHA-1 counts as deleted."""
    return facts.context.file.mid, facts.context.file.sha1


def _judged(
    work: Work, sight: FileFacts | Passed, mark: str | None = None, closed: Decision | None = None
) -> Entry:
    reason = why_not(sight, work.opt_outs) if isinstance(sight, FileFacts) else None
    return Entry(sight, mark, reason, closed)


def _described(work: Work, uploads: Sequence[Upload]) -> dict[int, FileFacts]:
    """What the wiki says of each page that is there, by its id."""
    there = {upload.pageid: upload for upload in uploads if not upload.gone}
    if not there:
        return {}
    facts = describe(work.wiki, list(there.values()), work.settings.thumbnail_width)
    return dict(zip(there, facts, strict=True))


def _sights(
    work: Work,
    uploads: Sequence[Upload],
    facts: Mapping[int, FileFacts],
    before: Collection[Key] = (),
    waits: bool = False,
) -> list[FileFacts | Passed]:
    """What there is to see of each upload; ``waits``: whether young files are for a later run."""
    keys = [key_of(one) for one in facts.values()]
    done = {*before, *work.store.done(work.linker.version, keys)} if keys else set()
    # one page may be in the log twice, after a deletion
    times = Counter[int]()
    sights: list[FileFacts | Passed] = []
    for upload in uploads:
        times[upload.pageid] += 1
        first = times[upload.pageid] == 1
        one = facts.get(upload.pageid) if first else None
        until = work.until if waits and upload.unlisted else None
        sights.append(_sight(upload, one, done, until))
    return sights


def _sight(
    upload: Upload, facts: FileFacts | None, done: Collection[Key], until: datetime | None
) -> FileFacts | Passed:
    """``until``: where the list did not tell how old the file is, and that is asked for."""
    if upload.gone:
        return Passed.GONE
    if facts is None:
        return Passed.DONE
    if until is not None and facts.context.file.uploaded > until:
        return Passed.YOUNG
    return Passed.DONE if key_of(facts) in done else facts
