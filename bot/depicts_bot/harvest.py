"""What our edits added, as the wiki's history tells: claims by file, item and revision.

Recent changes name our edits; the content of each and of the revision before it tell which
statements it added. What a racer added stands in a revision of the racer's own, or in the one
before. Nothing here sees who made an edit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depicts_bot.ours import model_of
from depicts_bot.revisions import media_info, pages_of
from depicts_bot.uploads import parse_timestamp, timestamp
from depicts_bot.wiki import Json, Wiki, ask_all, chunks, limit
from depicts_model.claims import statement_items
from depicts_model.types import Claim, Qid, mid_of

_FILES: Final = "6"
"""The namespace of files."""

Statements = dict[str, Qid]


@dataclass(frozen=True, slots=True)
class Change:
    """An edit of ours; ``parent`` is the revision before it, 0 where there is none."""

    pageid: int
    revision: int
    parent: int
    at: datetime
    model: str


def changes(wiki: Wiki, tag: str, after: datetime, until: datetime) -> Iterator[list[Change]]:
    """Our edits of files, oldest first, as many at a time as the wiki tells in one answer.

    ``tag``: as ``ours.known_tag`` gives it; without one every edit of a file is gone through.
    """
    pages = ask_all(
        wiki,
        action="query",
        list="recentchanges",
        rctype="edit|new",
        rcnamespace=_FILES,
        rcprop="ids|timestamp|comment|tags",
        rcdir="newer",
        rcstart=timestamp(after),
        rcend=timestamp(until),
        rclimit=str(limit(wiki)),
        **({"rctag": tag} if tag else {}),
    )
    for page in pages:
        found = (_change(row, model_of(row, tag)) for row in page["recentchanges"])
        yield [change for change in found if change]


def _change(row: Json, model: str | None) -> Change | None:
    if model is None:
        return None
    at = parse_timestamp(row["timestamp"])
    return Change(row["pageid"], row["revid"], row["old_revid"], at, model)


def claims(wiki: Wiki, found: Sequence[Change]) -> list[Claim]:
    """What these edits added; of an edit that cannot be compared, nothing."""
    # the revision before each is asked for too
    pieces = chunks(found, limit(wiki) // 2)
    return [claim for some in pieces for claim in _claims(wiki, some)]


def _claims(wiki: Wiki, found: Sequence[Change]) -> Iterator[Claim]:
    told = _contents(wiki, {one.revision for one in found} | {one.parent for one in found} - {0})
    told[0] = {}
    for one in found:
        now, before = told.get(one.revision), told.get(one.parent)
        # without the content before, the whole file would look like ours
        if now is None or before is None:
            continue
        mid = mid_of(one.pageid)
        for statement in sorted(now.keys() - before.keys()):
            yield Claim(mid, now[statement], statement, one.revision, one.at, one.model)


def _contents(wiki: Wiki, revisions: set[int]) -> dict[int, Statements]:
    """The depicts statements of each revision; one that is gone or hidden is not there."""
    pages = pages_of(wiki, revisions, "ids|content", rvslots="mediainfo")
    rows = (row for page in pages for row in page.get("revisions", []))
    read = ((row["revid"], media_info(row)) for row in rows)
    return {number: statement_items(entity) for number, entity in read if entity is not None}
