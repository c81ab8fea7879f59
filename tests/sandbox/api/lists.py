"""Lists of what there is: files, pages, members of categories, search results, users, tags."""

from __future__ import annotations

import re
from hashlib import sha1
from random import randrange
from typing import Any

from ..hashes import page_name
from ..namespaces import CATEGORY, FILE, normalise
from ..records import Page, StoredFile
from ..rights import IMPLICIT, explicit
from .call import Call
from .images import describe
from .paging import Listing, piece, stamp, window

Json = dict[str, Any]


def all_images(call: Call, generator: str) -> Listing:
    """``list=allimages``, by name or by time of upload."""
    prefix = generator + "ai"
    by_time = call.get(prefix + "sort") == "timestamp"
    newer = call.get(prefix + "dir", "newer") in ("newer", "ascending")
    user = call.get(prefix + "user")
    rows = sorted(
        (page for page in call.site.file_pages() if user in ("", _file(page).user)),
        key=lambda page: _image_order(page, by_time),
    )
    if by_time:
        rows = window(call, rows, prefix, lambda page: _file(page).timestamp, newer)
    elif not newer:
        rows.reverse()
    some, more = piece(
        call,
        rows,
        prefix + "continue",
        call.limit(prefix + "limit", "allimages"),
        lambda page: _image_mark(page, by_time),
        not newer,
    )
    wanted = set(call.values(prefix + "prop", "timestamp|url"))
    told = [
        {
            "name": page_name(page.title),
            **describe(call, page, wanted),
            "ns": page.ns,
            "title": page.title,
        }
        for page in some
    ]
    return Listing(told, [page.id for page in some], more)


def _file(page: Page) -> StoredFile:
    assert page.file is not None
    return page.file


def _image_order(page: Page, by_time: bool) -> tuple[str, str]:
    return (_file(page).timestamp if by_time else "", page_name(page.title))


def _image_mark(page: Page, by_time: bool) -> str:
    name = page_name(page.title)
    return f"{stamp(_file(page).timestamp)}|{name}" if by_time else name


def all_pages(call: Call, generator: str) -> Listing:
    """``list=allpages`` of a namespace, by title."""
    prefix = generator + "ap"
    space, start = call.number(prefix + "namespace"), call.get(prefix + "from")
    rows = sorted(
        (
            page
            for page in call.site.pages.values()
            if page.ns == space
            and _local(page) >= start
            and _local(page).startswith(call.get(prefix + "prefix"))
        ),
        key=lambda page: page.title,
    )
    return _titles(call, prefix, "allpages", rows)


def _local(page: Page) -> str:
    return page.title.partition(":")[2] if page.ns else page.title


def category_members(call: Call, generator: str) -> Listing:
    """``list=categorymembers`` of the kinds asked for, by title."""
    prefix = generator + "cm"
    title, kinds = normalise(call.need(prefix + "title")), call.values(prefix + "type")
    rows = sorted(
        (
            page
            for page in call.site.pages.values()
            if title in call.site.categories(page) and (not kinds or member_type(page) in kinds)
        ),
        key=lambda page: page.title,
    )
    listing = _titles(call, prefix, "categorymembers", rows)
    if "type" in call.values(prefix + "prop"):
        for row in listing.rows:
            row["type"] = member_type(call.site.pages[row["pageid"]])
    return listing


def member_type(page: Page) -> str:
    """What a page is to a category that it is in."""
    return {FILE: "file", CATEGORY: "subcat"}.get(page.ns, "page")


def random_pages(call: Call, generator: str) -> Listing:
    """``list=random``: pages from a place by chance on, and round once."""
    prefix = generator + "rn"
    spaces = call.values(prefix + "namespace")
    rows = sorted(
        (p for p in call.site.pages.values() if not spaces or str(p.ns) in spaces),
        key=lambda page: sha1(f"{page.id}".encode()).digest(),
    )
    limit, mark = call.limit(prefix + "limit", "random"), call.get(prefix + "continue")
    start, done = map(int, mark.split("|")) if mark else (randrange(max(len(rows), 1)), 0)
    turned = [*rows[start:], *rows[:start]]
    some, rest = turned[done : done + limit], turned[done + limit :]
    more = (prefix + "continue", f"{start}|{done + limit}") if rest else None
    told = [{"id": page.id, "ns": page.ns, "title": page.title} for page in some]
    return Listing(told, [page.id for page in some], more)


def _titles(call: Call, prefix: str, module: str, rows: list[Page]) -> Listing:
    some, more = piece(
        call,
        rows,
        prefix + "continue",
        call.limit(prefix + "limit", module),
        lambda page: page.title,
    )
    told = [{"pageid": page.id, "ns": page.ns, "title": page.title} for page in some]
    return Listing(told, [page.id for page in some], more)


def search(call: Call, generator: str) -> Listing:
    """``list=search`` of words in titles and texts.

    ``haswbstatement:`` finds nothing, without an error: as on a wiki without the search engine.
    """
    prefix = generator + "sr"
    words = re.findall(r"\S+", call.need(prefix + "search").lower())
    spaces = call.values(prefix + "namespace", "0")
    rows = sorted(
        (
            page
            for page in call.site.pages.values()
            if str(page.ns) in spaces
            and all(word in (page.title + call.site.latest(page).text).lower() for word in words)
        ),
        key=lambda page: page.id,
    )
    start, limit = call.number(prefix + "offset"), call.limit(prefix + "limit", "search")
    some = rows[start : start + limit]
    more = (prefix + "offset", str(start + limit)) if len(rows) > start + limit else None
    told = [{"ns": page.ns, "title": page.title, "pageid": page.id} for page in some]
    hits = {"searchinfo": {"totalhits": len(rows)}}
    return Listing(told, [page.id for page in some], more, hits)


def users(call: Call, generator: str) -> Listing:
    """``list=users``: by name, with groups, rights and block where asked."""
    rows: list[Json] = []
    wanted = call.values("usprop")
    for name in call.values("ususers"):
        user = call.state.users.get(name)
        if user is None:
            rows.append({"name": name, "missing": True})
            continue
        row: Json = {"userid": user.id, "name": name}
        if "groups" in wanted:
            row["groups"] = [*explicit(user.groups), *IMPLICIT]
        if "rights" in wanted:
            row["rights"] = user.rights
        rows.append(row)
    return Listing(rows)


def tags(call: Call, generator: str) -> Listing:
    """``list=tags``: the tags that were defined."""
    return Listing(
        [{"name": name, "active": True, "defined": True} for name in call.state.world.tags]
    )
