"""A list of files that somebody wrote: titles, media ids or page ids, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import click

from depicts_bot.sources import Source, Step, numbered, place, share_of
from depicts_bot.uploads import Upload
from depicts_bot.wiki import Json, Wiki, ask_all, chunks
from depicts_model.errors import ConfigurationError
from depicts_model.types import BY_PAGE_ID

_NUMBER: Final = re.compile(r"M?([1-9][0-9]{0,11})")
_TITLE: Final = re.compile(r"(?:file|image)[ _]*:[^<>\[\]|{}#\x00-\x1f\x7f\ufffd]+", re.IGNORECASE)
_LONGEST: Final = 255
"""Bytes of a title without its namespace; MediaWiki has no longer ones (240 for a file)."""
_SHOWN: Final = 5
"""Numbers of bad lines that an error tells."""

_LONGEST_SHOWN: Final = 60
"""Characters of a bad line that an error repeats."""

Name = int | str
"""A page id, or a title with its namespace."""


@dataclass(frozen=True, slots=True)
class Named(Source):
    """The files that an operator names; he need not wait until they are 48 hours old."""

    names: tuple[Name, ...]
    kind = "files"
    waits = False

    def told(self) -> str:
        """See `Source.told`."""
        return "\n".join(map(str, self.names))

    def record(self) -> Json:
        """See `Source.record`."""
        return {"source": self.kind, "lines": len(self.names)}

    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """See `Source.steps`. A title that is no page's is listed too, as one that is gone."""
        done = place(after)
        return numbered(_files(wiki, self.names[done:], batch), done)

    def share(self, mark: str, after: str | None, until: datetime) -> float | None:
        """See `Source.share`."""
        return share_of(mark, len(self.names))


def _files(wiki: Wiki, names: Sequence[Name], batch: int) -> Iterator[Upload]:
    for some in chunks(names, batch):
        ids = _page_ids(wiki, [name for name in some if isinstance(name, str)])
        for name in some:
            yield _by_id(name) if isinstance(name, int) else _by_title(name, ids)


def _by_id(pageid: int) -> Upload:
    return Upload.of_page(pageid, f"{BY_PAGE_ID}{pageid}")


def _by_title(title: str, ids: Mapping[str, int]) -> Upload:
    return Upload.of_page(ids.get(title, 0), title)


def _page_ids(wiki: Wiki, titles: Sequence[str]) -> dict[str, int]:
    """Page ids by title as it was written; a title that was moved leads to where the file is."""
    if not titles:
        return {}
    ids: dict[str, int] = {}
    leads: dict[str, str] = {}
    asked = {"action": "query", "titles": "|".join(titles), "redirects": "1"}
    for part in ask_all(wiki, **asked):
        steps = [*part.get("normalized", []), *part.get("redirects", [])]
        leads |= {step["from"]: step["to"] for step in steps}
        ids |= {page["title"]: page.get("pageid", 0) for page in part.get("pages", [])}
    return {title: ids.get(_end(title, leads), 0) for title in titles}


def _end(title: str, leads: Mapping[str, str]) -> str:
    """Where a title leads; at most by its spelling and one redirect."""
    spelt = leads.get(title, title)
    return leads.get(spelt, spelt)


def read_names(path: str) -> Named:
    """The list in the file at ``path``, or on standard input where it is ``-``.

    Blank lines are no lines. Raises ConfigurationError naming the file, the first bad line and
    the numbers of more.
    """
    where = "standard input" if path == "-" else path
    lines = [line.strip() for line in _text(path, where).splitlines()]
    bad = [number for number, line in enumerate(lines, 1) if line and _name(line) is None]
    if bad:
        raise ConfigurationError(f"{where}: {_complaint(lines, bad)}")
    names = [name for line in lines if line and (name := _name(line)) is not None]
    if not names:
        raise ConfigurationError(f"{where}: no line names a file")
    return Named(tuple(dict.fromkeys(names)))


def _text(path: str, where: str) -> str:
    try:
        with click.open_file(path, encoding="utf-8-sig") as stream:
            text: str = stream.read()
            return text
    except OSError as error:
        raise ConfigurationError(f"{where}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{where}: not UTF-8") from None


def _name(line: str) -> Name | None:
    if number := _NUMBER.fullmatch(line):
        return int(number[1])
    local = line.partition(":")[2].strip(" _")
    fits = _TITLE.fullmatch(line) and 0 < len(local.encode()) <= _LONGEST
    return line if fits else None


def _complaint(lines: Sequence[str], bad: Sequence[int]) -> str:
    first = lines[bad[0] - 1][:_LONGEST_SHOWN]
    told = f"line {bad[0]}: not a title (File:…), media id or page id: {first!r}"
    others, more = bad[1 : 1 + _SHOWN], len(bad) - 1 - _SHOWN
    told += f"; nor lines {', '.join(map(str, others))}" if others else ""
    return told + (f" and {more} more" if more > 0 else "")
