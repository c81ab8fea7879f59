"""Lists that a wiki gives: a category, a user's uploads, a search, a random sample."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Final

from depicts_bot.context import merge
from depicts_bot.sources import Source, Step, each_once, numbered, place, share_of
from depicts_bot.uploads import Upload, parse_timestamp, timestamp
from depicts_bot.wiki import Json, Wiki, ask_all, ask_whole
from depicts_model.errors import StoreError

FILES: Final = "6"
"""The namespace of files."""
FOUND_AT_MOST: Final = 10_000
"""Commons' search engine gives no more, and answers with an error to who asks for them."""
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Category(Source):
    """The files of a category and of those below it, ``depth`` levels down, the nearest first.

    The checkpoint is a number of files: where people sort files meanwhile, an interrupted run may
    miss some, which the next one finds.
    """

    title: str
    depth: int = 0
    kind = "category"

    def named(self) -> str:
        """See `Source.named`."""
        return self.title

    def told(self) -> str:
        """See `Source.told`."""
        return f"{self.depth} {self.title}"

    def record(self) -> Json:
        """See `Source.record`."""
        return {"source": self.kind, "title": self.title, "depth": self.depth}

    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """See `Source.steps`; a category that stands below itself is listed once."""
        done = place(after)
        files = self._files(wiki)
        # a category alone names no file twice: what came before need not be remembered
        once = each_once(files) if self.depth else files
        return numbered(islice(once, done, None), done)

    def _files(self, wiki: Wiki) -> Iterator[Upload]:
        waiting, known = deque([(self.title, self.depth)]), {self.title}
        while waiting:
            title, levels = waiting.popleft()
            for row in _members(wiki, title, "file|subcat" if levels else "file"):
                if row["type"] == "file":
                    yield _listed(row)
                elif row["title"] not in known:
                    known.add(row["title"])
                    waiting.append((row["title"], levels - 1))


def _members(wiki: Wiki, title: str, kinds: str) -> Iterator[Json]:
    for part in ask_all(
        wiki,
        action="query",
        list="categorymembers",
        cmtitle=title,
        cmtype=kinds,
        cmprop="ids|title|type",
        cmlimit="max",
    ):
        yield from part["categorymembers"]


def _listed(row: Json) -> Upload:
    """A file of a list that tells no time of upload."""
    return Upload.of_page(row["pageid"], row["title"])


@dataclass(frozen=True, slots=True)
class UserUploads(Source):
    """The files whose newest version a user uploaded, the oldest first; the next run goes on."""

    user: str
    kind = "user"

    def named(self) -> str:
        """See `Source.named`."""
        return f"User:{self.user}"

    def told(self) -> str:
        """See `Source.told`."""
        return self.user

    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """See `Source.steps`. The checkpoint: a time, and which file of that second."""
        start, digest = _moment(after)
        for second in _seconds(self._files(wiki, start, until, batch)):
            yield from _after(second, digest)
            # of later seconds nothing is known
            digest = ""

    def _files(
        self, wiki: Wiki, start: str, until: datetime, batch: int
    ) -> Iterator[tuple[str, Upload]]:
        """Times and files, in the order of both; as a generator the list tells page ids."""
        bounds = {"gaistart": start} if start else {}
        answers = ask_whole(
            wiki,
            action="query",
            generator="allimages",
            gaisort="timestamp",
            gaidir="newer",
            gaiuser=self.user,
            gaiend=timestamp(until),
            gailimit=str(batch),
            prop="imageinfo",
            iiprop="timestamp",
            **bounds,
        )
        for parts in answers:
            pages = [page for part in parts for page in part.get("pages", [])]
            # a file whose page is gone has no media id, either
            known = merge(page for page in pages if "pageid" in page).values()
            yield from sorted(filter(None, map(_timed, known)), key=_order)


def _timed(page: Json) -> tuple[str, Upload] | None:
    at: str = (page.get("imageinfo") or [{}])[0].get("timestamp", "")
    return (at, Upload(0, parse_timestamp(at), page["pageid"], page["title"])) if at else None


def _order(one: tuple[str, Upload]) -> tuple[str, str]:
    return one[0], one[1].title


def _seconds(rows: Iterator[tuple[str, Upload]]) -> Iterator[tuple[str, list[Upload]]]:
    """The files of each second together."""
    for at, those in groupby(rows, key=lambda one: one[0]):
        yield at, [upload for _, upload in those]


def _after(second: tuple[str, list[Upload]], digest: str) -> Iterator[Step]:
    """The files of a second behind the one with this digest; all, where none has it."""
    at, uploads = second
    marks = [_digest(upload.title) for upload in uploads]
    done = marks.index(digest) + 1 if digest in marks else 0
    for upload, mark in list(zip(uploads, marks, strict=True))[done:]:
        yield Step(upload, f"{at}|{mark}")


def _digest(title: str) -> str:
    return hashlib.sha256(title.encode()).hexdigest()[:_DIGITS]


def _moment(after: str | None) -> tuple[str, str]:
    at, _, digest = (after or "").partition("|")
    try:
        return (timestamp(parse_timestamp(at)), digest) if at else ("", "")
    except ValueError:
        raise StoreError(f"not a time of a user's upload: {at[:40]!r}") from None


@dataclass(frozen=True, slots=True)
class Search(Source):
    """The files that the wiki's search finds, as far as it tells.

    Searches for statements silently miss files, or find none at all: so whether a file has depicts
    is read from the file here too.
    """

    words: str
    kind = "search"

    def named(self) -> str:
        """See `Source.named`."""
        return self.words

    def told(self) -> str:
        """See `Source.told`."""
        return self.words

    def record(self) -> Json:
        """See `Source.record`."""
        return {"source": self.kind, "words": self.words}

    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """See `Source.steps`."""
        done = place(after)
        return numbered(each_once(self._files(wiki, done, batch)), done)

    def _files(self, wiki: Wiki, done: int, batch: int) -> Iterator[Upload]:
        if done >= FOUND_AT_MOST:
            return
        answers = ask_all(
            wiki,
            action="query",
            list="search",
            srsearch=self.words,
            srnamespace=FILES,
            srinfo="",
            srprop="",
            srlimit=str(batch),
            sroffset=str(done),
        )
        for number, part in enumerate(answers, 1):
            yield from map(_listed, part["search"])
            if done + number * batch >= FOUND_AT_MOST:
                return


@dataclass(frozen=True, slots=True)
class Random(Source):
    """A random sample of ``size`` files, another one each time; no seed makes it again."""

    size: int
    kind = "random"

    def told(self) -> str:
        """See `Source.told`."""
        return str(self.size)

    def record(self) -> Json:
        """See `Source.record`."""
        return {"source": self.kind, "size": self.size}

    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """See `Source.steps`: an interrupted run is filled up with other files."""
        done = place(after)
        wanted = max(self.size - done, 0)
        rows = _random(wiki, min(batch, max(wanted, 1)))
        return numbered(islice(each_once(rows), wanted), done)

    def share(self, mark: str, after: str | None, until: datetime) -> float | None:
        """See `Source.share`."""
        return share_of(mark, self.size)


def _random(wiki: Wiki, batch: int) -> Iterator[Upload]:
    """Files at random; a small wiki has an end."""
    seen: set[int] = set()
    for part in ask_all(wiki, action="query", list="random", rnnamespace=FILES, rnlimit=str(batch)):
        rows = part["random"]
        if seen.issuperset(row["id"] for row in rows):
            return
        seen |= {row["id"] for row in rows}
        yield from (Upload.of_page(row["id"], row["title"]) for row in rows)
