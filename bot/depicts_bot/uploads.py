"""New uploads, oldest first, from the wiki's upload log.

``leaction=upload/upload`` lists first uploads only (``letype=upload`` would list overwrites
too). A row may be older than what it names: files are renamed, overwritten and deleted after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from depicts_bot.wiki import Json, Wiki, ask_all
from depicts_model.errors import StoreError
from depicts_model.types import BY_PAGE_ID, FileRef, Mid, mid_of

_DIGITS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
_SHA1_BITS: Final = 160
UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Time of an upload of which nothing but the page id is known."""
ROWS: Final = "500"
"""Of the log a request: anybody may have so many, however few pages a request may name."""
NEVER_SEEN: Final = -1
"""Revision of a page that we never saw: whatever else is stored of it is newer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A row of the upload log. ``pageid`` 0 or ``title`` empty: deleted or suppressed."""

    logid: int
    at: datetime
    pageid: int = 0
    title: str = ""
    sha1: str = ""
    """Hexadecimal, of the upload; the file may have been overwritten since."""

    @classmethod
    def asked_for(cls, mid: Mid) -> Self:
        """A file that somebody asked for; the title leads to it, if it is there."""
        pageid = int(mid[1:])
        return cls(0, UNKNOWN, pageid, f"{BY_PAGE_ID}{pageid}")

    @classmethod
    def of_page(cls, pageid: int, title: str) -> Self:
        """A file of a list that tells no more of it."""
        return cls(0, UNKNOWN, pageid, title)

    @classmethod
    def of_file(cls, file: FileRef) -> Self:
        """A file that we looked at before."""
        return cls(0, file.uploaded, int(file.mid[1:]), file.title, file.sha1)

    def unseen(self) -> FileRef:
        """The file, where the wiki was not asked about it."""
        return FileRef(mid_of(self.pageid), self.title, self.sha1, NEVER_SEEN, self.at, "")

    @property
    def unlisted(self) -> bool:
        """Whether nobody told when it was uploaded: it may be any page, or none."""
        return self.at == UNKNOWN

    @property
    def gone(self) -> bool:
        """Whether the row names no file that we could look at."""
        return not (self.pageid and self.title)


@dataclass(frozen=True, slots=True, order=True)
class Checkpoint:
    """The last row that was looked at: its time and its number, since times repeat."""

    at: datetime
    logid: int = 0

    def __str__(self) -> str:
        return f"{timestamp(self.at)}|{self.logid}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint that ``str()`` wrote; raises StoreError where it is none."""
        at, _, logid = text.partition("|")
        try:
            return cls(parse_timestamp(at), int(logid))
        except ValueError:
            raise StoreError(f"not a checkpoint of the upload log: {text[:40]!r}") from None


def timestamp(at: datetime) -> str:
    """``at`` as MediaWiki writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: str) -> datetime:
    """The reverse of ``timestamp``; raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def hexadecimal(sha1: str) -> str:
    """The log's base 36 SHA-1 as ``imageinfo`` writes it, 40 digits; raises ValueError."""
    if not sha1 or not set(sha1) <= _DIGITS:
        raise ValueError(f"not a SHA-1 in base 36: {sha1[:40]!r}")
    value = int(sha1, 36)
    if value >> _SHA1_BITS:
        raise ValueError(f"not a SHA-1 in base 36: {sha1[:40]!r}")
    return f"{value:040x}"


def crawl(wiki: Wiki, after: Checkpoint, until: datetime) -> Iterator[Upload]:
    """Uploads later than ``after``, no later than ``until``.

    The log is read lazily: a request is made when its first row is asked for.
    """
    if after.at > until:
        return
    pages = ask_all(
        wiki,
        action="query",
        list="logevents",
        leaction="upload/upload",
        leprop="ids|title|timestamp|details",
        ledir="newer",
        lestart=timestamp(after.at),
        leend=timestamp(until),
        lelimit=ROWS,
    )
    for page in pages:
        for row in page["logevents"]:
            upload = read_row(row)
            if Checkpoint(upload.at, upload.logid) > after:
                yield upload


def read_row(row: Json) -> Upload:
    """A row of ``list=logevents``; a suppressed one lacks title and details."""
    at = parse_timestamp(row["timestamp"])
    title = row.get("title", "")
    return Upload(row["logid"], at, _pageid(row), title, _sha1(row.get("params", {})))


def _pageid(row: Json) -> int:
    """The page that was uploaded: a move leaves a redirect under the old title.

    ``pageid`` is the page that bears the title now (0: none), ``logpage`` the one that bore it
    then; an old wiki leaves ``logpage`` at 0.
    """
    return int(row.get("logpage") or row.get("pageid") or 0)


def _sha1(params: Any) -> str:
    """The upload's SHA-1, empty where the row has none; ``imageinfo`` gives the file's own."""
    # an emptied PHP array is a list in JSON
    text = params.get("img_sha1", "") if isinstance(params, dict) else ""
    try:
        return hexadecimal(text)
    except ValueError:
        return ""
