"""Which files got another content since the last run, from the wiki's upload log.

A new version and a step back to an old one are two actions of the log, asked for one by one:
together with all first uploads they would be lost in the crowd. Each costs a request a run; what
does not fit into the 500 rows of one is for the next run. Before the first run nothing is read: by
then files have been looked at as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from depicts_bot.uploads import ROWS, Checkpoint, Upload, read_row, timestamp
from depicts_bot.wiki import Wiki, part
from depicts_bot.work import Work
from depicts_model.types import FileRef, mid_of

ACTIONS: Final = ("upload/overwrite", "upload/revert")
LATE: Final = timedelta(minutes=10)
"""Younger rows are for the next run: clocks differ, and a row may come after one that is later."""


@dataclass(frozen=True, slots=True)
class Overwritten:
    """Files of ours that were overwritten, and the checkpoint (source, value) behind them."""

    files: tuple[FileRef, ...] = ()
    mark: tuple[str, str] | None = None


def overwritten(work: Work, limit: int) -> Overwritten:
    """The files of ours that were overwritten since the last run: at most ``limit``, each once."""
    source, until = f"overwrites {work.wiki.api}", Checkpoint(work.now - LATE)
    value = work.store.checkpoint(source)
    after = Checkpoint.parse(value) if value else until
    rows, end = _rows(work.wiki, after, until)
    known = work.store.told_of(list({mid_of(row.pageid) for row in rows}))
    files: dict[str, FileRef] = {}
    for row in rows:
        mid = mid_of(row.pageid)
        if mid in known and mid not in files and len(files) == limit:
            break
        if mid in known:
            files[mid] = known[mid].file
        after = Checkpoint(row.at, row.logid)
    else:
        after = max(after, end)
    return Overwritten(tuple(files.values()), (source, str(after)))


def _rows(wiki: Wiki, after: Checkpoint, until: Checkpoint) -> tuple[list[Upload], Checkpoint]:
    """The rows behind ``after`` up to a place that is returned with them, the oldest first."""
    rows: list[Upload] = []
    end = max(after, until)
    for action in ACTIONS if after < until else ():
        some, more = _ask(wiki, action, after, until)
        rows += some
        if some and more:
            end = min(end, _place(some[-1]))
    return sorted((row for row in rows if after < _place(row) <= end), key=_place), end


def _place(row: Upload) -> Checkpoint:
    return Checkpoint(row.at, row.logid)


def _ask(
    wiki: Wiki, action: str, after: Checkpoint, until: Checkpoint
) -> tuple[list[Upload], bool]:
    """The first rows with this action, and whether there are more."""
    answer = wiki.ask(
        action="query",
        list="logevents",
        leaction=action,
        leprop="ids|title|timestamp|details",
        ledir="newer",
        lestart=timestamp(after.at),
        leend=timestamp(until.at),
        lelimit=ROWS,
    )
    rows = part(wiki, answer, "query")["logevents"]
    return [read_row(row) for row in rows], "continue" in answer
