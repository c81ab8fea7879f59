"""Where a run's files come from: one source a run, behind one small interface.

A source lists; it decides nothing. What it lists goes through the pipeline like everything else,
so that each file is judged by what the wiki says of it now, whatever a list or a search said.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from depicts_bot.uploads import Checkpoint, Upload, crawl
from depicts_bot.wiki import Json, Wiki
from depicts_model.errors import StoreError

FIRST_RUN: Final = timedelta(days=30)
"""How far behind the upload delay the very first run of a wiki begins."""
OVER: Final = ""
"""The checkpoint of a list that was read to its end: the next run begins it anew."""
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Step:
    """A file of the list, None at its end; ``mark``: the checkpoint once it is dealt with."""

    upload: Upload | None
    mark: str


class Source(ABC):
    """A list of files that a run goes along, and may be killed at any place of."""

    kind: ClassVar[str]
    """Its option's name, and the first word of its checkpoint's."""
    waits: ClassVar[bool] = True
    """Whether files younger than the upload delay are left for a later run."""
    retries: ClassVar[bool] = False
    """Whether earlier failures of any source are tried again first."""

    @abstractmethod
    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """The files after checkpoint ``after``, lazily; None: from the beginning.

        ``until``: files that are younger need not be listed. ``batch``: rows a request, where
        that makes a difference. Raises WikiError, and StoreError for a spoilt checkpoint.
        """

    def share(self, mark: str, after: str | None, until: datetime) -> float | None:
        """Which share of the list is dealt with at checkpoint ``mark``, 0 to 1; None: unknown.

        ``after`` and ``until``: as `steps` was given them.
        """
        return None

    def named(self) -> str:
        """What the operator named, who may have misspelt it; '' for nothing that could be."""
        return ""

    def told(self) -> str:
        """What it lists, to tell its checkpoint from those of its like."""
        return ""

    def record(self) -> Json:
        """What the record of a run keeps of it; never whom `UserUploads` is about."""
        return {"source": self.kind}

    def checkpoint(self, api: str) -> str:
        """Name of its checkpoint in the store; what it lists only as a digest: it may be long,
        and a user's name is kept nowhere.
        """
        if not self.told():
            return f"{self.kind} {api}"
        digest = hashlib.sha256(self.told().encode()).hexdigest()[:_DIGITS]
        return f"{self.kind} {digest} {api}"


class NewUploads(Source):
    """What was uploaded since the last run, from the upload log."""

    kind = "uploads"
    retries = True

    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """See `Source.steps`."""
        for upload in crawl(wiki, _begin(after, until), until):
            yield Step(upload, str(Checkpoint(upload.at, upload.logid)))

    def share(self, mark: str, after: str | None, until: datetime) -> float | None:
        """See `Source.share`: of the time, as if uploads were spread evenly over it."""
        begin = _begin(after, until).at
        return (Checkpoint.parse(mark).at - begin) / max(until - begin, timedelta(seconds=1))


def _begin(after: str | None, until: datetime) -> Checkpoint:
    return Checkpoint.parse(after) if after else Checkpoint(until - FIRST_RUN)


NEW_UPLOADS: Final = NewUploads()


def place(after: str | None) -> int:
    """How many files of a list without an order are dealt with; raises StoreError."""
    if not after:
        return 0
    if not after.isdecimal():
        raise StoreError(f"not a place in a list: {after[:40]!r}")
    return int(after)


def numbered(uploads: Iterable[Upload], first: int = 0) -> Iterator[Step]:
    """Steps that are marked by their number, the first of them ``first`` + 1; and the end."""
    for number, upload in enumerate(uploads, first + 1):
        yield Step(upload, str(number))
    yield Step(None, OVER)


def share_of(mark: str, size: int) -> float:
    """Which share of a list of this size is dealt with at a mark of `numbered`."""
    return 1.0 if mark == OVER else place(mark) / size


def each_once(uploads: Iterable[Upload]) -> Iterator[Upload]:
    """Without the pages that came before; what is no page is kept."""
    seen: set[int] = set()
    for upload in uploads:
        if upload.pageid not in seen:
            yield upload
        seen |= {upload.pageid} - {0}
